"""What a report on service levels says: frozen, for any format to be written from."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.health.rollup import Bucket, Quantiles, Quantity, quantiles
from monitor.health.series import Point
from monitor.model.incident import Incident
from monitor.model.result import Result
from monitor.model.window import WindowStats
from monitor.store.labels import Labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a report is asked for.

    Attributes:
        begin_at: From when on.
        end_at: Until when.
        vantage: The only vantage; None reports on each by itself.
        target: The key of the only target; None for all, as below.
        group: The only group.
        provider: The only provider.
    """

    begin_at: datetime
    end_at: datetime
    vantage: str | None = None
    target: str | None = None
    group: str | None = None
    provider: str | None = None

    def asks_for(self, labels: Labels, vantage: str) -> bool:
        """Tell whether a target from a vantage is wanted."""
        return (
            self.vantage in (None, vantage)
            and self.target in (None, labels.key)
            and self.group in (None, labels.group)
            and self.provider in (None, labels.provider)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """An incident with its evidence, as far as its results are kept.

    Attributes:
        incident: When, and why.
        seconds: How long it lasted, or has lasted by the end of the report; None where a target
            was retired while it was down.
        first: The first failing run.
        last: The last failing run.
        outcomes: How many failing runs ended in what, confirm runs included.
        request_ids: The provider's own ids of failing requests, the newest first.
    """

    incident: Incident
    seconds: float | None
    first: Result | None
    last: Result | None
    outcomes: Mapping[str, int]
    request_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetReport:
    """One target, from one vantage.

    Attributes:
        labels: Which.
        vantage: Where from.
        since_at: From when on it was probed; not before the report begins.
        interval_seconds: How often it was probed in that time; several if that was changed.
        completion: What its completion runs add up to.
        throughput: As *completion*, of throughput runs; None if it had none.
        episodes: Its incidents that touch the time, the oldest first.
    """

    labels: Labels
    vantage: str
    since_at: datetime
    interval_seconds: tuple[float, ...]
    completion: Point
    throughput: Point | None
    episodes: tuple[Episode, ...]

    @property
    def buckets(self) -> tuple[Bucket, ...]:
        """All runs, of each kind."""
        return tuple(each.bucket for each in (self.completion, self.throughput) if each)

    @property
    def cost_usd(self) -> float | None:
        """What all runs cost; None where no price is known."""
        return cost_of(self.buckets)

    def times(self, quantity: Quantity) -> Quantiles:
        """Give the quantiles of a quantity of the completion runs."""
        return quantiles(self.completion.bucket.sketch(quantity), self.completion.planned)

    @property
    def speeds(self) -> Quantiles:
        """The quantiles of tokens per second, of the throughput runs."""
        if self.throughput is None:
            return Quantiles()
        return quantiles(
            self.throughput.bucket.sketch(Quantity.OUTPUT_SPEED), self.throughput.planned
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupReport:
    """The targets of one group together, from one vantage.

    Attributes:
        group: Its name.
        vantage: Where from.
        targets: How many there are.
        stats: All their runs; its availability is that of the group: at least one target was.
        incidents: How many its targets had.
        cost_usd: What the runs cost; None where no price is known.
    """

    group: str
    vantage: str
    targets: int
    stats: WindowStats
    incidents: int
    cost_usd: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report.

    Attributes:
        wanted: What was asked for.
        begin_at: From when on it tells: a whole hour (UTC), or a day where hours are not kept.
        end_at: Until when: as *begin_at*, or when it was made, if that is sooner.
        generated_at: When it was made.
        version: Of this program.
        targets: Those with runs, or planned ones, in that time: by group, then by key.
        groups: What those of each group add up to.
    """

    wanted: Wanted
    begin_at: datetime
    end_at: datetime
    generated_at: datetime
    version: str
    targets: tuple[TargetReport, ...]
    groups: tuple[GroupReport, ...]

    @property
    def vantages(self) -> tuple[str, ...]:
        """Where the runs were seen from."""
        return tuple(sorted({each.vantage for each in self.targets}))

    @property
    def outcomes(self) -> Counter[str]:
        """How the scheduled completion runs ended."""
        return outcomes_of(each.completion.bucket for each in self.targets)

    @property
    def is_simulated(self) -> bool:
        """Every target is a simulated one."""
        return all(each.labels.simulated for each in self.targets)


def outcomes_of(buckets: Iterable[Bucket]) -> Counter[str]:
    """Count how scheduled runs ended, whatever the rule."""
    counts: Counter[str] = Counter()
    for bucket in buckets:
        for cause, count in bucket.outcomes.items():
            counts[cause.outcome] += count
    return counts


def cost_of(buckets: Iterable[Bucket]) -> float | None:
    """Add up what runs cost; None where no price is known."""
    return sum(bucket.spent.cost_usd for bucket in buckets) or None
