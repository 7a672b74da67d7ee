"""Deletes what is older than it need be, now and then, in a thread of its own."""

import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from monitor.model.clock import Clock
from monitor.store.retention import Pruned

#: The start is busy enough without it.
_FIRST_SECONDS = 60.0
_EVERY_SECONDS = 3600.0
#: After each step the writer has so long for itself.
_PAUSE_SECONDS = 0.05
_JOIN_SECONDS = 5.0


def walk(steps: Iterable[Pruned], wait: Callable[[float], bool]) -> dict[str, int]:
    """Go through steps, so that whoever writes comes in between; give how many rows went, by table.

    Args:
        steps: Each done when it is taken.
        wait: Lets so many seconds pass, and says whether to break off.
    """
    gone: dict[str, int] = {}
    for step in steps:
        if step.rows:
            gone[step.table] = gone.get(step.table, 0) + step.rows
        if wait(_PAUSE_SECONDS):
            break
    return gone


class Janitor:
    """Prunes the store each hour until stopped.

    Args:
        prune: Deletes what is old at an instant, step by step.
        finish: Called after a round that deleted something.
        clock: Tells what is old.
        on_pruned: Told how many rows a round deleted, by table.
        on_error: Told why a round ended early; the next one goes on.
    """

    def __init__(
        self,
        prune: Callable[[datetime], Iterator[Pruned]],
        finish: Callable[[], None],
        clock: Clock,
        on_pruned: Callable[[dict[str, int]], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        self._prune, self._finish = prune, finish
        self._clock = clock
        self._on_pruned, self._on_error = on_pruned, on_error
        self._begun_at, self._begun_ns = clock.now(), clock.monotonic_ns()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="janitor", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the step under way."""
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=_JOIN_SECONDS)

    def sweep(self) -> dict[str, int]:
        """Do one round; give how many rows went, by table."""
        gone = walk(self._prune(self._now()), self._stopped.wait)
        if gone:
            self._finish()
            self._on_pruned(gone)
        return gone

    def _now(self) -> datetime:
        """Give the wall clock, unless it was set forward since the start: that deletes nothing."""
        steady = timedelta(microseconds=(self._clock.monotonic_ns() - self._begun_ns) // 1000)
        return min(self._clock.now(), self._begun_at + steady)

    def _loop(self) -> None:
        pause = _FIRST_SECONDS
        while not self._stopped.wait(pause):
            try:
                self.sweep()
            except Exception as error:  # noqa: BLE001 - the store may be gone for a while
                self._on_error(error)
            pause = _EVERY_SECONDS
