"""Pure: how many slots a span of time should have had."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

#: Counts the slots after one instant and up to another (seconds since the epoch).
SlotCount = Callable[[float, float], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time in which one schedule held.

    Attributes:
        begin_at: From when, in seconds since the epoch.
        end_at: Until when; None if it still holds.
        count: Counts its slots.
    """

    begin_at: float
    end_at: float | None
    count: SlotCount


def expected_slots(spans: Sequence[Span], begin: float, end: float) -> int:
    """Count the slots between two instants, over all schedules that held in between.

    Time in which the daemon was stopped counts in full, for the schedule held on.
    """
    total = 0
    for span in spans:
        first = max(begin, span.begin_at)
        last = end if span.end_at is None else min(end, span.end_at)
        if last > first:
            total += span.count(first, last)
    return total


def by_interval(interval_seconds: float) -> SlotCount:
    """Count by length, for a schedule whose slots are no longer known; off by one at most."""

    def count(begin: float, end: float) -> int:
        return round((end - begin) / interval_seconds)

    return count
