"""Pure: the last 24 hours of one target, in memory and in order."""

from bisect import bisect_left
from collections.abc import Sequence

from monitor.health.stats import Sample

#: What a ring remembers, in seconds.
SPAN_SECONDS = 86400.0
#: Room is made in steps, so that forgetting costs next to nothing per sample.
_SLACK = 64


class Ring:
    """Keeps samples by their instant; the oldest go as the newest come."""

    def __init__(self) -> None:
        self._samples: list[Sample] = []

    def add(self, sample: Sample) -> None:
        """Take in a sample, which may be late by a little."""
        samples = self._samples
        place = len(samples)
        while place and samples[place - 1].at > sample.at:
            place -= 1
        samples.insert(place, sample)
        self._forget(samples[-1].at - SPAN_SECONDS)

    def since(self, at: float) -> Sequence[Sample]:
        """Give the samples from an instant on, oldest first."""
        return self._samples[bisect_left(self._samples, at, key=lambda each: each.at) :]

    def __len__(self) -> int:
        return len(self._samples)

    def _forget(self, before: float) -> None:
        old = bisect_left(self._samples, before, key=lambda each: each.at)
        if old > _SLACK:
            del self._samples[:old]
