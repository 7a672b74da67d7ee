"""When bytes arrived, by the kernel's own stamp (`SO_TIMESTAMPNS`), on the monotonic clock.

The stamp is of the wall clock. What counts is its age, wall clock now minus stamp, taken right
after the read: it is the same on the monotonic clock, unless the wall clock was set in between.
Where several segments waited, the stamp is the last one's: never earlier than the truth, and
never later than our own read.
"""

import socket
import struct
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from monitor.model.clock import Clock

#: Linux' number, where Python has no name for it (before 3.15); the generic one of `asm/socket.h`.
_TIMESTAMPNS: int = getattr(socket, "SO_TIMESTAMPNS", 35)
_STAMP = struct.Struct("qq")
_NS = 1_000_000_000
#: A wall clock may move against the steady one by so much at once, and by so much a second
#: (`adjtimex` slews by up to 500 ppm), before it counts as set.
_STEP_NS = 1_000_000
_SLEW = 1e-3
#: Room for the one control message that is asked for.
ANCILLARY_BYTES = socket.CMSG_SPACE(_STAMP.size) if hasattr(socket, "CMSG_SPACE") else 0

#: The two clocks are read this near to each other (ns), or once more; so often at most.
_NEAR_NS = 20_000
_ATTEMPTS = 4

Ancillary = Sequence[tuple[int, int, bytes]]


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a read arrived (monotonic), and how long it had waited for us; None if unknown."""

    at_ns: int
    delay_ns: int | None


class Arrivals:
    """Tells how long a read had waited for us; one for all connections of a process.

    Args:
        wall_ns: The clock that the kernel stamps with, in nanoseconds since the epoch.
        is_wanted: Ask for kernel stamps; otherwise each read counts as just arrived.
    """

    def __init__(
        self, wall_ns: Callable[[], int] = time.time_ns, *, is_wanted: bool = True
    ) -> None:
        self._wall_ns = wall_ns
        self._is_wanted = is_wanted and sys.platform == "linux"
        self._offset_ns: int | None = None
        self._looked_ns = 0
        self._set_ns: int | None = None

    def ask(self, sock: socket.socket) -> None:
        """Have the kernel stamp what this socket receives, if it can."""
        if self._is_wanted:
            try:
                sock.setsockopt(socket.SOL_SOCKET, _TIMESTAMPNS, 1)
            except OSError:  # a sandbox that does not know it
                self._is_wanted = False

    def arrival(self, ancillary: Ancillary, clock: Clock) -> Arrival:
        """Tell when what was just read arrived: now, if the kernel does not say or errs.

        Args:
            ancillary: What came with the read.
            clock: Tells the monotonic instants.
        """
        stamp_ns = _stamp(ancillary)
        if stamp_ns is None:
            return Arrival(clock.monotonic_ns(), None)
        wall_ns, now_ns = self._both(clock)
        self._watch(wall_ns, now_ns)
        age_ns = wall_ns - stamp_ns
        if age_ns < 0 or (self._set_ns is not None and now_ns - age_ns <= self._set_ns):
            return Arrival(now_ns, None)
        return Arrival(now_ns - age_ns, age_ns)

    def _both(self, clock: Clock) -> tuple[int, int]:
        """Read both clocks as one; again if we were put aside in between."""
        before_ns, left = clock.monotonic_ns(), _ATTEMPTS
        while True:
            wall_ns, now_ns, left = self._wall_ns(), clock.monotonic_ns(), left - 1
            if now_ns - before_ns <= _NEAR_NS or not left:
                return wall_ns, now_ns
            before_ns = now_ns

    def _watch(self, wall_ns: int, now_ns: int) -> None:
        """Notice a wall clock that was set: ages that reach back beyond that are nonsense."""
        offset_ns = wall_ns - now_ns
        if self._offset_ns is not None:
            allowed = _STEP_NS + _SLEW * (now_ns - self._looked_ns)
            if abs(offset_ns - self._offset_ns) > allowed:
                self._set_ns = now_ns
        self._offset_ns, self._looked_ns = offset_ns, now_ns


def _stamp(ancillary: Ancillary) -> int | None:
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _TIMESTAMPNS and len(data) >= _STAMP.size:
            seconds, nanoseconds = _STAMP.unpack_from(data)
            return int(seconds * _NS + nanoseconds)
    return None
