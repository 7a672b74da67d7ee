"""HTTP: a request out, an Exchange back. The only importer of httpx.

httpx makes the request and decodes the answer; the connection below is our own, so that every step
has its instant. Each run has a fresh connection, or the one that its probe keeps warm: httpx
0.28.1's shared pool is quadratic in its connections and, after requests were cancelled at a
deadline, refuses every later one for ever.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from functools import partial
from types import ModuleType
from typing import Any, Protocol

import httpx

from monitor.model.clock import Clock
from monitor.model.outcome import Phase
from monitor.probes.cuts import interruption
from monitor.probes.exchange import (
    MAX_BODY_BYTES,
    MAX_READS,
    MAX_STREAM_BYTES,
    Cut,
    Exchange,
    Interruption,
    Read,
    WireRequest,
)
from monitor.probes.network.arrival import Arrivals
from monitor.probes.network.dial import Dialler
from monitor.probes.network.http1 import Head, Http1, ProtocolError, UnsendableError
from monitor.probes.network.kept import Kept
from monitor.probes.network.trust import trust
from monitor.probes.notes import Notes
from monitor.probes.watch import Watch

__all__ = ["HttpTransport", "Receiver", "UnsendableError"]

_USER_AGENT = "llm-provider-monitor"
_PORTS = {"http": 80, "https": 443}
_YIELD_NS = 2_000_000
#: So long may the rest of an answer take whose end we know, before its connection is given up.
_REST_SECONDS = 1.0
#: A server that closes a kept connection this soon did so before it saw the request.
_RACE_NS = 1_000_000_000
#: A body that is packed although we asked for none is unpacked in pieces of so many bytes.
_PACKED_BYTES = 1024
_TOO_LARGE = Interruption(cut=Cut.TOO_LARGE, phase=Phase.STREAM)

#: Gives the next piece of a body, None after its end.
ReadMore = Callable[[], Awaitable[bytes | None]]


class Receiver(Protocol):
    """Takes the answer while it comes in."""

    def begin(self, status: int, headers: dict[str, str]) -> bool:
        """Take status and headers; say whether the body is a stream."""
        ...

    def feed(self, read: Read) -> bool:
        """Take one read; say whether the first token is past and the answer came forward."""
        ...

    @property
    def is_done(self) -> bool:
        """Nothing can follow; some servers keep the connection open all the same."""
        ...


class HttpTransport:
    """Sends requests that httpx made, or a library of the same interface (httpx2).

    Args:
        clock: Tells the instants.
        ssl_context: Whom to trust; by default the system's authorities.
        library: Makes the requests.
        arrivals: Tells when reads arrived; by default by the kernel's stamps.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        ssl_context: ssl.SSLContext | None = None,
        library: ModuleType = httpx,
        arrivals: Arrivals | None = None,
    ) -> None:
        self._clock = clock
        self._dialler = Dialler(clock, ssl_context or trust(), arrivals or Arrivals())
        self._library: Any = library
        self._kept = Kept()

    async def exchange(
        self, request: WireRequest, receiver: Receiver, watch: Watch, *, keep: str | None = None
    ) -> Exchange:
        """Send *request* and hand the answer to *receiver*, under the deadlines of *watch*.

        Args:
            request: What to send.
            receiver: Takes the answer.
            watch: Holds the deadlines.
            keep: Under this name the connection is kept for the next run, and taken up again.

        Returns:
            What was seen; what went wrong on the way is its interruption.

        Raises:
            UnsendableError: The request itself is no HTTP; nobody but us is to blame.
        """
        notes = Notes(self._clock, self._clock.monotonic_ns())
        asked = self._request(request)
        is_tls = asked.url.scheme == "https"
        cut = None
        try:
            async with watch:
                cut = await self._converse(asked, receiver, watch, notes, keep)
        except (OSError, ProtocolError, self._library.DecodingError) as error:
            # A TimeoutError may also be TCP's own, which gave up before our deadline.
            is_ours = isinstance(error, TimeoutError) and watch.has_passed
            cut = watch.interruption if is_ours else interruption(error, notes, is_tls=is_tls)
        return notes.exchange(cut)

    async def knock(self, origin: str) -> None:
        """Open a TCP connection to *origin* (`scheme://host:port`) and close it again.

        Raises:
            OSError: It did not work.
            UnsendableError: That is no host.
        """
        try:
            url = self._library.URL(origin)
        except (UnicodeError, self._library.InvalidURL):
            raise UnsendableError("that is no host") from None
        await self._dialler.knock(url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme])

    def keep_only(self, names: Iterable[str]) -> None:
        """Close the connections that are kept under other names."""
        self._kept.keep_only(names)

    def _request(self, request: WireRequest) -> Any:
        headers = {name: value.reveal() for name, value in request.headers}
        try:
            return self._library.Request(
                request.method,
                request.url,
                headers={"accept-encoding": "identity", "user-agent": _USER_AGENT, **headers},
                content=request.body,
            )
        except (UnicodeError, self._library.InvalidURL):
            # Their texts repeat what they refuse, which may be the key.
            raise UnsendableError("the URL or a header is none that can be sent") from None

    async def _converse(
        self, request: Any, receiver: Receiver, watch: Watch, notes: Notes, keep: str | None
    ) -> Interruption | None:
        connection, head = await self._ask(request, watch, notes, keep)
        try:
            answer = self._library.Response(head.status, headers=head.headers)
            notes.headers = {name.lower(): value for name, value in answer.headers.items()}
            notes.status = head.status
            is_stream = receiver.begin(head.status, notes.headers)
            limit = MAX_STREAM_BYTES if is_stream else MAX_BODY_BYTES
            more = self._reading(connection, head, notes)
            is_whole = await self._receive(connection, more, receiver, watch, notes, limit)
            is_kept = bool(keep) and is_whole and await self._keep(keep or "", connection)
        except BaseException:
            connection.close()
            raise
        if not is_kept:
            connection.close()
        return None if is_whole or not is_stream else _TOO_LARGE

    async def _ask(
        self, request: Any, watch: Watch, notes: Notes, keep: str | None
    ) -> tuple[Http1, Head]:
        """Send and await the head, over the connection that was kept or a fresh one."""
        kept = self._kept.take(keep)
        if kept is not None:
            notes.peer = kept.wire.peer
            try:
                return kept, await _asked(kept, request, watch, notes)
            except ConnectionError:
                # It was closed while we sent: nobody answered, nobody failed (RFC 9112 §9.3.1).
                if kept.answered_ns is not None or not self._is_fresh(notes):
                    raise
                notes.stamps.clear()
        watch.dialling()
        url = request.url
        # In ASCII: Python's own IDNA is of 2003, and makes another name of some.
        host, port = url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme]
        wire = await self._dialler.dial(host, port, notes.stamp, is_tls=url.scheme == "https")
        notes.peer = wire.peer
        fresh = Http1(wire)
        return fresh, await _asked(fresh, request, watch, notes)

    def _reading(self, connection: Http1, head: Head, notes: Notes) -> ReadMore:
        if notes.headers.get("content-encoding", "identity") == "identity":
            return connection.read
        body = _body(connection)
        answer = self._library.Response(head.status, headers=head.headers, content=body)
        return partial(anext, answer.aiter_bytes(), None)

    async def _receive(
        self,
        connection: Http1,
        more: ReadMore,
        receiver: Receiver,
        watch: Watch,
        notes: Notes,
        limit: int,
    ) -> bool:
        size, yielded_ns = 0, self._clock.monotonic_ns()
        while (data := await more()) is not None:
            arrival = connection.wire.arrival
            read = Read(arrival.at_ns, data[: limit - size], arrival.delay_ns)
            size += len(read.data)
            notes.reads.append(read)
            if receiver.feed(read):
                watch.progressed()
            if receiver.is_done:
                return True
            if size >= limit or len(notes.reads) >= MAX_READS:
                return False
            if self._clock.monotonic_ns() - yielded_ns > _YIELD_NS:
                await asyncio.sleep(0)  # much data at once must not starve the other runs
                yielded_ns = self._clock.monotonic_ns()
        return True

    async def _keep(self, name: str, connection: Http1) -> bool:
        """Keep a connection for the next run, if the answer on it comes to its end soon."""
        with suppress(TimeoutError, OSError, ProtocolError):
            async with asyncio.timeout(_REST_SECONDS):
                while await connection.read() is not None:
                    pass
            return connection.renew() and self._kept.put(name, connection)
        return False

    def _is_fresh(self, notes: Notes) -> bool:
        """The request has only just left, if it has at all."""
        now_ns = self._clock.monotonic_ns()
        return now_ns - notes.stamps.get("sent_ns", now_ns) <= _RACE_NS


async def _asked(connection: Http1, request: Any, watch: Watch, notes: Notes) -> Head:
    try:
        await connection.send(
            request.method.encode(), request.url.raw_path, request.headers.raw, request.content
        )
        if connection.wire.sent_ns is not None:
            notes.stamps["sent_ns"] = connection.wire.sent_ns
        watch.sent()
        head = await connection.head()
    except BaseException:
        connection.close()
        raise
    notes.stamps["first_byte_ns"] = connection.answered_ns or connection.wire.arrival.at_ns
    notes.stamps["headers_ns"] = connection.wire.arrival.at_ns
    return head


async def _body(connection: Http1) -> AsyncIterator[bytes]:
    while (data := await connection.read()) is not None:
        for begin in range(0, len(data), _PACKED_BYTES):
            yield data[begin : begin + _PACKED_BYTES]
