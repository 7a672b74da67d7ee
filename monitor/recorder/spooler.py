"""The thread that moves what waits for too long from memory to the spool."""

import threading
from collections.abc import Callable

from monitor.model.clock import Clock, SystemClock
from monitor.recorder.backlog import Backlog

#: The pause after the spool could not be written: the first, and the bound up to which it doubles.
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 5.0

_CLOCK: Clock = SystemClock()


class Spooler:
    """Sees to it that a kill costs no more than what came within the last second.

    It has a thread of its own, because a write into a store that hangs holds up the writer's.

    Args:
        backlog: What waits.
        patience_seconds: How long a triple may wait in memory.
        on_spooled: Told how many triples were moved just now; 0 if the spool merely takes
            triples again after it failed.
        on_error: Told each time the spool could not be written; they stay in memory then.
    """

    def __init__(
        self,
        backlog: Backlog,
        *,
        patience_seconds: float = 0.75,
        on_spooled: Callable[[int], None] | None = None,
        on_error: Callable[[Exception], None] | None = None,
    ) -> None:
        self._backlog = backlog
        self._patience_ns = round(patience_seconds * 1e9)
        self._on_spooled, self._on_error = on_spooled, on_error
        self._is_over = False
        self._thread = threading.Thread(target=self._run, name="spooler", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout_seconds: float) -> bool:
        """End, and move what is left in memory.

        Args:
            timeout_seconds: How long a disk that hangs is waited for.

        Returns:
            Whether nothing is left in memory.
        """
        with self._backlog.changed:
            self._is_over = True
            self._backlog.changed.notify_all()
        self._thread.join(timeout_seconds)
        if not self._thread.is_alive():
            self._try(self._backlog.spill)
        return self._backlog.in_memory == 0

    def _run(self) -> None:
        pause = 0.0 if self._backlog.is_sound else _FIRST_PAUSE_SECONDS
        while self._wait(pause):
            is_idle = pause and not self._is_due()
            is_done = self._try(self._backlog.check if is_idle else self._backlog.spill)
            longer = max(2 * pause, _FIRST_PAUSE_SECONDS)
            pause = 0.0 if is_done else min(longer, _LONGEST_PAUSE_SECONDS)

    def _wait(self, pause: float) -> bool:
        """Wait until something is due or, after a failure, for a pause; False at the end."""
        with self._backlog.changed:
            if pause:
                self._backlog.changed.wait_for(lambda: self._is_over, pause)
            while not (pause or self._is_over or self._is_due()):
                left = self._left_ns()
                self._backlog.changed.wait(None if left is None else left / 1e9)
            return not self._is_over

    def _is_due(self) -> bool:
        left = self._left_ns()
        return left is not None and left <= 0

    def _left_ns(self) -> int | None:
        oldest = self._backlog.oldest_ns
        return None if oldest is None else oldest + self._patience_ns - _CLOCK.monotonic_ns()

    def _try(self, act: Callable[[], int | None]) -> bool:
        was_sound = self._backlog.is_sound
        try:
            count = act() or 0
            if self._on_spooled and (count or not was_sound):
                self._on_spooled(count)
        except Exception as error:  # noqa: BLE001 - whatever it is, memory is left
            if self._on_error:
                self._on_error(error)
            return False
        return True
