"""Pure: what lies in a moving window, kept up as samples come into it and fall out of it."""

from array import array
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Mapping

from monitor.health.columns import (
    ABSENT,
    EXECUTED,
    GOOD,
    MICRO,
    OPENROUTER_GOOD,
    OPENROUTER_VALID,
    VALID,
    Columns,
    micros,
)
from monitor.health.stats import Counts, Latency, Tally


class SlidingWindow:
    """Counts by flags, and the times in ascending order, of the samples of a window.

    A sample that enters or leaves costs a search among the times (O(log n), and the move of some
    kilobytes), and to read the figures costs nothing that grows with the samples.

    Args:
        seconds: How long the window is.
    """

    __slots__ = ("_by_flags", "_durations_us", "_ttfts_us", "span_us")

    def __init__(self, seconds: float) -> None:
        self.span_us = micros(seconds)
        self._by_flags: Counter[int] = Counter()
        self._ttfts_us = array("I")
        self._durations_us = array("I")

    def fill(self, columns: Columns, first: int, last: int) -> None:
        """Hold the samples from one place up to before another, whatever it held before."""
        self._by_flags = Counter(columns.flags[first:last])
        self._ttfts_us = _ascending(columns.ttfts_us[first:last])
        self._durations_us = _ascending(columns.durations_us[first:last])

    def enter(self, columns: Columns, place: int) -> None:
        """Take in the sample at a place."""
        self._by_flags[columns.flags[place]] += 1
        _put(self._ttfts_us, columns.ttfts_us[place])
        _put(self._durations_us, columns.durations_us[place])

    def leave(self, columns: Columns, place: int) -> None:
        """Let go of the sample at a place, which must have entered."""
        self._by_flags[columns.flags[place]] -= 1
        _take(self._ttfts_us, columns.ttfts_us[place])
        _take(self._durations_us, columns.durations_us[place])

    def tally(self) -> Tally:
        """Add up what the window holds."""
        latency = Latency.of(self._ttfts_us, self._durations_us, unit=MICRO)
        return Tally(count_flags(self._by_flags), latency)


def count_flags(by_flags: Mapping[int, int]) -> Counts:
    """Count samples, of which it is known how many have which flags."""
    samples = good = valid = executed = openrouter_good = openrouter_valid = 0
    for flags, count in by_flags.items():
        samples += count
        good += count if flags & GOOD else 0
        valid += count if flags & VALID else 0
        executed += count if flags & EXECUTED else 0
        openrouter_good += count if flags & OPENROUTER_GOOD else 0
        openrouter_valid += count if flags & OPENROUTER_VALID else 0
    return Counts(samples, good, valid, executed, openrouter_good, openrouter_valid)


def _ascending(times_us: "array[int]") -> "array[int]":
    ascending = array("I", sorted(times_us))
    del ascending[bisect_left(ascending, ABSENT) :]  # no time is longer
    return ascending


def _put(times_us: "array[int]", time_us: int) -> None:
    if time_us != ABSENT:
        insort(times_us, time_us)


def _take(times_us: "array[int]", time_us: int) -> None:
    if time_us != ABSENT:
        del times_us[bisect_left(times_us, time_us)]
