"""What keeps a run from being made: the budget is spent, or a pause was asked for."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from monitor.model.outcome import Fault
from monitor.model.result import Result
from monitor.model.target import Probe
from monitor.probes.budget import Budget, Spending, is_affordable, spent_ratio

#: A pause that a provider asks for is kept for so long at most.
MAX_PAUSE = timedelta(minutes=10)


class Restraint:
    """Remembers costs and pauses of one daemon.

    Args:
        budget: What may be spent in a day.
        spending: What today has cost so far.
    """

    def __init__(self, budget: Budget, spending: Spending) -> None:
        self._budget = budget
        self._spending = spending
        self._paused_until: dict[str, datetime] = {}
        self._slots: Counter[str] = Counter()

    def replace(self, budget: Budget) -> None:
        """Keep to another budget from now on; what was spent stays spent."""
        self._budget = budget

    def reason(self, probe: Probe, slot_at: datetime, confirm: int = 0) -> str | None:
        """Say why a slot should not be run (`budget`, `retry_after`); None if it should.

        Asked once for each slot: it counts them, to pick every so-many-th near a budget's end.
        """
        until = self._paused_until.get(probe.target.key)
        if until is not None and slot_at < until:
            return "retry_after"
        self._slots[probe.key] += 0 if confirm else 1
        ratio = self.spent_ratio(probe.target.provider, slot_at)
        is_made = is_affordable(ratio, probe.kind, self._slots[probe.key], confirm=confirm)
        return None if is_made else "budget"

    def note(self, probe: Probe, result: Result) -> None:
        """Take in a result: what it cost, and the pause that was asked for.

        Only after account faults: a provider whose 503 says "come back in an hour" is probed
        on, or an hour of outage would be a single bad run.
        """
        cost = result.measurement.cost_usd
        if cost:
            self._spending = self._spending.plus(probe.target.provider, cost, result.at)
        pause, key = result.verdict.retry_after_seconds, probe.target.key
        if result.verdict.fault is Fault.ACCOUNT and pause:
            self._paused_until[key] = result.at + min(timedelta(seconds=pause), MAX_PAUSE)
        elif result.verdict.is_good:
            self._paused_until.pop(key, None)

    def spent_ratios(self, providers: Iterable[str], at: datetime) -> dict[str, float]:
        """Give the share for each provider that a budget covers."""
        ratios = {provider: self.spent_ratio(provider, at) for provider in providers}
        return {provider: ratio for provider, ratio in ratios.items() if ratio is not None}

    def spent_ratio(self, provider: str, at: datetime) -> float | None:
        """Give the share of the tightest budget over a provider that is spent."""
        return spent_ratio(self._budget, self._spending, provider, at)
