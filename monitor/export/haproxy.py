"""HAProxy's agent check: a server asks by the target's name, and is told its state and weight.

The agent is asked over TCP and answers one line of words (HAProxy's configuration manual,
`agent-check`). It fails open: nothing is taken out by a picture that is old, or of a target that
is not known; HAProxy itself keeps what it heard last when nobody answers.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable
from datetime import timedelta

from monitor.export.names import by_name
from monitor.model.clock import Clock
from monitor.model.routing import MAX_AGE_SECONDS, Candidate, Routing

#: HAProxy takes 0 % for draining, so who gets anything gets this at least.
_LEAST_PERCENT = 1
_OPEN = "up ready 100%\n"
_MAX_AGE = timedelta(seconds=MAX_AGE_SECONDS)
_PATIENCE_SECONDS = 5.0
_LONGEST_NAME = 512
_JOIN_SECONDS = 5.0


def agent_line(candidate: Candidate | None) -> str:
    """Answer for a target; of one that is not known nothing is said, which changes nothing."""
    if candidate is None:
        return "\n"
    if candidate.weight <= 0:
        reason = candidate.view.health.reason
        return f"down #{candidate.state}{': ' + reason if reason else ''}\n"
    # `up` must be said to leave `down`, and `ready` to leave maintenance and draining.
    return f"up ready {max(round(candidate.weight * 100), _LEAST_PERCENT)}%\n"


class Agent:
    """Answers agent checks on a port, from a thread of its own.

    Args:
        listener: Bound and listening.
        routing: Gives the newest weights.
        clock: Tells how old they are.
    """

    def __init__(
        self, listener: socket.socket, routing: Callable[[], Routing], clock: Clock
    ) -> None:
        self._listener, self._routing, self._clock = listener, routing, clock
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="agent", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        if self._thread.ident is not None:
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join(timeout=_JOIN_SECONDS)
        self._listener.close()

    def answer(self, name: str) -> str:
        """Answer for a target, by its key or what `slug_of` makes of it."""
        routing = self._routing()
        if self._clock.now() - routing.heartbeat_at > _MAX_AGE:
            return _OPEN
        return agent_line(by_name(routing, name))

    def _run(self) -> None:
        with contextlib.closing(self._loop):
            self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._answer, sock=self._listener, limit=_LONGEST_NAME)
        async with server:
            await self._ended.wait()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read a line and answer it; who sends none, or too long a one, hears nothing."""
        with contextlib.suppress(OSError, ValueError, TimeoutError):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                name = (await reader.readline()).decode("utf-8", "replace").strip()
                writer.write(self.answer(name).encode())
                await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
