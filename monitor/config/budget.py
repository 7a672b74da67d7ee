"""What probing may cost, as the operator set it, held against what it will cost."""

from collections.abc import Iterable, Iterator, Sequence

from monitor.config.cost import Bill
from monitor.config.errors import Finding, Place
from monitor.config.schema import Document
from monitor.model.target import Probe
from monitor.probes.budget import Budget


def budget(document: Document) -> Budget:
    """Collect the limits of *document*."""
    return Budget(
        overall=document.budget.usd_per_day if document.budget else None,
        providers={
            name: body.budget_usd_per_day
            for name, body in document.providers.items()
            if body is not None and body.budget_usd_per_day is not None
        },
    )


def budget_warnings(limits: Budget, probes: Sequence[Probe]) -> Iterator[Finding]:
    """Tell each limit that the scheduled runs of a day may reach, or that cannot see them all."""
    if limits.overall is not None:
        yield from _warnings(("budget", "usd_per_day"), limits.overall, probes)
    for name, limit in limits.providers.items():
        own = (probe for probe in probes if probe.target.provider == name)
        yield from _warnings(("providers", name, "budget_usd_per_day"), limit, own)


def _warnings(place: Place, limit: float, probes: Iterable[Probe]) -> Iterator[Finding]:
    bill = Bill.of(probes)
    if bill.usd > limit:
        yield Finding(
            place,
            f"is below what a day may cost ({bill.usd:.2f} USD at most)",
            "near the budget throughput probes stop and intervals stretch; once it is spent, "
            "runs are missed",
        )
    if not bill.is_known:
        yield Finding(place, "does not count targets of unknown price", "write their prices")
