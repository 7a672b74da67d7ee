"""Pure: the totals of a target after one more run."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from monitor.model.outcome import Outcome
from monitor.model.result import Result
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
    totals = _spend(totals, result)
    verdict = result.verdict
    if result.confirm:
        return replace(totals, confirms=_more(totals.confirms, verdict.outcome.value))
    kind = result.kind.value
    which = (kind, verdict.outcome.value)
    if not verdict.is_valid:
        return replace(totals, excluded=_more(totals.excluded, which))
    totals = replace(totals, valid=_more(totals.valid, kind))
    if not verdict.is_good:
        return replace(totals, failures=_more(totals.failures, which))
    is_timed = result.kind is Kind.COMPLETION and verdict.outcome is Outcome.OK
    return _time(totals, result) if is_timed and not result.tainted else totals


def _spend(totals: Totals, result: Result) -> Totals:
    measured = result.measurement
    counts = {
        "input": measured.input_tokens,
        "output": measured.output_tokens,
        "reasoning": measured.reasoning_tokens,
        "cached": measured.cached_tokens,
    }
    tokens = totals.tokens
    for name, count in counts.items():
        if count and 0 < count <= _MOST_TOKENS:
            tokens = _more(tokens, name, count)
    cost = measured.cost_usd or 0.0
    if not 0.0 < cost <= _MOST_USD:
        return replace(totals, tokens=tokens)
    cost_usd = round(totals.cost_usd + round(cost, _USD_DECIMALS), _USD_DECIMALS)
    return replace(totals, tokens=tokens, cost_usd=cost_usd)


def _time(totals: Totals, result: Result) -> Totals:
    measured = result.measurement
    return replace(
        totals,
        ttft=_observe(totals.ttft, measured.ttft_seconds),
        duration=_observe(totals.duration, measured.duration_seconds),
    )


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
