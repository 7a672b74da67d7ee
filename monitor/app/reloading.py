"""Takes a changed configuration into force while probing goes on; a bad one changes nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from monitor.app.in_force import InForce
from monitor.app.observers import Observers
from monitor.config.errors import ConfigError, Problem
from monitor.config.settings import Settings
from monitor.config.source import Source
from monitor.model.clock import Clock
from monitor.model.configuration import Configuration

#: From look to look. What has changed is taken once it is the same at two looks: some editors
#: write a file in two steps.
LOOK_SECONDS = 2.0
#: After an attempt that our own store spoiled, the next one comes so much later; twice as much
#: after each further one.
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 2.0, 60.0
_NOT_TAKEN = "what is new was not taken, by a fault that is not the file's; it is tried again"

#: Takes settings into force, and lists the keys of which that takes a start.
Apply = Callable[[Settings], Awaitable[tuple[str, ...]]]


class Reloader:
    """Reads the configuration again when it has changed, and when asked to; one at a time.

    Args:
        source: What is read, looked at once before it was read for the first time.
        seen: What that look gave.
        in_force: Keeps how the last reading went.
        apply: Takes what was read into force; where it fails, nothing may have changed.
        clock: Tells when.
        observers: Told of what happens.
    """

    def __init__(
        self,
        source: Source,
        seen: bytes,
        in_force: InForce,
        apply: Apply,
        clock: Clock,
        observers: Observers,
    ) -> None:
        self._source, self._in_force, self._apply = source, in_force, apply
        self._clock, self._observers = clock, observers
        self._asked = asyncio.Event()
        #: The content at the last look, and the one that was read last.
        self._seen = self._read = seen
        self._pause_seconds = _FIRST_PAUSE_SECONDS
        self._again_ns: int | None = None

    def ask(self) -> None:
        """Have it read soon, changed or not; after what is under way."""
        self._asked.set()

    async def follow(self) -> None:
        """Look and read until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._asked.wait()
            is_asked = self._asked.is_set()
            self._asked.clear()
            try:
                await self.look(is_asked=is_asked)
            except Exception as error:  # noqa: BLE001 - our own trouble must not end the looking
                self._observers.failed(error)

    async def look(self, *, is_asked: bool = False) -> None:
        """Look once, and read what is new or asked for."""
        before, self._seen = self._seen, await asyncio.to_thread(self._source.look)
        is_new = self._seen != self._read
        if is_asked or (is_new and self._seen == before) or self._is_due:
            await self._reload(self._seen)

    @property
    def _is_due(self) -> bool:
        return self._again_ns is not None and self._clock.monotonic_ns() >= self._again_ns

    async def _reload(self, seen: bytes) -> None:
        """Read once. A change that comes meanwhile is found by the next look."""
        try:
            fresh = await asyncio.to_thread(self._source.load)
        except ConfigError as error:
            self._settle(seen)
            self._refuse(*map(_told, error.problems))
            self._observers.config_refused(error)
            return
        try:
            waiting = await self._apply(fresh)
        except Exception as error:  # noqa: BLE001 - the store may be gone for a while
            self._try_again(seen)
            self._refuse(_NOT_TAKEN)
            self._observers.config_not_taken(error)
            return
        self._settle(seen)
        self._in_force.status = Configuration(read_at=self._clock.now(), waiting=waiting)
        self._observers.config_taken(fresh.warnings, waiting)

    def _refuse(self, *problems: str) -> None:
        self._in_force.status = replace(self._in_force.status, problems=problems)

    def _settle(self, seen: bytes) -> None:
        self._read, self._again_ns, self._pause_seconds = seen, None, _FIRST_PAUSE_SECONDS

    def _try_again(self, seen: bytes) -> None:
        self._read = seen  # what changes until then is taken as any change is
        self._again_ns = self._clock.monotonic_ns() + round(self._pause_seconds * 1e9)
        self._pause_seconds = min(self._pause_seconds * 2, _LONGEST_PAUSE_SECONDS)


def _told(problem: Problem) -> str:
    """Tell it without the name of the file: whoever asks whether we are ready sees it."""
    where = "configuration" if problem.line is None else f"line {problem.line}"
    return replace(problem, line=None).text(where)
