"""One thread writes all triples, in batches, and never lets the store disturb a measurement."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeVarTuple

from monitor.model.clock import Clock, SystemClock
from monitor.model.triple import Triple
from monitor.store.errors import UnwritableError

#: The pause after a failing write: the first, and the bound up to which it doubles.
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0

Told = TypeVarTuple("Told")

_CLOCK: Clock = SystemClock()


class Writer:
    """Takes triples at once, and writes them soon, in their order, each batch in one call.

    A failing write is repeated until it succeeds, so that an outage of the store costs nothing
    as long as the triples fit; only what no retry can write (`UnwritableError`) is dropped.

    Args:
        write: Writes a batch whole or not at all; writing it twice must be harmless.
        capacity: Triples that may wait; a full queue drops its oldest.
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
        capacity: int = 100_000,
        batch: int = 200,
        linger_seconds: float = 0.5,
        on_written: Callable[[int, float], None] | None = None,
        on_error: Callable[[Exception], None] | None = None,
        on_dropped: Callable[[int, str], None] | None = None,
    ) -> None:
        self._write = write
        self._capacity = capacity
        self._batch = batch
        self._linger_seconds = linger_seconds
        self._on_written = on_written
        self._on_error = on_error
        self._on_dropped = on_dropped
        self._queue: deque[Triple] = deque()
        self._taken: Sequence[Triple] = ()
        self._is_stopping = False
        self._is_over = False
        self._written = self._dropped = self._errors = 0
        self._last_error: Exception | None = None
        self._changed = threading.Condition()
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
            else:
                if len(self._queue) >= self._capacity:
                    self._queue.popleft()
                    reason = "the queue is full"
                self._queue.append(triple)
                if len(self._queue) in (1, self._batch):
                    self._changed.notify_all()
            self._dropped += bool(reason)
        if reason:
            self._tell(self._on_dropped, 1, reason)

    def stop(self, timeout_seconds: float) -> bool:
        """Write what is queued and end the thread; `pending` says what could not be written.

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
        return self.pending == 0

    @property
    def pending(self) -> int:
        """Triples that were put and are not written yet."""
        with self._changed:
            return len(self._queue) + len(self._taken)

    @property
    def written(self) -> int:
        """Triples written since the start."""
        return self._written

    @property
    def dropped(self) -> int:
        """Triples lost since the start: the queue was full, or the store refuses them for ever."""
        return self._dropped

    @property
    def errors(self) -> int:
        """Failing writes since the start, and failures of the callbacks."""
        return self._errors

    @property
    def last_error(self) -> Exception | None:
        """What the last write failed with; None if it succeeded."""
        return self._last_error

    def _run(self) -> None:
        while batch := self._take():
            self._settle(batch)

    def _take(self) -> Sequence[Triple]:
        """Wait for a batch and take it; empty when all is written and the end has come."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._is_stopping)
            self._changed.wait_for(
                lambda: len(self._queue) >= self._batch or self._is_stopping, self._linger_seconds
            )
            if self._is_over:
                return ()
            size = min(self._batch, len(self._queue))
            self._taken = [self._queue.popleft() for _ in range(size)]
            return self._taken

    def _settle(self, batch: Sequence[Triple]) -> None:
        """Write a batch; where it holds an unwritable triple, write the others without it."""
        try:
            self._persist(batch)
        except UnwritableError as error:
            if len(batch) > 1:
                for triple in batch:
                    self._settle([triple])
            else:
                self._give_up(batch, error)

    def _persist(self, batch: Sequence[Triple]) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while not self._is_over:
            was_stopping = self._is_stopping
            if self._attempt(batch):
                return
            is_woken = self._rest(pause, was_stopping)
            pause = _FIRST_PAUSE_SECONDS if is_woken else min(2 * pause, _LONGEST_PAUSE_SECONDS)

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
            self._taken = self._taken[len(batch) :]
            self._last_error = None
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
            self._taken = self._taken[len(batch) :]
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
