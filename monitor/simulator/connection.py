"""One client's connection: reads requests, serves them in turn, stamps each write."""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import cast

from monitor.model.clock import Clock
from monitor.simulator.http import (
    LAST_CHUNK,
    Answer,
    BadRequestError,
    Request,
    RequestParser,
    chunk,
    head,
    json_answer,
)

Handler = Callable[[Request, "Connection"], Awaitable[None]]

#: SO_LINGER with a time of 0: closing sends a reset instead of a goodbye.
_LINGER_ZERO = struct.pack("ii", 1, 0)


class Connection(asyncio.Protocol):
    """Serves the requests of one connection, one after the other."""

    def __init__(self, handler: Handler, clock: Clock, connections: set["Connection"]) -> None:
        self._handler = handler
        self._clock = clock
        self._connections = connections
        self._parser = RequestParser()
        self._waiting: deque[Request] = deque()
        self._task: asyncio.Task[None] | None = None
        self._transport: asyncio.Transport
        self._loop = asyncio.get_running_loop()
        self._lost = self._loop.create_future()
        self._writable = asyncio.Event()
        self._writable.set()
        self._leaving = False

    @property
    def task(self) -> asyncio.Task[None] | None:
        """The request that is being served."""
        return self._task

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to listen to the client."""
        self._transport = cast("asyncio.Transport", transport)
        self._connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Take bytes of a request; its last byte is stamped here, before anything else."""
        at_ns = self._clock.monotonic_ns()
        try:
            self._waiting.extend(self._parser.feed(data, at_ns))
        except BadRequestError as error:
            self._refuse(error)
        else:
            self._serve_next()

    def pause_writing(self) -> None:
        """Note that the client reads more slowly than we write."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Note that the client has caught up."""
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Drop what was being served: nobody is there to take it."""
        del exc
        self._connections.discard(self)
        if self._task:
            self._task.cancel()
        self._lost.set_result(None)

    def send(self, data: bytes) -> tuple[int, int]:
        """Hand bytes to the socket; give the instants right before and right after.

        Raises:
            ConnectionAbortedError: The client has left.
        """
        if self._transport.is_closing():
            raise ConnectionAbortedError("the client has left")
        before_ns = self._clock.monotonic_ns()
        self._transport.write(data)
        return before_ns, self._clock.monotonic_ns()

    def answer(
        self, answer: Answer, headers: tuple[tuple[str, str], ...] = (), *, part: float = 1.0
    ) -> tuple[int, int]:
        """Send a whole answer in one write, or its head and the first *part* of its body.

        Raises:
            ConnectionAbortedError: The client has left.
        """
        top = head(
            answer.status,
            (
                ("content-type", answer.content_type),
                ("content-length", str(len(answer.body))),
                *answer.headers,
                *headers,
            ),
        )
        return self.send(top + answer.body[: int(len(answer.body) * part)])

    def send_chunk(self, data: bytes) -> tuple[int, int]:
        """Send one chunk of a chunked body, as `send` does."""
        return self.send(chunk(data))

    def end_chunks(self) -> None:
        """Complete a chunked body."""
        self.send(LAST_CHUNK)

    async def writable(self) -> None:
        """Wait until the client has taken most of what was written."""
        await self._writable.wait()

    def reset(self) -> None:
        """Break the connection off by a TCP reset."""
        raw = self._transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        self._transport.abort()

    def retire(self) -> None:
        """Close the connection once the request that is being served is done; else now.

        The goodbye leaves before this returns, so that a client who is about to send its
        next request can know of it.
        """
        self._leaving = True
        if self._task is None:
            with suppress(OSError):
                self._transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
            self._transport.abort()

    async def abort(self) -> None:
        """Break off at once, and wait until nothing is left of it."""
        task = self._task
        self._transport.abort()
        await self._lost
        if task:
            await asyncio.gather(task, return_exceptions=True)

    def _refuse(self, error: BadRequestError) -> None:
        if self._task is None:
            self.answer(json_answer(error.status, {"error": {"message": str(error)}}))
        self._transport.close()

    def _serve_next(self) -> None:
        if self._task is None and self._waiting and not self._transport.is_closing():
            self._task = self._loop.create_task(self._serve(self._waiting.popleft()))

    async def _serve(self, request: Request) -> None:
        try:
            await self._handler(request, self)
        except ConnectionError:
            self._transport.abort()
        except BaseException:
            self._transport.abort()
            raise
        finally:
            self._task = None
        if request.closes or self._leaving:
            self._transport.close()
        else:
            self._serve_next()
