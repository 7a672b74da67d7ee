"""How long our own event loop stood still, so that we never blame a provider for it."""

import asyncio
from collections import deque

from monitor.model.clock import Clock

_NS = 1_000_000_000

#: A run's times are tainted above this much lag, or above one per cent of its TTFT.
TAINT_SECONDS = 0.005
TAINT_SHARE = 0.01


class LoopLag:
    """Samples the event loop: a short sleep that ends late shows how late."""

    def __init__(self, clock: Clock, *, every_seconds: float = 0.02, keep: int = 8192) -> None:
        self._clock = clock
        self._every_seconds = every_seconds
        self._samples: deque[tuple[int, float]] = deque(maxlen=keep)

    async def watch(self) -> None:
        """Sample until cancelled."""
        while True:
            begin = self._clock.monotonic_ns()
            await asyncio.sleep(self._every_seconds)
            end = self._clock.monotonic_ns()
            self.note(end, (end - begin) / _NS - self._every_seconds)

    def note(self, at_ns: int, lag_seconds: float) -> None:
        """Take in one sample."""
        self._samples.append((at_ns, max(lag_seconds, 0.0)))

    def worst_since(self, begin_ns: int) -> float | None:
        """Give the longest stall since an instant; None if nothing was sampled since."""
        worst: float | None = None
        for at_ns, lag_seconds in reversed(self._samples):
            if at_ns < begin_ns:
                break
            worst = lag_seconds if worst is None else max(worst, lag_seconds)
        return worst

    def newest(self) -> float | None:
        """Give the newest sample, in seconds."""
        return self._samples[-1][1] if self._samples else None


def is_tainted(lag_seconds: float | None, ttft_seconds: float | None) -> bool:
    """Say whether our own lag spoiled the times of a run.

    >>> is_tainted(0.004, 0.3), is_tainted(0.006, 0.3), is_tainted(0.006, 2.0)
    (False, True, False)
    """
    if lag_seconds is None or ttft_seconds is None:
        return False
    return lag_seconds > max(TAINT_SECONDS, TAINT_SHARE * ttft_seconds)
