"""Pure: runs of a span folded into a bucket, buckets merged, and what a bucket says.

Runs folded at once or by parts that are merged make the same bucket, whatever the order.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple, Self

from monitor.health.availability import Availability, total
from monitor.health.sketch import Sketch, merge
from monitor.health.stats import (
    MIN_FOR_MEDIAN,
    MIN_FOR_P95,
    ROOM,
    Counts,
    Latency,
    Tally,
    quantile,
)
from monitor.model.outcome import Fault, Outcome
from monitor.model.result import Result
from monitor.model.target import Kind

MIN_FOR_P75 = 8
MIN_FOR_P99 = 100

#: Costs are told to a billionth of a dollar, so that they add up to the same in any order.
_USD_DECIMALS = 9
_NOT_EXECUTED = (Outcome.MISSED, Outcome.INCONCLUSIVE)


class Quantity(StrEnum):
    """What is sketched; named as in `Measurement`."""

    TTFT = "ttft_seconds"
    TTFAT = "ttfat_seconds"
    DURATION = "duration_seconds"
    CONNECT = "connect_seconds"
    OUTPUT_SPEED = "output_tokens_per_second"
    E2E_SPEED = "e2e_tokens_per_second"


#: What is sketched of the runs of each kind: sixteen tokens tell no speed.
QUANTITIES: Mapping[Kind, tuple[Quantity, ...]] = {
    Kind.COMPLETION: (Quantity.TTFT, Quantity.TTFAT, Quantity.DURATION, Quantity.CONNECT),
    Kind.THROUGHPUT: (Quantity.OUTPUT_SPEED, Quantity.E2E_SPEED),
    Kind.MODELS: (),
}


class Cause(NamedTuple):
    """An outcome, and the id of the rule that decided."""

    outcome: str
    rule: str


class Spent(NamedTuple):
    """Tokens paid for, and what they cost where prices are known."""

    input_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    cached_tokens: int = 0
    cost_usd: float = 0.0


class Run(NamedTuple):
    """What a bucket wants of a result; each field is named as the column it is stored in."""

    confirm: int
    outcome: str
    rule: str
    fault: str
    openrouter_good: bool | None
    tainted: bool
    input_tokens: int | None
    output_tokens: int | None
    reasoning_tokens: int | None
    cached_tokens: int | None
    cost_usd: float | None
    ttft_seconds: float | None
    ttfat_seconds: float | None
    duration_seconds: float | None
    connect_seconds: float | None
    output_tokens_per_second: float | None
    e2e_tokens_per_second: float | None

    @classmethod
    def of(cls, result: Result) -> Self:
        """Take from a result what a bucket wants."""
        verdict, measured = result.verdict, result.measurement
        run = (result.confirm, *attrgetter(*cls._fields[1:5])(verdict), result.tainted)
        return cls(*run, *attrgetter(*cls._fields[6:])(measured))


_NO_COUNTS = Counts(0, 0, 0, 0, 0, 0)
_NOTHING_SPENT = Spent()
_NOTHING_KNOWN = Availability()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """What the runs of one kind, of one target from one vantage, add up to in a span.

    Attributes:
        counts: Of scheduled runs, under both policies.
        outcomes: How often scheduled runs ended in what, and by which rule.
        confirms: As *outcomes*, of confirm runs, which count nowhere else but in *spent*.
        spent: By all runs.
        sketches: Of untainted scheduled runs that ended in `ok`; only those that have values.
        availability: For how long the target was available in the span; of completions only, and
            not known from the runs alone.
    """

    counts: Counts = _NO_COUNTS
    outcomes: Mapping[Cause, int] = field(default_factory=dict)
    confirms: Mapping[Cause, int] = field(default_factory=dict)
    spent: Spent = _NOTHING_SPENT
    sketches: Mapping[Quantity, Sketch] = field(default_factory=dict)
    availability: Availability = _NOTHING_KNOWN

    def sketch(self, quantity: Quantity) -> Sketch:
        """Give the sketch of a quantity, which may be empty."""
        return self.sketches.get(quantity, Sketch())


class Dated(NamedTuple):
    """A bucket, and when its span begins."""

    begin_at: datetime
    bucket: Bucket


def fold(kind: Kind, runs: Iterable[Run]) -> Bucket:
    """Fold runs of one kind into a bucket."""
    runs = list(runs)
    scheduled = [run for run in runs if run.confirm == 0]
    timed = [run for run in scheduled if run.outcome == Outcome.OK and not run.tainted]
    return Bucket(
        counts=_count(scheduled),
        outcomes=Counter(Cause(run.outcome, run.rule) for run in scheduled),
        confirms=Counter(Cause(run.outcome, run.rule) for run in runs if run.confirm),
        spent=_add(Spent(*(getattr(run, name) or 0 for name in Spent._fields)) for run in runs),
        sketches=_filled({each: _sketch(timed, each) for each in QUANTITIES[kind]}),
    )


def merge_buckets(buckets: Iterable[Bucket]) -> Bucket:
    """Make the bucket of all runs of the buckets."""
    buckets = list(buckets)
    if len(buckets) == 1:
        return buckets[0]
    quantities = {quantity for each in buckets for quantity in each.sketches}
    columns = zip(_NO_COUNTS, *(each.counts for each in buckets), strict=True)
    return Bucket(
        counts=Counts(*(sum(column) for column in columns)),
        outcomes=_sum(each.outcomes for each in buckets),
        confirms=_sum(each.confirms for each in buckets),
        spent=_add(each.spent for each in buckets),
        sketches={
            quantity: merge(each.sketch(quantity) for each in buckets)
            for quantity in sorted(quantities)
        },
        availability=total(each.availability for each in buckets),
    )


class Quantiles(NamedTuple):
    """Of one quantity; each is None where there are too few values (5, 8, 20, 100).

    Attributes:
        samples: How many values there are.
        median: In the unit of the quantity, as all others.
        p75: Three quarters of the values are below.
        p95: As *p75*.
        p99: As *p75*.
    """

    samples: int = 0
    median: float | None = None
    p75: float | None = None
    p95: float | None = None
    p99: float | None = None


def quantiles(sketch: Sketch, planned: float = math.inf) -> Quantiles:
    """Take the quantiles, each within `RELATIVE_ERROR` of that of the values themselves.

    Args:
        sketch: Of the values.
        planned: As for `publish`.
    """
    values = sketch.ordered()

    def told(q: float, least: int) -> float | None:
        return quantile(values, q, least) if planned >= ROOM * least else None

    return Quantiles(
        len(values),
        told(0.5, MIN_FOR_MEDIAN),
        told(0.75, MIN_FOR_P75),
        told(0.95, MIN_FOR_P95),
        told(0.99, MIN_FOR_P99),
    )


def tally(bucket: Bucket) -> Tally:
    """Give what `publish` makes the statistics of a window from."""
    times = (bucket.sketch(each).ordered() for each in (Quantity.TTFT, Quantity.DURATION))
    return Tally(bucket.counts, Latency.of(*times))


def _count(scheduled: Sequence[Run]) -> Counts:
    good = sum(1 for run in scheduled if run.fault == Fault.NONE)
    openrouter = [run.openrouter_good for run in scheduled if run.openrouter_good is not None]
    return Counts(
        samples=len(scheduled),
        good=good,
        valid=good + sum(1 for run in scheduled if run.fault == Fault.PROVIDER),
        executed=sum(1 for run in scheduled if run.outcome not in _NOT_EXECUTED),
        openrouter_good=sum(openrouter),
        openrouter_valid=len(openrouter),
    )


def _sketch(runs: Sequence[Run], quantity: Quantity) -> Sketch:
    values = (getattr(run, quantity) for run in runs)
    return Sketch.of(value for value in values if value is not None)


def _filled(sketches: Mapping[Quantity, Sketch]) -> Mapping[Quantity, Sketch]:
    return {quantity: sketch for quantity, sketch in sketches.items() if sketch.count}


def _sum(counts: Iterable[Mapping[Cause, int]]) -> Counter[Cause]:
    total: Counter[Cause] = Counter()
    for each in counts:
        total.update(each)
    return total


def _add(spendings: Iterable[Spent]) -> Spent:
    columns = list(zip(_NOTHING_SPENT, *spendings, strict=True))
    cost_usd = round(math.fsum(columns[-1]), _USD_DECIMALS)
    return Spent._make([*(int(sum(column)) for column in columns[:-1]), cost_usd])
