"""HAProxy's agent check: a server asks by the target's name, and is told its state and weight.

The agent is asked over TCP and answers one line of words (HAProxy's configuration manual,
`agent-check`). It fails open: nothing is taken out by a picture that is old, or of a target that
is not known. HAProxy keeps what it heard last when nobody answers.
"""

import asyncio
import contextlib
import hmac
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future

from monitor.export.names import by_name
from monitor.model.clock import Clock
from monitor.model.routing import Candidate, Routing
from monitor.model.target import Secret

#: HAProxy takes 0 % for draining, so who gets anything gets this at least.
_LEAST_PERCENT = 1
#: `up` must be said to leave `down`. Not `ready`: that ends what an operator put into maintenance.
_UP = "up {percent}%\n"
_OPEN = _UP.format(percent=100)
_PATIENCE_SECONDS = 5.0
_LONGEST_LINE = 2048
_JOIN_SECONDS = 5.0
#: What ends a conversation early; only the end of all of them cancels one, which is no error.
_NO_MATTER = (OSError, ValueError, TimeoutError, asyncio.CancelledError)


def agent_line(candidate: Candidate | None) -> str:
    """Answer for a target; one that is not known is treated as if nobody watched over it."""
    if candidate is None:
        return _OPEN
    if candidate.weight <= 0:
        reason = candidate.view.health.reason
        return f"down #{candidate.state}{': ' + reason if reason else ''}\n"
    return _UP.format(percent=max(round(candidate.weight * 100), _LEAST_PERCENT))


class Agent:
    """Answers agent checks on a port, from a thread of its own.

    Args:
        listener: Bound and listening.
        routing: Gives the newest weights.
        clock: Tells how old they are.
        token: If given, a line begins with it and a space.
    """

    def __init__(
        self,
        listener: socket.socket,
        routing: Callable[[], Routing],
        clock: Clock,
        token: Secret | None = None,
    ) -> None:
        self._listener, self._routing, self._clock = listener, routing, clock
        self._prefix = f"{token.reveal()} ".encode() if token else b""
        self._started: Future[asyncio.AbstractEventLoop] = Future()
        self._ended = asyncio.Event()
        # Whatever it is busy with, the daemon's end does not wait for it.
        self._thread = threading.Thread(target=self._run, name="agent", daemon=True)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that are really bound."""
        host, port = self._listener.getsockname()[:2]
        return host, port

    def start(self) -> None:
        """Begin to answer.

        Raises:
            OSError: There is nothing left to answer with, such as file descriptors.
        """
        self._thread.start()
        self._started.result()

    def stop(self) -> None:
        """Answer no more; harmless if it never began."""
        if self._thread.ident is not None:
            with contextlib.suppress(RuntimeError, OSError):  # it never began, or has ended
                self._started.result().call_soon_threadsafe(self._ended.set)
            self._thread.join(timeout=_JOIN_SECONDS)
        self._listener.close()

    def answer(self, line: bytes) -> str:
        """Answer a line: the target's key, or what `slug_of` makes of it.

        Who has another token is told nothing, which is not silence: that would leave a server out.
        """
        if not hmac.compare_digest(line[: len(self._prefix)], self._prefix):
            return _OPEN
        name = line[len(self._prefix) :].decode("utf-8", "replace").strip()
        routing = self._routing()
        is_stale = routing.is_stale(self._clock.now())
        return _OPEN if is_stale else agent_line(by_name(routing, name))

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())  # whose end cancels what is still under way
        except BaseException as error:
            if self._started.done():
                raise
            self._started.set_exception(error)  # whoever started the thread gets it

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._answer, sock=self._listener, limit=_LONGEST_LINE)
        self._started.set_result(asyncio.get_running_loop())
        await self._ended.wait()
        server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read a line and answer it; who sends none, or too long a one, hears nothing."""
        with contextlib.suppress(*_NO_MATTER), contextlib.closing(writer):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                line = await reader.readline()
                if line:
                    writer.write(self.answer(line).encode())
                    await writer.drain()
