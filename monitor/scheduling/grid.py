"""Pure: the slots of a probe. No slot depends on another, so nothing can drift."""

from dataclasses import dataclass, field
from hashlib import blake2b

_MICRO = 1_000_000
_HASH_BYTES = 8
_HASH_SPAN = 1 << (8 * _HASH_BYTES)


@dataclass(frozen=True, slots=True)
class Grid:
    """Slot k begins at phase + k * interval + jitter(k), in microseconds since the epoch.

    The phase is a hash of the probe's key over the whole interval, so that probes of one
    interval spread over it and a restart moves none. The jitter is a hash of (key, k), so that
    no provider's own rhythm is met at the same point each time; it is added to the slot and
    never to the slot before, so the mean interval is exact.

    Attributes:
        key: The probe's key.
        interval_us: Microseconds from slot to slot, before jitter.
        jitter_us: Upper end of the jitter; less than the interval, so slots stay in order.
        phase_us: Where in the interval the slots lie, before jitter.
    """

    key: str
    interval_us: int
    jitter_us: int = 0
    phase_us: int = field(init=False)

    @classmethod
    def of(cls, key: str, interval_seconds: float, jitter_seconds: float = 0.0) -> "Grid":
        """Make the grid of a probe from its settings in seconds."""
        return cls(key, round(interval_seconds * _MICRO), round(jitter_seconds * _MICRO))

    def __post_init__(self) -> None:
        if self.interval_us <= 0:
            raise ValueError(f"interval of {self.key} is not positive")
        if not 0 <= self.jitter_us < self.interval_us:
            raise ValueError(f"jitter of {self.key} is not within its interval")
        object.__setattr__(self, "phase_us", _hash(self.key) * self.interval_us // _HASH_SPAN)

    def slot_us(self, k: int) -> int:
        """Give the instant of slot *k*."""
        return self.phase_us + k * self.interval_us + self._jitter_us(k)

    def latest(self, at_us: int) -> int:
        """Give the number of the newest slot at or before an instant."""
        k, rest_us = divmod(at_us - self.phase_us, self.interval_us)
        # Beyond the longest jitter there is nothing to hash: coverage asks often.
        return k if rest_us >= self.jitter_us or rest_us >= self._jitter_us(k) else k - 1

    def next_after(self, at_us: int) -> int:
        """Give the number of the first slot after an instant."""
        return self.latest(at_us) + 1

    def _jitter_us(self, k: int) -> int:
        return _hash(f"{self.key}\0{k}") * self.jitter_us // _HASH_SPAN


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=_HASH_BYTES).digest(), "big")
