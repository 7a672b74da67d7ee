"""Does a host let us in? Asked once for all who want to know it at the same time."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from monitor.model.clock import Clock
from monitor.probes.network.http1 import UnsendableError

_PATIENCE_SECONDS = 2.0
#: For so long an answer serves those who come after.
_FRESH_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a knock.

    Attributes:
        is_open: A TCP connection stood.
        at_ns: When that was known (`monotonic_ns`).
        words: What went wrong; empty if nothing did.
    """

    is_open: bool
    at_ns: int
    words: str = ""


class Knocks:
    """Asks hosts, each at most once a second however many want to know.

    Args:
        knock: Opens a TCP connection to an origin and closes it again.
        clock: Tells the age of an answer.
        patience_seconds: Who has not let us in by then does not.
    """

    def __init__(
        self,
        knock: Callable[[str], Awaitable[None]],
        clock: Clock,
        *,
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self._knock, self._clock, self._patience_seconds = knock, clock, patience_seconds
        self._answers: dict[str, Answer] = {}
        self._asking: dict[str, asyncio.Task[Answer]] = {}

    async def ask(self, origin: str) -> Answer:
        """Give the answer of *origin* (`scheme://host:port`): a new one, or one a second old."""
        known = self._answers.get(origin)
        if known and self._clock.monotonic_ns() - known.at_ns <= _FRESH_NS:
            return known
        asking = self._asking.get(origin)
        if asking is None:
            asking = self._asking[origin] = asyncio.create_task(self._ask(origin))
        # One who gives up does not end it for the others.
        return await asyncio.shield(asking)

    async def _ask(self, origin: str) -> Answer:
        try:
            words = await self._tried(origin)
            answer = Answer(not words, self._clock.monotonic_ns(), words)
            self._answers[origin] = answer
            return answer
        finally:
            del self._asking[origin]

    async def _tried(self, origin: str) -> str:
        """Say what went wrong; nothing if a connection stood."""
        patience = asyncio.timeout(self._patience_seconds)
        try:
            async with patience:
                await self._knock(origin)
        except (OSError, UnsendableError) as error:
            return "no answer" if patience.expired() else _words(error)
        return ""


def _words(error: Exception) -> str:
    number = None if isinstance(error, socket.gaierror) else getattr(error, "errno", None)
    return os.strerror(number) if number else str(error) or type(error).__name__
