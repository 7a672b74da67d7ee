"""Pure: buckets lined up by hour or by date, each with the statistics of its span."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.health.buckets import Resolution, steps
from monitor.health.coverage import Span, expected_slots
from monitor.health.rollup import Bucket, Dated, merge_buckets, tally
from monitor.health.stats import publish
from monitor.model.window import WindowStats

#: A slot at the very begin of a span is in it, and one at its end is not; `expected_slots` counts
#: those after one instant and up to another.
_BEFORE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A step of a series.

    Attributes:
        begin_at: Its first instant.
        end_at: The first instant after it.
        planned: How many slots it has in all; those still to come are among them.
        stats: What its runs add up to; a step without any has no figures but coverage.
        bucket: Its runs.
    """

    begin_at: datetime
    end_at: datetime
    planned: int
    stats: WindowStats
    bucket: Bucket


def series(
    buckets: Iterable[Dated],
    resolution: Resolution,
    stretch: tuple[datetime, datetime],
    spans: Sequence[Span],
    settled_at: datetime,
) -> list[Point]:
    """Line buckets up by hour or by date (UTC), gaps included.

    Args:
        buckets: In any order; those shorter than a step are merged.
        resolution: The length of a step.
        stretch: From when to when; steps at its ends are whole.
        spans: The schedules that held, for coverage.
        settled_at: Up to when every slot's run must be over; later slots are not expected yet.
    """
    return list(points(buckets, resolution, stretch, spans, settled_at))


def points(
    buckets: Iterable[Dated],
    resolution: Resolution,
    stretch: tuple[datetime, datetime],
    spans: Sequence[Span],
    settled_at: datetime,
) -> Iterator[Point]:
    """As `series`, step by step, for whoever wants to pause in between."""
    by_step: dict[datetime, list[Bucket]] = defaultdict(list)
    for begin_at, bucket in buckets:
        by_step[resolution.begin_of(begin_at)].append(bucket)
    for begin_at in steps(resolution, *stretch):
        step = (begin_at, begin_at + resolution.length)
        yield point(merge_buckets(by_step[begin_at]), step, spans, settled_at)


def window(
    bucket: Bucket,
    stretch: tuple[datetime, datetime],
    spans: Sequence[Span],
    settled_at: datetime,
    planned: float = math.inf,
    output_tokens_per_second_median: float | None = None,
) -> WindowStats:
    """Make the statistics of a span.

    Args:
        bucket: All runs of the span.
        stretch: Its first instant, and its end.
        spans: The schedules that held, for coverage.
        settled_at: Up to when every slot's run must be over. A run that is over already, though
            its slot is later, never makes coverage more than 1.
        planned: As for `publish`.
        output_tokens_per_second_median: As for `publish`.
    """
    end_at = min(settled_at, stretch[1])
    expected = _expected(spans, stretch[0], end_at)
    known = bucket.availability.ratio
    return publish(
        tally(bucket),
        expected,
        planned=planned,
        availability_ratio=known,
        output_tokens_per_second_median=output_tokens_per_second_median,
    )


def point(
    bucket: Bucket, stretch: tuple[datetime, datetime], spans: Sequence[Span], settled_at: datetime
) -> Point:
    """Say what the runs of a span add up to, be it a step of a series or any other.

    Args:
        bucket: All runs of the span.
        stretch: Its first instant, and its end.
        spans: As for `series`.
        settled_at: As for `series`.
    """
    # Without a schedule that is known, the runs themselves tell how many were planned.
    planned = max(_expected(spans, *stretch), bucket.counts.samples)
    stats = window(bucket, stretch, spans, settled_at, planned)
    return Point(
        begin_at=stretch[0], end_at=stretch[1], planned=planned, stats=stats, bucket=bucket
    )


def _expected(spans: Sequence[Span], begin_at: datetime, end_at: datetime) -> int:
    return expected_slots(spans, begin_at.timestamp() - _BEFORE, end_at.timestamp() - _BEFORE)
