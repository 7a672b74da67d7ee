"""Pure: samples of a window in, uptime with its bounds and quantiles out."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.window import WindowStats

#: How many samples a quantile needs before it is told.
MIN_FOR_MEDIAN = 5
MIN_FOR_P95 = 20
#: A window that plans fewer than so many times the least samples tells no such quantile.
_ROOM = 2
_Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a window keeps of a scheduled completion run.

    Attributes:
        at: Seconds since the epoch of its slot.
        is_good: Good, if it is valid; None if it is excluded.
        is_executed: It took place and was ours to judge (neither `missed` nor `inconclusive`).
        openrouter_good: The verdict under OpenRouter's rule; None if that leaves it out.
        ttft_seconds: Of an untainted good run; None otherwise.
        duration_seconds: Of an untainted good run; None otherwise.
    """

    at: float
    is_good: bool | None
    is_executed: bool
    openrouter_good: bool | None = None
    ttft_seconds: float | None = None
    duration_seconds: float | None = None


def sample(result: Result) -> Sample:
    """Take from a result what a window needs."""
    verdict = result.verdict
    is_timed = verdict.is_good and not result.tainted
    # A starved run never came to its answer: its times say nothing of an answer's.
    is_timed = is_timed and verdict.outcome is Outcome.OK
    measured = result.measurement
    return Sample(
        at=result.slot_at.timestamp(),
        is_good=verdict.is_good if verdict.is_valid else None,
        is_executed=verdict.outcome not in (Outcome.MISSED, Outcome.INCONCLUSIVE),
        openrouter_good=verdict.openrouter_good,
        ttft_seconds=measured.ttft_seconds if is_timed else None,
        duration_seconds=measured.duration_seconds if is_timed else None,
    )


def summarize(
    samples: Sequence[Sample], expected: int, *, planned: float = math.inf
) -> WindowStats:
    """Add up the samples of one window, in any order.

    Args:
        samples: Scheduled completion runs of the window.
        expected: How many slots the schedule had in the window.
        planned: How many slots a window of this length has at this interval. A quantile that
            needs more than half of them is never told: it would come and go with each failure,
            and tell only of the windows without one.
    """
    good = sum(1 for each in samples if each.is_good)
    valid = sum(1 for each in samples if each.is_good is not None)
    executed = sum(1 for each in samples if each.is_executed)
    openrouter = [each.openrouter_good for each in samples if each.openrouter_good is not None]
    ttfts = sorted(_present(each.ttft_seconds for each in samples))
    durations = sorted(_present(each.duration_seconds for each in samples))
    lower, upper = wilson(good, valid) if valid else (None, None)
    return WindowStats(
        good=good,
        valid=valid,
        excluded=len(samples) - valid,
        expected=expected,
        uptime_ratio=good / valid if valid else None,
        uptime_lower_ratio=lower,
        uptime_upper_ratio=upper,
        openrouter_uptime_ratio=sum(openrouter) / len(openrouter) if openrouter else None,
        coverage_ratio=min(executed / expected, 1.0) if expected else None,
        ttft_median_seconds=_told(ttfts, 0.5, MIN_FOR_MEDIAN, planned),
        ttft_p95_seconds=_told(ttfts, 0.95, MIN_FOR_P95, planned),
        duration_median_seconds=_told(durations, 0.5, MIN_FOR_MEDIAN, planned),
        ttft_samples=len(ttfts),
    )


def wilson(good: int, valid: int) -> tuple[float, float]:
    """Give the Wilson score interval of a share at 95 %.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    JASA 22 (1927). It assumes independent runs; failures come in streaks, so it flatters.

    >>> [round(bound, 3) for bound in wilson(60, 60)]
    [0.94, 1.0]
    """
    share = good / valid
    z2 = _Z_95 * _Z_95
    centre = share + z2 / (2 * valid)
    spread = _Z_95 * math.sqrt((share * (1 - share) + z2 / (4 * valid)) / valid)
    scale = 1 + z2 / valid
    return max((centre - spread) / scale, 0.0), min((centre + spread) / scale, 1.0)


def quantile(ordered: Sequence[float], q: float, least: int) -> float | None:
    """Give the *q* quantile, linear between neighbours (as percentile_cont in SQL).

    Args:
        ordered: The values, in ascending order.
        q: The share of values below, from 0 to 1.
        least: With fewer values there is no answer, and None is given.

    >>> quantile([1.0, 2.0, 3.0, 4.0], 0.5, least=4)
    2.5
    """
    if not ordered or len(ordered) < least:
        return None
    place = q * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    # Written so that equal neighbours give exactly their value.
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _told(ordered: Sequence[float], q: float, least: int, planned: float) -> float | None:
    return quantile(ordered, q, least) if planned >= _ROOM * least else None


def _present(values: Iterable[float | None]) -> Iterable[float]:
    return (value for value in values if value is not None)
