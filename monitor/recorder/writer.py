"""One thread writes all triples, in batches, and never lets the store disturb a measurement."""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVarTuple

from monitor.model.clock import Clock, SystemClock
from monitor.model.triple import Triple
from monitor.recorder.backlog import Backlog
from monitor.store.errors import UnwritableError

#: The pause after a failing write: the first, and the bound up to which it doubles.
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0

Told = TypeVarTuple("Told")

_CLOCK: Clock = SystemClock()


class Writer:
    """Takes triples at once, and writes them soon, in their order, each batch in one call.

    A failing write is repeated until it succeeds, so that an outage of the store costs nothing
    as long as the backlog holds; only what no retry can write (`UnwritableError`) is dropped.

    Args:
        write: Writes a batch whole or not at all; writing it twice must be harmless.
        backlog: What waits; its own, in memory, if none is given.
        batch: The most triples that are written in one call.
        linger_seconds: How long a triple may wait for company.
        on_written: Told after each batch how many triples it had, and how many seconds it took.
        on_error: Told of each failing write.
        on_dropped: Told how many triples were lost just now, and why. Where `put` found the
            queue full it runs on the caller's thread; all else runs on the writer's own.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Triple]], None],
        *,
        backlog: Backlog | None = None,
        batch: int = 200,
        linger_seconds: float = 0.5,
        on_written: Callable[[int, float], None] | None = None,
        on_error: Callable[[Exception], None] | None = None,
        on_dropped: Callable[[int, str], None] | None = None,
    ) -> None:
        self._write = write
        self._backlog = backlog or Backlog()
        self._batch = batch
        self._linger_seconds = linger_seconds
        self._on_written = on_written
        self._on_error = on_error
        self._on_dropped = on_dropped
        self._is_stopping = False
        self._is_over = False
        self._written = self._dropped = self._errors = 0
        self._last_error: Exception | None = None
        self._changed = self._backlog.changed
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    def start(self) -> None:
        """Start the thread; what was put before is written then."""
        self._thread.start()

    def put(self, triple: Triple) -> None:
        """Queue a triple; never waits for the store."""
        reason = ""
        with self._changed:
            if self._is_over:
                reason = "the writer has stopped"
            elif not self._backlog.put(triple, self._batch):
                reason = "the queue is full"
            self._dropped += bool(reason)
        if reason:
            self._tell(self._on_dropped, 1, reason)

    def stop(self, timeout_seconds: float) -> bool:
        """Write what waits and end the thread; `pending` says what could not be written.

        It ends early if the store fails and the spool keeps all.

        Args:
            timeout_seconds: How long the writing may take.

        Returns:
            Whether everything was written.
        """
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join(timeout_seconds)
        with self._changed:
            self._is_over = True
            self._changed.notify_all()
        return self.pending == 0 and self._backlog.spooled == 0

    @property
    def pending(self) -> int:
        """Triples that were put and are neither written nor in the spool yet."""
        return self._backlog.in_memory

    @property
    def written(self) -> int:
        """Triples written since the start."""
        return self._written

    @property
    def dropped(self) -> int:
        """Triples lost since the start: too many waited, or the store refuses them for ever."""
        return self._dropped + self._backlog.lost

    @property
    def errors(self) -> int:
        """Failing writes since the start, and failures of the callbacks."""
        return self._errors

    @property
    def last_error(self) -> Exception | None:
        """What the last write failed with; None if it succeeded."""
        return self._last_error

    def _run(self) -> None:
        while self._wait():
            batch = self._backlog.take(self._batch)  # empty if nothing there can be read
            if batch and not self._settle(batch):
                return
            self._backlog.settle()

    def _wait(self) -> bool:
        """Wait until there is something to take; False when the end has come."""
        backlog = self._backlog
        with self._changed:
            self._changed.wait_for(lambda: backlog.queued or backlog.spooled or self._is_stopping)
            self._changed.wait_for(
                lambda: backlog.queued >= self._batch or backlog.spooled or self._is_stopping,
                self._linger_seconds,
            )
            is_done = self._is_stopping and not (backlog.in_memory or backlog.spooled)
            return not (is_done or self._is_over)

    def _settle(self, batch: Sequence[Triple]) -> bool:
        """Write a batch, without what is unwritable in it; False if the end came before."""
        try:
            return self._persist(batch)
        except UnwritableError as error:
            if len(batch) > 1:
                return all(self._settle([triple]) for triple in batch)
            self._give_up(batch, error)
            return True

    def _persist(self, batch: Sequence[Triple]) -> bool:
        pause = _FIRST_PAUSE_SECONDS
        while not self._is_over:
            was_stopping = self._is_stopping
            if self._attempt(batch):
                return True
            if self._is_stopping and self._is_safe():
                return False
            is_woken = self._rest(pause, was_stopping)
            pause = _FIRST_PAUSE_SECONDS if is_woken else min(2 * pause, _LONGEST_PAUSE_SECONDS)
        return False

    def _is_safe(self) -> bool:
        """Bring all that waits into the spool, and say whether nothing is left in memory."""
        try:
            self._backlog.spill()
        except Exception as error:  # noqa: BLE001 - the store is tried again
            self._note(error)
        return self._backlog.in_memory == 0

    def _attempt(self, batch: Sequence[Triple]) -> bool:
        begun_ns = _CLOCK.monotonic_ns()
        try:
            self._write(batch)
        except UnwritableError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the batch is kept
            self._note(error)
            self._tell(self._on_error, error)
            return False
        seconds = (_CLOCK.monotonic_ns() - begun_ns) / 1e9
        with self._changed:
            self._written += len(batch)
            kept = self._backlog.shrink(len(batch))
            self._last_error = None
        self._tell(self._backlog.on_kept, kept)
        self._tell(self._on_written, len(batch), seconds)
        return True

    def _rest(self, seconds: float, was_stopping: bool) -> bool:  # noqa: FBT001
        """Pause before the next attempt; True if `stop` cut the pause short."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self._is_over or self._is_stopping is not was_stopping, seconds
            )

    def _give_up(self, batch: Sequence[Triple], error: UnwritableError) -> None:
        with self._changed:
            self._dropped += len(batch)
            self._backlog.shrink(len(batch))
        self._tell(self._on_dropped, len(batch), str(error))

    def _tell(self, callback: Callable[[*Told], None] | None, *what: *Told) -> None:
        """Call a callback, if there is one; its failure must not end the writing."""
        try:
            if callback is not None:
                callback(*what)
        except Exception as error:  # noqa: BLE001 - counted, and told as `last_error`
            self._note(error)

    def _note(self, error: Exception) -> None:
        with self._changed:
            self._errors += 1
            self._last_error = error
