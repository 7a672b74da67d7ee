"""A server that streams by scripts and knows to the microsecond what it did.

One thread, one epoll, a heap of due sends: it keeps up with 12,800 sends a second.
"""

import contextlib
import gc
import heapq
import json
import select
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from functools import partial
from multiprocessing.connection import Connection as Pipe

from tests.benchmarks.script import Script
from tests.benchmarks.truth import Told, Truth
from tests.benchmarks.wire import SO_TIMESTAMPNS, Connection, Request

_NS = 1_000_000_000
_BACKLOG = 4096
#: Looks up so often when nothing is due.
_IDLE_SECONDS = 1.0
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"


class _Answer:
    """One answer on its way."""

    __slots__ = ("connection", "head", "late_ns", "request", "script", "sent_ns", "streams", "told")

    def __init__(
        self, connection: Connection, script: Script, request: Request, request_id: str
    ) -> None:
        asked = json.loads(request.body)
        self.connection = connection
        self.script = script
        self.request = request
        self.streams = asked.get("stream") is True
        self.told = (request_id, str(asked.get("model")))
        self.head = f"HTTP/1.1 200 OK\r\nx-request-id: {request_id}\r\n".encode()
        self.sent_ns: list[tuple[int, int]] = []
        self.late_ns = 0

    def begin(self) -> None:
        """Send what a stream begins with: the head and a delta without a token."""
        if self.streams:
            self.connection.send(self.connection.sealed(self.head + self.script.opening))

    def due_ns(self) -> int:
        """When the next send is due."""
        last = len(self.script.sends) - 1
        number = len(self.sent_ns) if self.streams else last
        return self.request.received_ns + self.script.due_ns(number)

    def proceed(self) -> bool:
        """Do the next send, stamped; say whether another one follows."""
        number = len(self.sent_ns)
        if self.is_told:
            self.connection.send(self.connection.sealed(self.script.ending))
            return False
        piece = self.script.pieces[number] if self.streams else self.head + self.script.whole
        sealed = self.connection.sealed(piece)
        due = self.due_ns()
        before = time.monotonic_ns()
        is_sent = self.connection.send(sealed)
        after = time.monotonic_ns()
        self.sent_ns.append((before, after))
        self.late_ns = max(self.late_ns, before - due)
        return is_sent and self.streams

    @property
    def is_told(self) -> bool:
        """The last token has been sent."""
        return len(self.sent_ns) == (len(self.script.sends) if self.streams else 1)

    def truth(self) -> Truth:
        """What happened."""
        request_id, model = self.told
        return Truth(
            request_id=request_id,
            model=model,
            request_received_ns=self.request.received_ns,
            sent_ns=tuple(self.sent_ns),
            tokens=self.script.sends if self.streams else (self.script.tokens,),
            late_ns=self.late_ns,
        )


class TruthServer:
    """Answers by the script that the first part of a path names, until told to stop.

    Args:
        scripts: The ways to answer, by name.
        pipe: Asks for what was (`told`), or to stop (`stop`).
    """

    def __init__(self, scripts: Mapping[str, Script], pipe: Pipe) -> None:
        self._scripts = scripts
        self._pipe = pipe
        self._epoll = select.epoll()
        self._handlers: dict[int, Callable[[], None]] = {}
        self._due: list[tuple[int, int, _Answer]] = []
        self._truths: list[Truth] = []
        self._count = 0
        self._is_stopped = False
        self._asked_at = (time.monotonic(), time.process_time())
        self._register(pipe.fileno(), self._obey)

    def listen(self, context: ssl.SSLContext | None = None) -> int:
        """Take connections, with TLS if there is a context; give the port."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        listener.setblocking(False)
        # Accepted sockets inherit it, so that no first byte comes without a stamp.
        listener.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._register(listener.fileno(), partial(self._accept, listener, context))
        return int(listener.getsockname()[1])

    def serve(self) -> None:
        """Answer until told to stop."""
        gc.disable()
        while not self._is_stopped:
            # select() waits to the microsecond, epoll only to the millisecond.
            select.select([self._epoll], [], [], self._wait_seconds())
            for descriptor, _ in self._epoll.poll(0):
                self._handlers[descriptor]()
            self._send_due()

    def _wait_seconds(self) -> float:
        if not self._due:
            return _IDLE_SECONDS
        return max((self._due[0][0] - time.monotonic_ns()) / _NS, 0.0)

    def _send_due(self) -> None:
        while self._due and self._due[0][0] <= time.monotonic_ns():
            answer = heapq.heappop(self._due)[2]
            was_told = answer.is_told
            goes_on = answer.proceed()
            if answer.is_told and not was_told:
                self._truths.append(answer.truth())
            if goes_on:
                self._await(answer)

    def _await(self, answer: _Answer) -> None:
        self._count += 1
        heapq.heappush(self._due, (answer.due_ns(), self._count, answer))

    def _register(self, descriptor: int, handler: Callable[[], None]) -> None:
        self._handlers[descriptor] = handler
        self._epoll.register(descriptor, select.EPOLLIN)

    def _accept(self, listener: socket.socket, context: ssl.SSLContext | None) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                connection = Connection(listener.accept()[0], context)
                self._register(connection.fileno(), partial(self._hear, connection))

    def _hear(self, connection: Connection) -> None:
        request = connection.receive()
        if request is None:
            return  # a descriptor that closes leaves the epoll by itself
        script = self._scripts.get(request.path.split("/")[1])
        if script is None or not request.body:
            connection.send(connection.sealed(_NOT_FOUND))
            return
        self._count += 1
        answer = _Answer(connection, script, request, f"bench-{self._count}")
        answer.begin()
        self._await(answer)

    def _obey(self) -> None:
        if self._pipe.recv() == "stop":
            self._is_stopped = True
            return
        (wall, cpu), now = self._asked_at, (time.monotonic(), time.process_time())
        busy = (now[1] - cpu) / (now[0] - wall)
        self._pipe.send(Told(truths=tuple(self._truths), busy_ratio=busy))
        self._truths.clear()
        self._asked_at = (time.monotonic(), time.process_time())
