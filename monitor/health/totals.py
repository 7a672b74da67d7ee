"""Pure: the totals of a target after one more run."""

from bisect import bisect_left
from collections.abc import Mapping
from operator import attrgetter
from typing import TypeVar

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


def add(totals: Totals, result: Result) -> Totals:
    """Take one run into the totals; what was given is left as it was."""
    verdict, kind, outcome = result.verdict, result.kind.value, result.verdict.outcome.value
    valid, failures, excluded = totals.valid, totals.failures, totals.excluded
    causes, confirms = totals.causes, totals.confirms
    if result.confirm:
        confirms = _more(confirms, outcome)
    elif not verdict.is_valid:
        excluded = _more(excluded, (kind, outcome))
    else:
        valid = _more(valid, kind)
        if not verdict.is_good:
            failures = _more(failures, (kind, outcome))
    if not result.confirm and not (verdict.is_valid and verdict.is_good):
        causes = _more(causes, (kind, outcome, verdict.rule))
    # One new object: `replace` for each that changes would take three times as long.
    return Totals(
        valid=valid,
        failures=failures,
        excluded=excluded,
        causes=causes,
        confirms=confirms,
        tokens=_tokens(totals.tokens, result.measurement),
        cost_usd=_cost(totals.cost_usd, result.measurement.cost_usd or 0.0),
        histograms=_observed(totals, observations(result)),
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


def _tokens(tokens: Mapping[str, int], measured: Measurement) -> Mapping[str, int]:
    counts = (
        ("input", measured.input_tokens),
        ("output", measured.output_tokens),
        ("reasoning", measured.reasoning_tokens),
        ("cached", measured.cached_tokens),
    )
    for name, count in counts:
        if count and 0 < count <= _MOST_TOKENS:
            tokens = _more(tokens, name, count)
    return tokens


def _cost(cost_usd: float, more_usd: float) -> float:
    if not 0.0 < more_usd <= _MOST_USD:
        return cost_usd
    return round(cost_usd + round(more_usd, _USD_DECIMALS), _USD_DECIMALS)


def _observed(totals: Totals, values: Mapping[str, float]) -> Mapping[str, Histogram]:
    if not values:
        return totals.histograms
    more = {name: _one_more(totals.histogram(name), name, value) for name, value in values.items()}
    return {**totals.histograms, **more}


def _one_more(histogram: Histogram, name: str, value: float) -> Histogram:
    counts = list(histogram.counts)
    counts[bisect_left(BUCKETS[name], value)] += 1
    total = round(histogram.total + round(value, _DECIMALS), _DECIMALS)
    return Histogram(counts=tuple(counts), total=total)


def _more(counts: Mapping[K, int], which: K, by: int = 1) -> dict[K, int]:
    return {**counts, which: counts.get(which, 0) + by}
