"""Who reckons beside the probing loop takes turns, so that the loop waits for one thread at most.

The interpreter runs one thread at a time, and whoever wants it waits behind all who wanted it
before. The threads that work for the surfaces and the history can wait for one another; a run's
answer that has come cannot. The turn is the process's, as the interpreter is.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

#: Who had no turn for so long goes on without: the other may be waiting for a database.
PATIENCE_SECONDS = 0.02


class Turns:
    """One turn, which one thread has at a time.

    Args:
        patience_seconds: How long a thread waits for it.
    """

    def __init__(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._patience_seconds = patience_seconds
        self._lock = threading.Lock()
        self._mine = _Mine()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Work in turn; after some patience, out of turn. Within a turn, this is that turn."""
        self._mine.depth += 1
        if self._mine.depth == 1:
            self._take()
        try:
            yield
        finally:
            self._mine.depth -= 1
            if not self._mine.depth:
                self._give()

    def pause(self, seconds: float) -> None:
        """Sleep; in the midst of a turn the others may have theirs meanwhile.

        Who works out of turn waits for it here once more.
        """
        self._give()
        time.sleep(seconds)
        if self._mine.depth:
            self._take()

    def _take(self) -> None:
        self._mine.has_it = self._lock.acquire(timeout=self._patience_seconds)

    def _give(self) -> None:
        if self._mine.has_it:
            self._mine.has_it = False
            self._lock.release()


class _Mine(threading.local):
    """What a thread has: how many blocks of `turn` it is in, and whether it has the turn."""

    depth = 0
    has_it = False


_TURNS = Turns()
turn, pause = _TURNS.turn, _TURNS.pause
