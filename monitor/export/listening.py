"""Waiting, in the API's loop, for what another thread brings about."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Protocol


class Source(Protocol):
    """Tells of changes on a thread of its own."""

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have somebody told; give what ends it."""
        ...


class Bell:
    """Rings in one loop when a source, on whatever thread, tells of a change."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Ring; from any thread, even after the loop has ended."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._rung.set)

    async def wait(self, seconds: float) -> bool:
        """Wait for the next ring, at most so long; say whether there was one."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        was_rung = self._rung.is_set()
        self._rung.clear()
        return was_rung


@contextlib.contextmanager
def bell(*sources: Source) -> Iterator[Bell]:
    """Give a bell that rings for each of the sources."""
    ours = Bell()
    with contextlib.ExitStack() as ends:
        for source in sources:
            ends.callback(source.listen(ours.ring))
        yield ours
