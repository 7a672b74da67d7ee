"""What the daemon tells of itself in /metrics."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_MISSED = re.compile(
    rb'^llmprobe_probes_excluded_total\{[^}]*outcome="missed"[^}]*\} (\S+)$', re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Buckets:
    """A histogram of seconds.

    Attributes:
        ends: Upper ends of the buckets; the last is infinite.
        counts: How many values lie at or below each.
    """

    ends: Sequence[float]
    counts: Sequence[float]

    @classmethod
    def read(cls, text: bytes, name: str) -> "Buckets":
        """Find a histogram that has no labels of its own."""
        pattern = rf'^llmprobe_{name}_bucket\{{le="([^"]+)"\}} (\S+)$'
        found = re.findall(pattern.encode(), text, re.MULTILINE)
        return cls(
            [float(end) for end, _ in found],
            [float(count) for _, count in found],
        )

    def since(self, earlier: "Buckets") -> "Buckets":
        """What came after it was read before."""
        pairs = zip(self.counts, earlier.counts, strict=True)
        return Buckets(self.ends, [now - before for now, before in pairs])

    def at_most_ms(self, q: float) -> float:
        """The end of the bucket that holds the *q* quantile: it is that at most."""
        wanted = q * self.counts[-1]
        pairs = zip(self.ends, self.counts, strict=True)
        return next(end for end, count in pairs if count >= wanted) * 1e3


def missed(text: bytes) -> int:
    """Add up the slots that were missed, over all targets."""
    return sum(int(float(count)) for count in _MISSED.findall(text))
