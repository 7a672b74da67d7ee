"""Pure: samples of a window in, uptime with its bounds and quantiles out."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from monitor.model.outcome import Outcome, Verdict
from monitor.model.result import Result
from monitor.model.window import WindowStats

#: How many samples a quantile needs before it is told.
MIN_FOR_MEDIAN = 5
MIN_FOR_P95 = 20
#: A window that plans fewer than so many times the least samples tells no such quantile.
ROOM = 2
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
        took_place: There was a run, whatever became of it.
    """

    at: float
    is_good: bool | None
    is_executed: bool
    openrouter_good: bool | None = None
    ttft_seconds: float | None = None
    duration_seconds: float | None = None
    took_place: bool = True


def sample(result: Result) -> Sample:
    """Take from a result what a window needs."""
    times = result.measurement.ttft_seconds, result.measurement.duration_seconds
    at, took_place = result.slot_at.timestamp(), result.started_at is not None
    return sample_of(at, result.verdict, times, tainted=result.tainted, took_place=took_place)


def sample_of(
    at: float,
    verdict: Verdict,
    times: tuple[float | None, float | None],
    *,
    tainted: bool,
    took_place: bool = True,
) -> Sample:
    """Make a sample of the parts of a result.

    Args:
        at: Seconds since the epoch of its slot.
        verdict: What it was judged to be.
        times: To the first token and to the last one, in seconds.
        tainted: Our own delay spoiled the times.
        took_place: There was a run.
    """
    # A starved run never came to its answer: its times say nothing of an answer's.
    is_timed = verdict.is_good and not tainted and verdict.outcome is Outcome.OK
    ttft_seconds, duration_seconds = times if is_timed else (None, None)
    return Sample(
        at=at,
        is_good=verdict.is_good if verdict.is_valid else None,
        is_executed=verdict.outcome not in (Outcome.MISSED, Outcome.INCONCLUSIVE),
        openrouter_good=verdict.openrouter_good,
        ttft_seconds=ttft_seconds,
        duration_seconds=duration_seconds,
        took_place=took_place,
    )


class Counts(NamedTuple):
    """How many samples a window has, and how many of them are what.

    Attributes:
        samples: All of them.
        good: Good and valid.
        valid: Count in uptime.
        executed: Took place and were ours to judge.
        openrouter_good: Good under OpenRouter's rule.
        openrouter_valid: Count under OpenRouter's rule.
    """

    samples: int
    good: int
    valid: int
    executed: int
    openrouter_good: int
    openrouter_valid: int


class Latency(NamedTuple):
    """The times of a window; a quantile of too few is None.

    Attributes:
        samples: How many runs have a TTFT.
        ttft_median_seconds: Of these.
        ttft_p95_seconds: Of these.
        duration_median_seconds: Of the runs that have a duration.
    """

    samples: int
    ttft_median_seconds: float | None
    ttft_p95_seconds: float | None
    duration_median_seconds: float | None

    @classmethod
    def of(cls, ttfts: Sequence[float], durations: Sequence[float], *, unit: float = 1) -> Self:
        """Take the quantiles of times in ascending order, *unit* of which make a second."""
        return cls(
            len(ttfts),
            quantile(ttfts, 0.5, MIN_FOR_MEDIAN, unit=unit),
            quantile(ttfts, 0.95, MIN_FOR_P95, unit=unit),
            quantile(durations, 0.5, MIN_FOR_MEDIAN, unit=unit),
        )


class Tally(NamedTuple):
    """What the samples of a window add up to, before the schedule is asked."""

    counts: Counts
    latency: Latency


def summarize(
    samples: Sequence[Sample], expected: int, *, planned: float = math.inf
) -> WindowStats:
    """Add up the samples of one window, in any order.

    Args:
        samples: Scheduled completion runs of the window.
        expected: How many slots the schedule had in the window.
        planned: As for `publish`.
    """
    ttfts = sorted(_present(each.ttft_seconds for each in samples))
    durations = sorted(_present(each.duration_seconds for each in samples))
    return publish(Tally(_count(samples), Latency.of(ttfts, durations)), expected, planned=planned)


def publish(
    tally: Tally,
    expected: int,
    *,
    planned: float = math.inf,
    availability_ratio: float | None = None,
    output_tokens_per_second_median: float | None = None,
) -> WindowStats:
    """Make the figures of a window from what its samples add up to.

    Args:
        tally: Of scheduled completion runs.
        expected: How many slots the schedule had in the window.
        planned: How many slots a window of this length has at this interval. A quantile that
            needs more than half of them is never told: it would come and go with each failure,
            and tell only of the windows without one.
        availability_ratio: Told as it is given.
        output_tokens_per_second_median: Told as it is given.
    """
    counts, latency = tally
    good, valid = counts.good, counts.valid
    lower, upper = wilson(good, valid) if valid else (None, None)
    has_median, has_p95 = planned >= ROOM * MIN_FOR_MEDIAN, planned >= ROOM * MIN_FOR_P95
    return WindowStats(
        good=good,
        valid=valid,
        excluded=counts.samples - valid,
        expected=expected,
        uptime_ratio=_share(good, valid),
        uptime_lower_ratio=lower,
        uptime_upper_ratio=upper,
        openrouter_uptime_ratio=_share(counts.openrouter_good, counts.openrouter_valid),
        coverage_ratio=min(counts.executed / expected, 1.0) if expected else None,
        ttft_median_seconds=latency.ttft_median_seconds if has_median else None,
        ttft_p95_seconds=latency.ttft_p95_seconds if has_p95 else None,
        duration_median_seconds=latency.duration_median_seconds if has_median else None,
        ttft_samples=latency.samples,
        availability_ratio=availability_ratio,
        output_tokens_per_second_median=output_tokens_per_second_median,
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


def quantile(ordered: Sequence[float], q: float, least: int, *, unit: float = 1) -> float | None:
    """Give the *q* quantile, linear between neighbours (as percentile_cont in SQL).

    Args:
        ordered: The values, in ascending order.
        q: The share of values below, from 0 to 1.
        least: With fewer values there is no answer, and None is given.
        unit: What the values are divided by.

    >>> quantile([1.0, 2.0, 3.0, 4.0], 0.5, least=4)
    2.5
    >>> quantile([100_000, 300_000], 0.5, least=2, unit=1_000_000)
    0.2
    """
    if not ordered or len(ordered) < least:
        return None
    place = q * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    low, high = ordered[below] / unit, ordered[above] / unit
    # Written so that equal neighbours give exactly their value.
    return low + (high - low) * (place - below)


def _count(samples: Sequence[Sample]) -> Counts:
    openrouter = [each.openrouter_good for each in samples if each.openrouter_good is not None]
    return Counts(
        samples=len(samples),
        good=sum(1 for each in samples if each.is_good),
        valid=sum(1 for each in samples if each.is_good is not None),
        executed=sum(1 for each in samples if each.is_executed),
        openrouter_good=sum(openrouter),
        openrouter_valid=len(openrouter),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _present(values: Iterable[float | None]) -> Iterable[float]:
    return (value for value in values if value is not None)
