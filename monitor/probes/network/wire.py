"""One connection: bytes out with the instant they left, bytes in with the instant they arrived.

It speaks the interface of httpcore's `AsyncNetworkStream`, without anyio's layers. Reading goes
on by itself: the event loop's callback takes each read and its stamp from the kernel, so that a
reader who comes late finds when the bytes arrived, not when he came.
"""

import asyncio
import socket
import ssl
from collections import deque
from typing import Any, Self

from monitor.model.clock import Clock
from monitor.probes.network.arrival import ANCILLARY_BYTES, Arrival, Arrivals

_READ_BYTES = 65_536
#: So much may wait for its reader; beyond that the peer has to wait, too.
_MOST_WAITING = 1 << 20


class Wire:
    """One TCP connection, with or without TLS.

    Args:
        sock: Connected and non-blocking.
        clock: Tells the instants.
        arrivals: Tells the age of a read.

    Attributes:
        arrival: Of the newest bytes that `read` gave out; of nothing, before the first.
        sent_ns: When the newest bytes of `write` had been handed to the kernel.
    """

    def __init__(self, sock: socket.socket, clock: Clock, arrivals: Arrivals) -> None:
        self._sock, self._clock, self._arrivals = sock, clock, arrivals
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[bytes, Arrival]] = deque()
        self._waiting_bytes = 0
        self._is_reading = self._is_ended = False
        self._error: OSError | None = None
        self._reader: asyncio.Future[None] | None = None
        self._tls: ssl.SSLObject | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.arrival = Arrival(clock.monotonic_ns(), None)
        self.sent_ns: int | None = None
        self._resume()

    async def read(self, max_bytes: int = _READ_BYTES, timeout: float | None = None) -> bytes:  # noqa: ASYNC109, ARG002 - httpcore's interface; the run's watch keeps the time
        """Give what came next; b"" at the end.

        Over TLS it is all that one read of the socket held: its records arrived together.

        Raises:
            OSError: The connection broke (`ssl.SSLError` among them).
        """
        if self._tls is None:
            return await self._take()
        while True:
            records, is_over = self._records(self._tls, max_bytes)
            await self._flush()
            if records or is_over:
                return records
            await self._feed()

    def _records(self, tls: ssl.SSLObject, max_bytes: int) -> tuple[bytes, bool]:
        """Decrypt all that is there; say whether nothing follows.

        Raises:
            ssl.SSLError: It cannot be decrypted, and nothing could before it.
        """
        records: list[bytes] = []
        try:
            # The peer's goodbye reads as nothing, where Python does not raise it.
            while data := tls.read(max_bytes):
                records.append(data)
        except ssl.SSLWantReadError:
            return b"".join(records), False
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            pass
        except ssl.SSLError:
            if not records:
                raise
        return b"".join(records), True

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109, ARG002 - see above
        """Send; a peer that hung up is no error here: what it still said will be read."""
        if not buffer:
            return
        if self._tls is not None:
            self._tls.write(buffer)
            buffer = self._outgoing.read()
        try:
            await self._send(buffer)
        except ConnectionError:
            return
        self.sent_ns = self._clock.monotonic_ns()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002 - see above
    ) -> Self:
        """Shake hands.

        Raises:
            OSError: The handshake failed (`ssl.SSLError` among them).
        """
        tls = ssl_context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_hostname)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                await self._flush()
            except ssl.SSLError:
                await self._flush()  # the alert that says why
                raise
            await self._feed()
        await self._flush()
        self._tls = tls
        return self

    async def aclose(self) -> None:
        """Close; harmless if closed."""
        self.close()

    def close(self) -> None:
        """Close; harmless if closed."""
        if self._sock.fileno() >= 0:
            self._pause()
            self._is_ended = True
            self._sock.close()

    def get_extra_info(self, info: str) -> Any:
        """Answer httpcore's questions."""
        if info == "ssl_object":
            return self._tls
        if info == "socket":
            return self._sock
        return self.is_readable if info == "is_readable" else None

    @property
    def peer(self) -> str | None:
        """The address at the other end; None once it is gone."""
        try:
            return str(self._sock.getpeername()[0])
        except OSError:
            return None

    @property
    def is_readable(self) -> bool:
        """Something came that nobody has read; on an idle connection: its end."""
        return self._is_ended or self._error is not None or bool(self._waiting)

    async def _feed(self) -> None:
        data = await self._take()
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    async def _flush(self) -> None:
        if self._outgoing.pending:
            await self._send(self._outgoing.read())

    async def _send(self, data: bytes) -> None:
        try:
            sent = self._sock.send(data)
        except (BlockingIOError, InterruptedError):
            sent = 0
        if sent < len(data):
            await self._loop.sock_sendall(self._sock, memoryview(data)[sent:])

    async def _take(self) -> bytes:
        while not self._waiting:
            if self._error is not None:
                raise self._error
            if self._is_ended:
                return b""
            self._reader = self._loop.create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        data, self.arrival = self._waiting.popleft()
        self._waiting_bytes -= len(data)
        if not self._is_reading and not self._is_ended and self._waiting_bytes < _MOST_WAITING:
            self._resume()
        return data

    def _receive(self) -> None:
        try:
            data, ancillary, _, _ = self._sock.recvmsg(_READ_BYTES, ANCILLARY_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            data, ancillary, self._error = b"", [], error
        if data:
            self._waiting.append((data, self._arrivals.arrival(ancillary, self._clock)))
            self._waiting_bytes += len(data)
        else:
            self._is_ended = True
        if self._is_ended or self._waiting_bytes >= _MOST_WAITING:
            self._pause()
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def _resume(self) -> None:
        self._is_reading = True
        self._loop.add_reader(self._sock.fileno(), self._receive)

    def _pause(self) -> None:
        if self._is_reading:
            self._is_reading = False
            self._loop.remove_reader(self._sock.fileno())
