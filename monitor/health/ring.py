"""Pure: the last 24 hours of one target, in memory and in order."""

from bisect import bisect_right
from collections.abc import Sequence

from monitor.health.stats import Sample

#: What a ring remembers, in seconds.
SPAN_SECONDS = 86400.0
#: Room is made in steps, so that forgetting costs next to nothing per sample.
_SLACK = 64


class Ring:
    """Keeps samples by their instant; the oldest are forgotten as time passes."""

    def __init__(self) -> None:
        self._samples: list[Sample] = []

    def add(self, sample: Sample) -> None:
        """Take in a sample, which may be late by a little."""
        samples = self._samples
        place = len(samples)
        while place and samples[place - 1].at > sample.at:
            place -= 1
        samples.insert(place, sample)

    def between(self, begin: float, end: float) -> Sequence[Sample]:
        """Give the samples after one instant and up to another, oldest first.

        After a step back of the clock there may be samples of the future; they wait.
        """
        first, last = (bisect_right(self._samples, at, key=_at) for at in (begin, end))
        return self._samples[first:last]

    def forget(self, now: float) -> None:
        """Let go of what is older than the span."""
        old = bisect_right(self._samples, now - SPAN_SECONDS, key=_at)
        if old > _SLACK:
            del self._samples[:old]

    def __len__(self) -> int:
        return len(self._samples)


def _at(sample: Sample) -> float:
    return sample.at
