"""Pure: the percentiles that OpenRouter tells of an endpoint, of the runs of half an hour."""

from collections.abc import Iterable
from typing import NamedTuple

from monitor.health.stats import quantile

#: How many values each percentile needs before it is told.
_LEAST = {50: 5, 75: 8, 90: 10, 99: 100}


class Percentiles(NamedTuple):
    """So many per cent of the runs did as well or better; each is None where too few ran.

    Attributes:
        p50: The median, of 5 at least.
        p75: Of 8 at least.
        p90: Of 10 at least.
        p99: Of 100 at least.
    """

    p50: float | None = None
    p75: float | None = None
    p90: float | None = None
    p99: float | None = None


class Lately(NamedTuple):
    """How quick the runs of the last half hour were.

    Attributes:
        ttft_seconds: Time to the first token, of completion runs.
        tokens_per_second: Of throughput runs.
    """

    ttft_seconds: Percentiles = Percentiles()
    tokens_per_second: Percentiles = Percentiles()


def percentiles(values: Iterable[float], *, more_is_better: bool = False) -> Percentiles:
    """Take the percentiles of values in any order.

    >>> percentiles([1.0, 2.0, 3.0, 4.0, 5.0])
    Percentiles(p50=3.0, p75=None, p90=None, p99=None)
    >>> percentiles(map(float, range(11)), more_is_better=True).p90
    1.0

    Args:
        values: Of one quantity.
        more_is_better: As of a speed: the higher percentiles are the lower values.
    """
    ordered = sorted(values)
    shares = {per_cent: per_cent / 100 for per_cent in _LEAST}
    if more_is_better:
        shares = {per_cent: (100 - per_cent) / 100 for per_cent in _LEAST}
    return Percentiles(
        *(quantile(ordered, shares[per_cent], least) for per_cent, least in _LEAST.items())
    )
