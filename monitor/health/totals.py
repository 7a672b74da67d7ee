"""Pure: the totals of a target after one more run."""

from bisect import bisect_left
from collections.abc import Mapping
from operator import attrgetter
from typing import NamedTuple, TypeVar

from monitor.model.outcome import Outcome
from monitor.model.result import Measurement, Result
from monitor.model.snapshot import BUCKETS, Histogram, Totals
from monitor.model.target import Kind

K = TypeVar("K")

#: What a run cannot have used: a count or a cost beyond it is a slip of the provider, and one
#: of them would spoil the sum for ever.
_MOST_TOKENS = 10**12
_MOST_USD = 1e6

#: Decimals that sums are kept to. They make a sum the same number in whatever order it came
#: about, so that one that went on after a restart is never a hair below what was shown before.
_USD_DECIMALS = 9
_DECIMALS = 6

#: What is observed of the runs of each kind: sixteen tokens tell no speed.
_SPEED = "output_tokens_per_second"
_TIMES = tuple(name for name in BUCKETS if name != _SPEED)
_times_of = attrgetter(*_TIMES)


class Growth(NamedTuple):
    """What one run adds to the `Totals` of its target; one to each that it names.

    Attributes:
        valid: The kind, if it counts in uptime.
        failure: Its kind and outcome, if it counts in uptime and was not good.
        excluded: Its kind and outcome, if it does not count.
        cause: Kind, outcome and rule, with *failure* and with *excluded*.
        confirm: The outcome of a confirm run, which is none of the others.
        tokens: How many of which type.
        cost_usd: What they cost.
        observed: What histograms are to take, by their names.
    """

    valid: str | None
    failure: tuple[str, str] | None
    excluded: tuple[str, str] | None
    cause: tuple[str, str, str] | None
    confirm: str | None
    tokens: tuple[tuple[str, int], ...]
    cost_usd: float
    observed: Mapping[str, float]


def growth_of(result: Result) -> Growth:
    """Tell what a run adds."""
    verdict, kind, outcome = result.verdict, result.kind.value, result.verdict.outcome.value
    is_scheduled = not result.confirm
    counts = is_scheduled and verdict.is_valid
    failure = (kind, outcome) if counts and not verdict.is_good else None
    excluded = (kind, outcome) if is_scheduled and not verdict.is_valid else None
    return Growth(
        valid=kind if counts else None,
        failure=failure,
        excluded=excluded,
        cause=(kind, outcome, verdict.rule) if failure or excluded else None,
        confirm=None if is_scheduled else outcome,
        tokens=_tokens(result.measurement),
        cost_usd=_cost(result.measurement.cost_usd),
        observed=observations(result),
    )


def add(totals: Totals, result: Result) -> Totals:
    """Take one run into the totals; what was given is left as it was."""
    more = growth_of(result)
    tokens = totals.tokens
    for name, count in more.tokens:
        tokens = _more(tokens, name, count)
    # One new object: `replace` for each that changes would take three times as long.
    return Totals(
        valid=_more(totals.valid, more.valid),
        failures=_more(totals.failures, more.failure),
        excluded=_more(totals.excluded, more.excluded),
        causes=_more(totals.causes, more.cause),
        confirms=_more(totals.confirms, more.confirm),
        tokens=tokens,
        cost_usd=more_usd(totals.cost_usd, more.cost_usd),
        histograms=_observed(totals, more.observed),
    )


def observations(result: Result) -> dict[str, float]:
    """Give what a run adds to histograms, by their names: nothing, if it tells nothing by them."""
    if result.confirm or result.tainted or result.verdict.outcome is not Outcome.OK:
        return {}
    if result.kind is Kind.COMPLETION:
        times = zip(_TIMES, _times_of(result.measurement), strict=True)
        return {name: seconds for name, seconds in times if seconds is not None}
    speed = result.measurement.output_tokens_per_second
    return {} if speed is None or result.kind is not Kind.THROUGHPUT else {_SPEED: speed}


def more_usd(total_usd: float, by_usd: float) -> float:
    """Add a cost to the sum of them."""
    return round(total_usd + round(by_usd, _USD_DECIMALS), _USD_DECIMALS)


def more_observed(total: float, by: float) -> float:
    """Add an observation to the sum of a histogram."""
    return round(total + round(by, _DECIMALS), _DECIMALS)


def _tokens(measured: Measurement) -> tuple[tuple[str, int], ...]:
    counts = (
        ("input", measured.input_tokens),
        ("output", measured.output_tokens),
        ("reasoning", measured.reasoning_tokens),
        ("cached", measured.cached_tokens),
    )
    return tuple((name, count) for name, count in counts if count and 0 < count <= _MOST_TOKENS)


def _cost(cost_usd: float | None) -> float:
    return cost_usd if cost_usd and 0.0 < cost_usd <= _MOST_USD else 0.0


def _observed(totals: Totals, values: Mapping[str, float]) -> Mapping[str, Histogram]:
    if not values:
        return totals.histograms
    more = {name: _one_more(totals.histogram(name), name, value) for name, value in values.items()}
    return {**totals.histograms, **more}


def _one_more(histogram: Histogram, name: str, value: float) -> Histogram:
    counts = list(histogram.counts)
    counts[bisect_left(BUCKETS[name], value)] += 1
    return Histogram(counts=tuple(counts), total=more_observed(histogram.total, value))


def _more(counts: Mapping[K, int], which: K | None, by: int = 1) -> Mapping[K, int]:
    return counts if which is None else {**counts, which: counts.get(which, 0) + by}
