"""Pure: the totals of a target after one more run."""

from bisect import bisect_left
from collections.abc import Mapping
from typing import TypeVar

from monitor.model.outcome import Outcome
from monitor.model.result import Measurement, Result
from monitor.model.snapshot import DURATION_BUCKETS, Histogram, Totals
from monitor.model.target import Kind

K = TypeVar("K")

#: What a run cannot have used: a count or a cost beyond it is a slip of the provider, and one
#: of them would spoil the sum for ever.
_MOST_TOKENS = 10**12
_MOST_USD = 1e6

#: Decimals that sums are kept to. They make a sum the same number in whatever order it came
#: about, so that one that went on after a restart is never a hair below what was shown before.
_USD_DECIMALS = 9
_SECONDS_DECIMALS = 6


def add(totals: Totals, result: Result) -> Totals:
    """Take one run into the totals; what was given is left as it was."""
    verdict, kind, outcome = result.verdict, result.kind.value, result.verdict.outcome.value
    valid, failures, excluded, confirms = (
        totals.valid,
        totals.failures,
        totals.excluded,
        totals.confirms,
    )
    if result.confirm:
        confirms = _more(confirms, outcome)
    elif not verdict.is_valid:
        excluded = _more(excluded, (kind, outcome))
    else:
        valid = _more(valid, kind)
        if not verdict.is_good:
            failures = _more(failures, (kind, outcome))
    ttft_seconds, duration_seconds = _times(result)
    # One new object: `replace` for each that changes would take three times as long.
    return Totals(
        valid=valid,
        failures=failures,
        excluded=excluded,
        confirms=confirms,
        tokens=_tokens(totals.tokens, result.measurement),
        cost_usd=_cost(totals.cost_usd, result.measurement.cost_usd or 0.0),
        ttft=_observe(totals.ttft, ttft_seconds),
        duration=_observe(totals.duration, duration_seconds),
    )


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


def _times(result: Result) -> tuple[float | None, float | None]:
    """Give the time to the first token and the duration of a run that says something by them."""
    is_scheduled = result.kind is Kind.COMPLETION and not result.confirm
    if not is_scheduled or result.tainted or result.verdict.outcome is not Outcome.OK:
        return None, None
    return result.measurement.ttft_seconds, result.measurement.duration_seconds


def _observe(histogram: Histogram, seconds: float | None) -> Histogram:
    if seconds is None:
        return histogram
    counts = list(histogram.counts)
    counts[bisect_left(DURATION_BUCKETS, seconds)] += 1
    seconds = round(seconds, _SECONDS_DECIMALS)
    return Histogram(
        counts=tuple(counts), sum_seconds=round(histogram.sum_seconds + seconds, _SECONDS_DECIMALS)
    )


def _more(counts: Mapping[K, int], which: K, by: int = 1) -> dict[K, int]:
    return {**counts, which: counts.get(which, 0) + by}
