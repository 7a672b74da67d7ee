"""Runs at the door of `Limits`, which come and go on command."""

import asyncio
from contextlib import AsyncExitStack

from monitor.scheduling.limits import Bounds, Lane, Limits

HOUR = 3600.0
ACME = Lane("acme", "a.example")


class Run:
    """A run that wants in, and once it is in stays until it is let go."""

    def __init__(
        self, limits: Limits, name: str, lane: Lane = ACME, patience_seconds: float = HOUR
    ) -> None:
        self.limits, self.name, self.lane = limits, name, lane
        self.is_in = False
        self.refusal: str | None = None
        self.go = asyncio.Event()
        self.task = asyncio.ensure_future(self._live(patience_seconds))

    async def _live(self, patience_seconds: float) -> None:
        async with self.limits.turn(self.lane, self.name, lambda: patience_seconds) as self.refusal:
            if self.refusal is None:
                self.is_in = True
                try:
                    await self.go.wait()
                finally:
                    self.is_in = False

    async def leave(self) -> None:
        self.go.set()
        await self.task
        await settle()


async def settle() -> None:
    """Let all that is ready come to its end."""
    for _ in range(5):
        await asyncio.sleep(0)


def names(runs: list[Run]) -> str:
    return "".join(run.name for run in runs if run.is_in)


async def arrive(limits: Limits, *arriving: tuple[str, Lane]) -> list[Run]:
    runs = [Run(limits, name, lane) for name, lane in arriving]
    await settle()
    return runs


async def end(runs: list[Run]) -> None:
    for run in runs:
        run.task.cancel()
    await asyncio.gather(*(run.task for run in runs), return_exceptions=True)


def never() -> float:
    raise AssertionError("it had to wait")


async def assert_all_free(limits: Limits, bounds: Bounds) -> None:
    """Fill every bound anew, without a wait."""
    fillings = (
        [Lane(f"p{n}", f"h{n}") for n in range(bounds.overall)],
        [Lane("other", f"h{n}") for n in range(min(bounds.per_provider, bounds.overall))],
        [Lane(f"p{n}", "a.example") for n in range(min(bounds.per_host, bounds.overall))],
    )
    for lanes in fillings:
        async with AsyncExitStack() as stack:
            for lane in lanes:
                assert await stack.enter_async_context(limits.turn(lane, None, never)) is None
    assert limits.waiting == 0
