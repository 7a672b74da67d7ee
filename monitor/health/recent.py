"""The last runs of one target: an hour of completion runs, a day of throughput runs.

Each of thousands of targets has them, so they lie in columns: some ten bytes a run.
"""

from array import array
from statistics import median

from monitor.health.evidence import AHEAD_SECONDS, HORIZON_SECONDS, Trace

_DAY_SECONDS = 86_400.0
_MIN_SPEEDS = 5
_NONE = -1.0


class Recent:
    """Remembers runs in the order in which they come; what is too old is forgotten.

    So is what was noted by a clock that was ahead: it would seem new for as long as it was.
    """

    __slots__ = ("_at", "_good", "_speed_at", "_speeds", "_ttfts")

    def __init__(self) -> None:
        self._at = array("d")
        self._good = bytearray()
        #: In seconds; `_NONE` where there is none.
        self._ttfts = array("f")
        self._speed_at = array("d")
        self._speeds = array("f")

    def add(self, trace: Trace) -> None:
        """Remember a completion run; forget those an hour older, and those of the future."""
        if _is_ahead(self._at, trace.at):
            kept = [each for each in self.traces() if each.at <= trace.at + AHEAD_SECONDS]
            self._at = array("d", [each.at for each in kept])
            self._good = bytearray(each.is_good for each in kept)
            self._ttfts = array("f", [_ttft(each) for each in kept])
        self._at.append(trace.at)
        self._good.append(trace.is_good)
        self._ttfts.append(_ttft(trace))
        gone = _count_before(self._at, trace.at - HORIZON_SECONDS)
        del self._at[:gone], self._good[:gone], self._ttfts[:gone]

    def add_speed(self, at: float, tokens_per_second: float) -> None:
        """Remember the speed of a throughput run, as `add` does; they are kept for a day.

        Args:
            at: Seconds since the epoch.
            tokens_per_second: As published.
        """
        if _is_ahead(self._speed_at, at):
            speeds = zip(self._speed_at, self._speeds, strict=True)
            kept = [each for each in speeds if each[0] <= at + AHEAD_SECONDS]
            self._speed_at = array("d", [each[0] for each in kept])
            self._speeds = array("f", [each[1] for each in kept])
        self._speed_at.append(at)
        self._speeds.append(tokens_per_second)
        gone = _count_before(self._speed_at, at - _DAY_SECONDS)
        del self._speed_at[:gone], self._speeds[:gone]

    def traces(self) -> list[Trace]:
        """Give the completion runs, oldest first."""
        return [
            Trace(at, bool(good), None if ttft == _NONE else ttft)
            for at, good, ttft in zip(self._at, self._good, self._ttfts, strict=True)
        ]

    def speeds(self, begin: float, end: float) -> list[float]:
        """Give the speeds after one instant and up to another."""
        speeds = zip(self._speed_at, self._speeds, strict=True)
        return [speed for at, speed in speeds if begin < at <= end]

    def tokens_per_second(self, now: float) -> float | None:
        """Give the median speed of the day before an instant; None for fewer than 5 runs."""
        since = _count_before(self._speed_at, now - _DAY_SECONDS)
        speeds = self._speeds[since:]
        return median(speeds) if len(speeds) >= _MIN_SPEEDS else None


def _ttft(trace: Trace) -> float:
    return _NONE if trace.ttft_seconds is None else trace.ttft_seconds


def _is_ahead(instants: "array[float]", at: float) -> bool:
    """Say whether the clock was ahead, and was set right since.

    That is told by the instants themselves, so it holds after a restart, too.
    """
    return max(instants, default=at) > at + AHEAD_SECONDS


def _count_before(instants: "array[float]", bound: float) -> int:
    """Count the leading instants that are too old.

    One that is out of order, after a step of the clock, ends the count: it goes with the others.
    """
    for place, at in enumerate(instants):
        if at > bound:
            return place
    return len(instants)
