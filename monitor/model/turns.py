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
        self._owner: int | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Work in turn; after some patience, out of turn."""
        self._take()
        try:
            yield
        finally:
            self._give()

    def pause(self, seconds: float) -> None:
        """Sleep in the midst of a turn, or without one; the others may have theirs meanwhile."""
        had_it = self._give()
        time.sleep(seconds)
        if had_it:
            self._take()

    def _take(self) -> None:
        if self._lock.acquire(timeout=self._patience_seconds):
            self._owner = threading.get_ident()

    def _give(self) -> bool:
        has_it = self._owner == threading.get_ident()
        if has_it:
            self._owner = None
            self._lock.release()
        return has_it


_TURNS = Turns()
turn, pause = _TURNS.turn, _TURNS.pause
