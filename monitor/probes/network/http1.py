"""HTTP/1.1 over a wire, by h11: one request at a time, the answer read by read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import h11

from monitor.probes.network.wire import Wire

#: Headers longer than this (bytes) are no answer to us.
_MAX_HEAD_BYTES = 102_400
#: So many HTTP chunks are put together at once; a read can hold thousands of tiny ones.
_MAX_PARTS = 64


class ProtocolError(ValueError):
    """What came is no HTTP."""


class HungUpError(ConnectionError):
    """The peer closed the connection before the answer was complete."""


class UnsendableError(ValueError):
    """The request cannot be put into HTTP."""


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers of an answer, as they were sent."""

    status: int
    headers: list[tuple[bytes, bytes]]


class Http1:
    """A connection that asks, and is answered, one request after the other.

    Attributes:
        wire: What it goes over.
        answered_ns: When the first byte of the newest answer arrived.
    """

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD_BYTES)
        self._is_over = False
        self.answered_ns: int | None = None

    async def send(
        self, method: bytes, target: bytes, headers: Iterable[tuple[bytes, bytes]], body: bytes
    ) -> None:
        """Send a request, all of it in one write.

        Raises:
            UnsendableError: HTTP forbids something in it.
            OSError: The connection broke.
        """
        try:
            request = h11.Request(method=method, target=target, headers=list(headers))
            events = (request, *([h11.Data(data=body)] if body else []), h11.EndOfMessage())
            data = b"".join(self._h11.send(event) or b"" for event in events)
        except h11.LocalProtocolError:
            # Its text repeats the header, which may be the key.
            raise UnsendableError("a header holds characters that HTTP forbids") from None
        self.answered_ns = None
        await self.wire.write(data)

    async def head(self) -> Head:
        """Await the answer's head.

        Raises:
            ProtocolError: It is no HTTP.
            OSError: The connection broke; `HungUpError` if the peer closed it.
        """
        while True:
            event = self._next()
            if event is h11.NEED_DATA:
                await self._feed()
            elif isinstance(event, h11.Response):
                return Head(event.status_code, event.headers.raw_items())

    async def read(self) -> bytes | None:
        """Give what one read of the socket brought of the body; None after its end.

        Thousands of tiny chunks in one read are given in several portions.

        Raises:
            ProtocolError: It is no HTTP.
            OSError: The connection broke; `HungUpError` if the peer closed it.
        """
        parts: list[bytes] = []
        while self._h11.their_state is h11.SEND_BODY and len(parts) < _MAX_PARTS:
            event = self._next()
            if isinstance(event, h11.Data):
                parts.append(bytes(event.data))
            elif event is h11.NEED_DATA:
                if parts:
                    break
                await self._feed()
        return b"".join(parts) or None

    @property
    def is_usable(self) -> bool:
        """Nothing hinders a further request: the last answer was read, the peer is still there.

        What came behind an answer is no answer to the next request.
        """
        is_idle = self._h11.our_state is h11.IDLE and not self._h11.trailing_data[0]
        return is_idle and not self.wire.is_readable

    def renew(self) -> bool:
        """Make ready for a further request; say whether that works."""
        if self._h11.our_state is h11.DONE and self._h11.their_state is h11.DONE:
            self._h11.start_next_cycle()
        return self.is_usable

    def close(self) -> None:
        """Close the connection; harmless if closed."""
        self.wire.close()

    async def _feed(self) -> None:
        data = await self.wire.read()
        self._is_over = not data
        if data and self.answered_ns is None:
            self.answered_ns = self.wire.arrival.at_ns
        self._h11.receive_data(data)

    def _next(self) -> Any:
        try:
            return self._h11.next_event()
        except h11.RemoteProtocolError as error:
            if self._is_over:
                raise HungUpError("the server closed the connection too early") from None
            raise ProtocolError(str(error)) from None
