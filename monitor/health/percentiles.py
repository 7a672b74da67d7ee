"""Pure: the percentiles that OpenRouter tells of an endpoint, of the runs of half an hour."""

from collections.abc import Iterable
from typing import NamedTuple

from monitor.health.stats import quantile

#: How many values each percentile is interpolated from at least.
_LEAST = {50: 5, 75: 8, 90: 10, 99: 100}
#: With fewer nothing is told.
_LEAST_OF_ALL = min(_LEAST.values())


class Percentiles(NamedTuple):
    """At least so many per cent of the runs did as well or better.

    Where a percentile has too few runs to be interpolated from, the worst of them stands for it:
    p75 below 8 runs, p90 below 10, p99 below 100. OpenRouter's form has no room for a gap.

    Attributes:
        p50: The median.
        p75: The 75th percentile.
        p90: The 90th.
        p99: The 99th.
    """

    p50: float
    p75: float
    p90: float
    p99: float


class Lately(NamedTuple):
    """How quick the runs of the last half hour were; None where fewer than 5 tell it.

    Attributes:
        ttft_seconds: Time to the first token, of completion runs.
        tokens_per_second: Of throughput runs.
    """

    ttft_seconds: Percentiles | None = None
    tokens_per_second: Percentiles | None = None


def percentiles(values: Iterable[float], *, more_is_better: bool = False) -> Percentiles | None:
    """Take the percentiles of values in any order; None of fewer than 5.

    >>> percentiles([1.0, 2.0, 3.0, 4.0, 5.0])
    Percentiles(p50=3.0, p75=5.0, p90=5.0, p99=5.0)
    >>> percentiles(map(float, range(11)), more_is_better=True)
    Percentiles(p50=5.0, p75=2.5, p90=1.0, p99=0.0)

    Args:
        values: Of one quantity.
        more_is_better: As of a speed: the higher percentiles are the lower values.
    """
    ordered = sorted(values)
    if len(ordered) < _LEAST_OF_ALL:
        return None
    worst = ordered[0 if more_is_better else -1]

    def of(per_cent: int, least: int) -> float:
        share = (100 - per_cent if more_is_better else per_cent) / 100
        told = quantile(ordered, share, least)
        return worst if told is None else told

    return Percentiles(*(of(per_cent, least) for per_cent, least in _LEAST.items()))
