"""Pure: buckets lined up by hour or by date, each with the statistics of its span."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
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
        stats: What its runs add up to; a step without any has no figures but coverage.
        bucket: Its runs.
    """

    begin_at: datetime
    end_at: datetime
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
    by_step: dict[datetime, list[Bucket]] = defaultdict(list)
    for begin_at, bucket in buckets:
        by_step[resolution.begin_of(begin_at)].append(bucket)
    return [
        _point(begin_at, resolution, merge_buckets(by_step[begin_at]), spans, settled_at)
        for begin_at in steps(resolution, *stretch)
    ]


def window(
    bucket: Bucket,
    stretch: tuple[datetime, datetime],
    spans: Sequence[Span],
    settled_at: datetime,
    planned: float = math.inf,
) -> WindowStats:
    """Make the statistics of a span.

    Args:
        bucket: All runs of the span.
        stretch: Its first instant, and its end.
        spans: The schedules that held, for coverage.
        settled_at: Up to when every slot's run must be over. A run that is over already, though
            its slot is later, never makes coverage more than 1.
        planned: As for `publish`.
    """
    end_at = min(settled_at, stretch[1])
    expected = _expected(spans, stretch[0], end_at)
    return publish(tally(bucket), expected, planned=planned)


def _point(
    begin_at: datetime,
    resolution: Resolution,
    bucket: Bucket,
    spans: Sequence[Span],
    settled_at: datetime,
) -> Point:
    end_at = begin_at + resolution.length
    # Without a schedule that is known, the runs themselves tell how many were planned.
    planned = max(_expected(spans, begin_at, end_at), bucket.counts.samples)
    stats = window(bucket, (begin_at, end_at), spans, settled_at, planned)
    return Point(begin_at=begin_at, end_at=end_at, stats=stats, bucket=bucket)


def _expected(spans: Sequence[Span], begin_at: datetime, end_at: datetime) -> int:
    return expected_slots(spans, begin_at.timestamp() - _BEFORE, end_at.timestamp() - _BEFORE)
