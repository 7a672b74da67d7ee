"""Pure: the long windows of a target, of what was folded and of the hours that were not yet."""

import math
import zlib
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from struct import Struct
from types import MappingProxyType
from typing import NamedTuple

from monitor.health.availability import Availability, Span, total
from monitor.health.buckets import HOUR, Resolution
from monitor.health.columns import ABSENT, MICRO, Columns
from monitor.health.rollup import Bucket, Quantity
from monitor.health.sketch import Sketch, merge
from monitor.health.sliding import count_flags
from monitor.health.stats import Counts

#: What the long windows tell quantiles of.
QUANTITIES = (Quantity.TTFT, Quantity.DURATION)
#: So many hours before the running one are taken from memory where they were not folded. It has
#: 24; the others are for what was read of the store some time ago.
HELD_HOURS = 21

#: Most targets have none: it is one for all of them.
NO_SPEEDS: Mapping[str, float] = MappingProxyType({})

#: Counts, availability, and how many bytes the first sketch has.
_HEAD = Struct("<6q2dI")


class Past(NamedTuple):
    """What a store knew of the long windows of a target.

    Attributes:
        begins: When each window begins (a whole hour, UTC), by its name.
        sums: What was folded of each, in the same order, packed.
        waiting: The last hours that are not in it, those to come included: from when until when,
            in order.
        speeds: The median tokens a second of the throughput runs of each window that has enough.
        maintained: Of folded hours in which there was planned work: when they began, their good
            and their valid runs.
    """

    begins: Mapping[str, datetime]
    sums: tuple[bytes, ...]
    waiting: tuple[Span, ...]
    speeds: Mapping[str, float] = NO_SPEEDS
    maintained: Sequence[tuple[float, int, int]] = ()


def pack(bucket: Bucket) -> bytes:
    """Keep of a bucket what a window wants, in few bytes: thousands of targets have three each."""
    first, second = (bucket.sketch(each).data for each in QUANTITIES)
    head = _HEAD.pack(*bucket.counts, *bucket.availability, len(first))
    return zlib.compress(head + first + second, level=1)


def unpack(packed: bytes) -> Bucket:
    """Give what `pack` kept."""
    data = zlib.decompress(packed)
    *counts, available, unavailable, size = _HEAD.unpack_from(data)
    middle = _HEAD.size + size
    return _bucket(
        Counts(*counts),
        (Sketch(data[_HEAD.size : middle]), Sketch(data[middle:])),
        Availability(available, unavailable),
    )


def add(one: Bucket, other: Bucket) -> Bucket:
    """Add up what a window wants of two times; quicker than to merge all that a bucket has."""
    return _bucket(
        Counts(*map(sum, zip(one.counts, other.counts, strict=True))),
        [merge((one.sketch(each), other.sketch(each))) for each in QUANTITIES],
        total((one.availability, other.availability)),
    )


def held_since(now: datetime) -> datetime:
    """Say from which hour on memory is asked for what was not folded."""
    return Resolution.HOUR.begin_of(now) - HELD_HOURS * HOUR


def not_in(folded: Container[datetime], now: datetime) -> tuple[Span, ...]:
    """List the times since `held_since` that are in no folded hour, the time to come included."""
    first = held_since(now)
    hours = [first + n * HOUR for n in range(HELD_HOURS + 2)]
    spans: list[Span] = []
    for hour_at in hours:
        begin = hour_at.timestamp()
        end = math.inf if hour_at is hours[-1] else begin + HOUR.total_seconds()
        if hour_at in folded:
            continue
        if spans and spans[-1][1] == begin:
            begin = spans.pop()[0]
        spans.append((begin, end))
    return tuple(spans)


def fold_columns(parts: Sequence[Columns], times: Iterable[Availability] = ()) -> Bucket:
    """Make a bucket of what memory has: counts, TTFT and duration are all that it tells.

    Args:
        parts: Samples of times that do not overlap.
        times: How long the target was available in them.
    """
    ttfts = Sketch.of(_seconds(part.ttfts_us for part in parts))
    durations = Sketch.of(_seconds(part.durations_us for part in parts))
    flags = Counter(chain.from_iterable(part.flags for part in parts))
    return _bucket(count_flags(flags), (ttfts, durations), total(times))


def _bucket(counts: Counts, sketches: Iterable[Sketch], times: Availability) -> Bucket:
    known = zip(QUANTITIES, sketches, strict=True)
    return Bucket(
        counts=counts,
        sketches={quantity: sketch for quantity, sketch in known if sketch.data},
        availability=times,
    )


def _seconds(columns: Iterable[Iterable[int]]) -> Iterable[float]:
    return (us / MICRO for column in columns for us in column if us != ABSENT)
