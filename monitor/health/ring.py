"""Pure: the last 24 hours of one target, in memory and in order, with their windows."""

from collections.abc import Mapping

from monitor.health.columns import Columns, micros
from monitor.health.sliding import SlidingWindow
from monitor.health.stats import Sample, Tally
from monitor.model.window import EXACT_WINDOWS

#: Room is made in steps, so that forgetting costs next to nothing per sample.
_SLACK = 64


class Ring:
    """Keeps samples by their instant; the oldest are forgotten as time passes.

    Its windows end with the instant it was last moved to. As that goes on, each window takes in
    and lets go of the samples at its ends; where it goes back, they are added up anew.

    Args:
        windows: Lengths in seconds, by name; the longest is what the ring remembers.
    """

    __slots__ = ("_columns", "_end_us", "_span_us", "_windows")

    def __init__(self, windows: Mapping[str, float] = EXACT_WINDOWS) -> None:
        self._columns = Columns()
        self._windows = {name: SlidingWindow(seconds) for name, seconds in windows.items()}
        self._span_us = max(window.span_us for window in self._windows.values())
        #: Where the windows end; None while they have still to be filled.
        self._end_us: int | None = None

    def add(self, sample: Sample) -> None:
        """Take in a sample, which may be late, or of the future if the clock was set back."""
        if not self._columns:
            # Many more may follow, from the store: to sort them once is quicker.
            self._end_us = None
        place = self._columns.insert(sample)
        at_us = self._columns.at_us[place]
        if self._end_us is None or at_us > self._end_us:
            return
        for window in self._windows.values():
            if at_us > self._end_us - window.span_us:
                window.enter(self._columns, place)

    def move(self, now: float) -> None:
        """Let the windows end with an instant, and forget what is older than the longest.

        Args:
            now: Seconds since the epoch; samples of a later time wait for theirs.
        """
        now_us = micros(now)
        if self._end_us is None or now_us < self._end_us:
            self._fill(now_us)
        else:
            self._advance(self._end_us, now_us)
        self._end_us = now_us
        old = self._columns.after(now_us - self._span_us)
        if old > _SLACK:
            self._columns.drop(old)

    def tallies(self) -> dict[str, Tally]:
        """Give what each window adds up to, by name."""
        return {name: window.tally() for name, window in self._windows.items()}

    def count(self, begin: float, end: float) -> int:
        """Count the samples after one instant and up to another (seconds since the epoch)."""
        first, last = self._places(begin, end)
        return max(last - first, 0)

    def cut(self, begin: float, end: float) -> Columns:
        """Copy the samples after one instant and up to another (seconds since the epoch)."""
        return self._columns.cut(*self._places(begin, end))

    def _places(self, begin: float, end: float) -> tuple[int, int]:
        return self._columns.after(micros(begin)), self._columns.after(micros(end))

    def _fill(self, now_us: int) -> None:
        columns = self._columns
        last = columns.after(now_us)
        for window in self._windows.values():
            window.fill(columns, columns.after(now_us - window.span_us), last)

    def _advance(self, old_us: int, now_us: int) -> None:
        columns = self._columns
        first, last = columns.after(old_us), columns.after(now_us)
        for window in self._windows.values():
            begin = columns.after(now_us - window.span_us)
            # After a long pause a sample may have come and gone: it never enters.
            for place in range(columns.after(old_us - window.span_us), min(begin, first)):
                window.leave(columns, place)
            for place in range(max(first, begin), last):
                window.enter(columns, place)

    def __len__(self) -> int:
        return len(self._columns)
