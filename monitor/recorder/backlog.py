"""What waits to be written: in memory, and what waits for long in the spool, which is older.

The writer takes from the spool while there is anything in it, so the order of the triples holds.
A batch that it took from memory may be moved to the spool while it is being written; it is the
oldest there then, and leaves the spool when it is settled.
"""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Condition, Lock
from typing import NamedTuple

from monitor.model.clock import Clock, SystemClock
from monitor.model.triple import Triple
from monitor.recorder.spool import Spool

_CLOCK: Clock = SystemClock()
#: So many triples are moved to the spool at a time; between two the writer gets its turn.
_CHUNK = 200


class _Waiting(NamedTuple):
    since_ns: int
    triple: Triple


class Backlog:
    """Shared by those who put, the thread that writes and the one that moves to the spool.

    Args:
        spool: Where to move; without one all waits in memory.
        capacity: Triples that may wait in memory; beyond it the oldest is given up.

    Attributes:
        changed: Notified when there is something to do; guards all that is in memory.
        on_kept: Told of triples that a kill cannot take back any more, of each once: they are
            written, or in the spool.
    """

    def __init__(self, spool: Spool | None = None, *, capacity: int = 100_000) -> None:
        self.changed = Condition()
        self.on_kept: Callable[[Sequence[Triple]], None] | None = None
        self._spool = spool
        self._capacity = capacity
        self._queue: deque[_Waiting] = deque()
        self._moving: Sequence[_Waiting] = ()
        self._taken: Sequence[Triple] = ()
        self._taken_since_ns = 0
        self._spooled_until: int | None = None  # where the taken ones end, if they are spooled
        self._disk = Lock()  # whoever moves or takes; before `changed`, never after it

    @property
    def queued(self) -> int:
        """Triples in memory that nobody has taken."""
        return len(self._queue)

    @property
    def in_memory(self) -> int:
        """Triples that are neither written nor in the spool: what a kill would cost."""
        with self.changed:
            taken = 0 if self._spooled_until is not None else len(self._taken)
            return len(self._queue) + len(self._moving) + taken

    @property
    def spooled(self) -> int:
        """Triples in the spool."""
        return self._spool.count if self._spool else 0

    @property
    def is_sound(self) -> bool:
        """Nothing speaks against the next `spill`, as far as was seen."""
        return self._spool is None or self._spool.is_sound

    @property
    def lost(self) -> int:
        """Triples that the spool lost."""
        return self._spool.lost if self._spool else 0

    @property
    def oldest_ns(self) -> int | None:
        """Since when the oldest triple waits that `spill` would move, by the monotonic clock."""
        with self.changed:
            if self._spool is None:
                return None
            if self._taken and self._spooled_until is None:
                return self._taken_since_ns
            return self._queue[0].since_ns if self._queue else None

    def put(self, triple: Triple, company: int) -> bool:
        """Queue a triple; wake others if it is the first, or makes so many.

        Returns:
            Whether there was room; else the oldest went.
        """
        with self.changed:
            is_full = bool(self._queue) and len(self._queue) + len(self._moving) >= self._capacity
            if is_full:
                self._queue.popleft()
            self._queue.append(_Waiting(_CLOCK.monotonic_ns(), triple))
            if len(self._queue) in (1, company):
                self.changed.notify_all()
            return not is_full

    def take(self, count: int) -> Sequence[Triple]:
        """Take up to so many of the oldest, which stay until they are settled."""
        with self._disk:
            while self._spool and self._spool.count:
                triples, until = self._spool.peek(count)
                if triples:
                    return self._hold(triples, until)
                self._spool.release(until)
            with self.changed:
                waiting = [self._queue.popleft() for _ in range(min(count, len(self._queue)))]
                self._taken_since_ns = waiting[0].since_ns if waiting else 0
                return self._hold([each.triple for each in waiting], None)

    def shrink(self, count: int) -> Sequence[Triple]:
        """Note that the first ones of what was taken are written, or given up.

        Returns:
            Those of them that `on_kept` was not told of, as they are in no spool.
        """
        with self.changed:
            gone, self._taken = self._taken[:count], self._taken[count:]
            return gone if self._spooled_until is None else ()

    def settle(self) -> None:
        """Note that all that was taken is written, or given up."""
        with self._disk:
            with self.changed:
                until, self._spooled_until, self._taken = self._spooled_until, None, ()
            if self._spool and until is not None:
                self._spool.release(until)

    def spill(self) -> int:
        """Move all that is in memory to the spool, if there is one; give how many that were.

        Raises:
            OSError: The spool cannot take it; the rest stays in memory.
        """
        moved = 0
        while self._spool and (count := self._spill(self._spool)):
            moved += count
        return moved

    def check(self) -> None:
        """Find out whether the spool, if there is one, takes anything.

        Raises:
            OSError: It does not.
        """
        with self._disk:
            if self._spool:
                self._spool.check()

    def _hold(self, triples: Sequence[Triple], until: int | None) -> Sequence[Triple]:
        with self.changed:
            self._taken, self._spooled_until = triples, until
            return triples

    def _spill(self, spool: Spool) -> int:
        with self._disk:
            part = self._start_moving()
            if not part:
                return 0
            try:
                until = spool.append(part)
            except BaseException:
                self._end_moving(is_done=False)
                raise
            kept = self._end_moving(is_done=True, until=until)
            if self.on_kept:
                self.on_kept(kept)
            return len(part)

    def _start_moving(self) -> Sequence[Triple]:
        """Choose what moves: what is being written first, because it is the oldest."""
        with self.changed:
            if self._taken and self._spooled_until is None:
                return self._taken
            size = min(_CHUNK, len(self._queue))
            self._moving = [self._queue.popleft() for _ in range(size)]
            return [each.triple for each in self._moving]

    def _end_moving(self, *, is_done: bool, until: int | None = None) -> Sequence[Triple]:
        """Note what became of what moved; give what is in the spool and was nowhere else."""
        with self.changed:
            moving, self._moving = self._moving, ()
            if not is_done:
                self._queue.extendleft(reversed(moving))
                return ()
            if moving:
                return [each.triple for each in moving]
            self._spooled_until = until
            return self._taken  # what was written meanwhile is not among them
