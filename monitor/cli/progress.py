"""How far something is: told on a terminal, once it has taken two seconds."""

import sys
import threading
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self, TypeVar

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from monitor.cli.consoles import console

T = TypeVar("T")

_PATIENCE_SECONDS = 2.0


class Bar:
    """A bar on standard error that goes when the work is done; nothing where that is no terminal.

    Args:
        title: What is being done.
        total: How many steps there are; None if nobody knows.
        patience_seconds: Shorter work shows nothing.
    """

    def __init__(
        self,
        title: str,
        total: int | None = None,
        *,
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console(sys.stderr),
            transient=True,
        )
        self._task = self._progress.add_task(title, total=total)
        self._lock = threading.Lock()
        self._is_shown = self._is_over = False
        self._timer = threading.Timer(patience_seconds, self._show)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._is_over = True
            if self._is_shown:
                self._progress.stop()

    def step(self, count: int = 1) -> None:
        """So many steps more are done."""
        self._progress.advance(self._task, count)

    def through(self, things: Iterable[T]) -> Iterator[T]:
        """Give each of them on, a step each."""
        for each in things:
            self.step()
            yield each

    def _show(self) -> None:
        with self._lock:
            if not self._is_over:
                self._is_shown = True
                self._progress.start()
