"""Pure: what probing may cost in a day, and what to leave out as that comes near."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from monitor.model.target import Kind

#: From this share of a budget on, no throughput runs: they cost most and are asked least.
NO_THROUGHPUT_FROM = 0.8
#: From these shares on, only every so-many-th slot of a completion probe is run.
STRETCHES = ((0.95, 4), (0.9, 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """US dollars per UTC day.

    Attributes:
        overall: For all providers together; None for no bound.
        providers: For one provider, by name.
    """

    overall: float | None = None
    providers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What a day has cost so far, by provider, in US dollars."""

    day: date
    by_provider: Mapping[str, float] = field(default_factory=dict)

    def plus(self, provider: str, cost_usd: float, at: datetime) -> "Spending":
        """Add a cost; with the first of a new day the sums begin anew."""
        if at.date() > self.day:
            return Spending(day=at.date(), by_provider={provider: cost_usd})
        spent = self.by_provider.get(provider, 0.0) + cost_usd
        return replace(self, by_provider={**self.by_provider, provider: spent})


def spent_ratio(budget: Budget, spending: Spending, provider: str, at: datetime) -> float | None:
    """Give the share of the tightest budget over *provider* that is spent; None without one."""
    by_provider = spending.by_provider if at.date() <= spending.day else {}
    shares = []
    if budget.overall is not None:
        shares.append(sum(by_provider.values()) / budget.overall)
    if provider in budget.providers:
        shares.append(by_provider.get(provider, 0.0) / budget.providers[provider])
    return max(shares, default=None)


def is_affordable(ratio: float | None, kind: Kind, slot_number: int, *, confirm: int = 0) -> bool:
    """Say whether a run should still be made.

    Near the end of a budget throughput runs stop first, then completion intervals stretch (and
    no confirm runs are made); when it is spent, only the free listing goes on.

    Args:
        ratio: The share of the budget that is spent; None for no budget.
        kind: What the run would ask for.
        slot_number: Counts the probe's slots, so that every so-many-th can be picked.
        confirm: 0 for a scheduled run.
    """
    if ratio is None or kind is Kind.MODELS:
        return True
    if kind is Kind.THROUGHPUT:
        return ratio < NO_THROUGHPUT_FROM
    stretch = next((every for share, every in STRETCHES if ratio >= share), 1)
    if confirm and stretch > 1:
        return False
    return ratio < 1.0 and slot_number % stretch == 0
