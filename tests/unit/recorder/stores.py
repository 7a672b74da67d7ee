"""A store that fails and hangs on command."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from monitor.model.triple import Triple
from monitor.recorder.writer import Writer
from monitor.store.errors import UnwritableError

PATIENCE_SECONDS = 20.0
Start = Callable[[Writer], Writer]


class Store:
    """Takes batches; fails as often as it is told, and waits while its gate is shut."""

    def __init__(self, failures: int = 0) -> None:
        self.batches: list[list[Triple]] = []
        self.failures = failures
        self.poison: Triple | None = None
        self.entered = threading.Semaphore(0)
        self.gate = threading.Event()
        self.gate.set()
        self._count = threading.Condition()

    def write(self, batch: Sequence[Triple]) -> None:
        self.entered.release()
        assert self.gate.wait(PATIENCE_SECONDS)
        if self.failures:
            self.failures -= 1
            raise OSError("the disk is full")
        if self.poison in batch:
            raise UnwritableError("this one never")
        with self._count:
            self.batches.append(list(batch))
            self._count.notify_all()

    @property
    def triples(self) -> list[Triple]:
        return [triple for batch in self.batches for triple in batch]

    def wait_for(self, count: int) -> bool:
        """Wait until so many triples were written."""
        with self._count:
            return self._count.wait_for(lambda: len(self.triples) >= count, PATIENCE_SECONDS)


@contextmanager
def shut(store: Store) -> Iterator[None]:
    """Let the next write hang until the block ends."""
    store.gate.clear()
    try:
        yield
    finally:
        store.gate.set()
