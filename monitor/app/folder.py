"""Folds the hours that are over into rollups, a few at a time, in a thread of its own."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from monitor.health.buckets import Resolution
from monitor.model.clock import Clock
from monitor.store.engine import Engine
from monitor.store.rollups import fold_due

#: The start is busy enough without it.
_FIRST_SECONDS = 15.0
#: So often it looks for hours that are due: those just over, and those of late results.
_EVERY_SECONDS = 30.0
#: By then the runs of an hour's last slots are over, and written.
_SETTLED_AFTER = timedelta(seconds=150)
#: Hours in one transaction: some milliseconds for which the writer waits.
_HOURS = 3
#: A step that took a while is followed by so many times that while: 3 % of a core at most.
_REST = 32
_LONGEST_REST_SECONDS = 0.75
_JOIN_SECONDS = 5.0
_NS = 1_000_000_000


def fold_step(engine: Engine, before_at: datetime) -> int:
    """Fold a few of the hours that begin before an instant; give how many, 0 at the end."""
    with engine.begin() as connection:
        return fold_due(connection, before_at, _HOURS)


class Folder:
    """Folds what is due until stopped.

    A wall clock that was set forward does no harm: an hour that is folded too early is folded
    again with the results that come after it. Nothing here counts on its steps.

    Args:
        fold: Folds a few hours that begin before an instant, and says how many.
        clock: Tells which hours are over.
        on_error: Told why folding was broken off; it goes on with the next look.
    """

    def __init__(
        self,
        fold: Callable[[datetime], int],
        clock: Clock,
        on_error: Callable[[Exception], None],
    ) -> None:
        self._fold, self._clock, self._on_error = fold, clock, on_error
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="folder", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the step under way; what is left is folded in the next life."""
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=_JOIN_SECONDS)

    def catch_up(self) -> int:
        """Fold all hours that are over, with pauses; give how many there were."""
        count = 0
        while not self._stopped.is_set():
            begun_ns = self._clock.monotonic_ns()
            done = self._fold(self._running_at())
            if not done:
                break
            count += done
            taken_seconds = (self._clock.monotonic_ns() - begun_ns) / _NS
            self._stopped.wait(min(_REST * taken_seconds, _LONGEST_REST_SECONDS))
        return count

    def _running_at(self) -> datetime:
        """Say where the hours begin that may still get results."""
        return Resolution.HOUR.begin_of(self._clock.now() - _SETTLED_AFTER)

    def _loop(self) -> None:
        pause = _FIRST_SECONDS
        while not self._stopped.wait(pause):
            try:
                self.catch_up()
            except Exception as error:  # noqa: BLE001 - the store may be gone for a while
                self._on_error(error)
            pause = _EVERY_SECONDS
