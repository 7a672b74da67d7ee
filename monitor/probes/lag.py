"""How long our own event loop stood still, so that we never blame a provider for it."""

import asyncio
from collections import deque
from itertools import takewhile

from monitor.model.clock import Clock

_NS = 1_000_000_000
#: What is shorter says nothing: the operating system wakes nobody to the microsecond.
_LEAST_SECONDS = 0.001

#: A run's times are tainted above this much lag, or above one per cent of its TTFT.
TAINT_SECONDS = 0.005
TAINT_SHARE = 0.01


class LoopLag:
    """Samples the event loop: a short sleep that ends late shows how late.

    Only stalls worth telling are kept, so that looking back over a long run is cheap.
    """

    def __init__(self, clock: Clock, *, every_seconds: float = 0.005, keep: int = 8192) -> None:
        self._clock = clock
        self._every_seconds = every_seconds
        self._stalls: deque[tuple[int, float]] = deque(maxlen=keep)
        self._newest_ns: int | None = None
        self._begun_ns: int | None = None
        self._worst_since_asked = 0.0

    async def watch(self) -> None:
        """Sample until cancelled."""
        while True:
            self._begun_ns = begin = self._clock.monotonic_ns()
            await asyncio.sleep(self._every_seconds)
            end = self._clock.monotonic_ns()
            self.note(end, (end - begin) / _NS - self._every_seconds)

    def note(self, at_ns: int, lag_seconds: float) -> None:
        """Take in one sample."""
        self._newest_ns = at_ns
        self._worst_since_asked = max(self._worst_since_asked, lag_seconds)
        if lag_seconds >= _LEAST_SECONDS:
            self._stalls.append((at_ns, lag_seconds))

    def worst_since(self, begin_ns: int) -> float | None:
        """Give the longest stall since an instant, in seconds; None if nothing was sampled since.

        A stall shorter than a millisecond is 0. One that is just ending counts: after it a run
        may be woken before the sampler is.
        """
        pending = self._pending_seconds()
        if self._newest_ns is None or self._newest_ns < begin_ns:
            return pending
        recent = takewhile(lambda stall: stall[0] >= begin_ns, reversed(self._stalls))
        return max([pending or 0.0, *(lag_seconds for _, lag_seconds in recent)])

    def _pending_seconds(self) -> float | None:
        """How late the sample under way is already; None if it is not, or by nothing to tell."""
        if self._begun_ns is None:
            return None
        late = (self._clock.monotonic_ns() - self._begun_ns) / _NS - self._every_seconds
        return late if late >= _LEAST_SECONDS else None

    def take_worst(self) -> float:
        """Give the longest stall since this was last asked, in seconds."""
        worst, self._worst_since_asked = self._worst_since_asked, 0.0
        return worst


def is_tainted(
    lag_seconds: float | None, ttft_seconds: float | None, *, is_exact: bool = False
) -> bool:
    """Say whether our own lag spoiled the times of a run.

    Args:
        lag_seconds: The worst stall of our event loop during the run.
        ttft_seconds: What was measured.
        is_exact: The kernel stamped the first token, and nothing else came with it. Of several
            segments that wait, the kernel tells only when the last one came.

    >>> is_tainted(0.004, 0.3), is_tainted(0.006, 0.3), is_tainted(0.006, 2.0)
    (False, True, False)
    >>> is_tainted(0.1, 0.3, is_exact=True)
    False
    """
    if is_exact or lag_seconds is None or ttft_seconds is None:
        return False
    return lag_seconds > max(TAINT_SECONDS, TAINT_SHARE * ttft_seconds)
