"""HTTP: a request out, an Exchange back. The only importer of httpx.

A fresh client with a pool of one per run: httpx 0.28.1's shared pool is quadratic in its
connections and, after requests were cancelled at a deadline, refuses every later one for ever.
Building a client costs 0.02 ms once the SSL context is shared (17-38 ms of blocking CPU if not).
"""

import asyncio
import errno
import os
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import certifi
import httpx

from monitor.model.clock import Clock
from monitor.model.outcome import Phase
from monitor.probes.exchange import (
    MAX_BODY_BYTES,
    MAX_READS,
    MAX_STREAM_BYTES,
    Cut,
    Exchange,
    Instants,
    Interruption,
    Read,
    WireRequest,
)
from monitor.probes.watch import Watch


class UnsendableError(ValueError):
    """The request cannot be put into HTTP."""


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


@dataclass(slots=True)
class _Notes:
    """What has been seen so far of one exchange."""

    clock: Clock
    started_ns: int
    stamps: dict[str, int] = field(default_factory=dict)
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    reads: list[Read] = field(default_factory=list)

    def exchange(self, interruption: Interruption | None) -> Exchange:
        instants = Instants(
            started_ns=self.started_ns, end_ns=self.clock.monotonic_ns(), **self.stamps
        )
        return Exchange(
            instants=instants,
            status=self.status,
            headers=self.headers,
            reads=tuple(self.reads),
            interruption=interruption,
        )


_YIELD_NS = 2_000_000

#: Trace events of httpcore, and the stamp that each one sets.
_STAMPS = {
    "connection.connect_tcp.started": "connecting_ns",
    "connection.connect_tcp.complete": "tcp_ns",
    "connection.start_tls.complete": "tls_ns",
    "http11.send_request_body.complete": "sent_ns",
}


class HttpTransport:
    """Sends requests with httpx, or with a library of the same interface (httpx2)."""

    def __init__(
        self,
        clock: Clock,
        *,
        ssl_context: ssl.SSLContext | None = None,
        library: ModuleType = httpx,
    ) -> None:
        self._clock = clock
        self._ssl_context = ssl_context or trust()
        self._library: Any = library

    async def exchange(self, request: WireRequest, receiver: Receiver, watch: Watch) -> Exchange:
        """Send *request* and hand the answer to *receiver*, under the deadlines of *watch*.

        What goes wrong on the way is in the Exchange's interruption.

        Raises:
            UnsendableError: The request itself is no HTTP; nobody but us is to blame.
        """
        notes = _Notes(self._clock, self._clock.monotonic_ns())
        interruption = None
        try:
            async with watch, self._client() as client:
                interruption = await self._converse(client, request, receiver, watch, notes)
        except TimeoutError:
            interruption = watch.interruption
        except self._library.LocalProtocolError:
            # Its text repeats the header, which may be the key.
            raise UnsendableError("a header holds characters that HTTP forbids") from None
        except (self._library.HTTPError, OSError) as error:
            interruption = self._interruption(error, notes)
        return notes.exchange(interruption)

    def _client(self) -> Any:
        transport = self._library.AsyncHTTPTransport(
            verify=self._ssl_context,
            trust_env=False,
            limits=self._library.Limits(max_connections=1, max_keepalive_connections=0),
        )
        return self._library.AsyncClient(
            transport=transport, trust_env=False, timeout=None, follow_redirects=False
        )

    async def _converse(
        self,
        client: Any,
        request: WireRequest,
        receiver: Receiver,
        watch: Watch,
        notes: _Notes,
    ) -> Interruption | None:
        async def trace(event: str, _info: object) -> None:
            stamp = _STAMPS.get(event)
            if stamp:
                notes.stamps[stamp] = self._clock.monotonic_ns()
                if stamp == "sent_ns":
                    watch.sent()

        headers = {name: value.reveal() for name, value in request.headers}
        stream = client.stream(
            request.method,
            request.url,
            headers={"accept-encoding": "identity", "user-agent": _USER_AGENT, **headers},
            content=request.body,
            extensions={"trace": trace},
        )
        async with stream as response:
            notes.stamps["headers_ns"] = self._clock.monotonic_ns()
            notes.status = response.status_code
            notes.headers = {name.lower(): value for name, value in response.headers.items()}
            is_stream = receiver.begin(notes.status or 0, notes.headers)
            limit = MAX_STREAM_BYTES if is_stream else MAX_BODY_BYTES
            is_whole = await self._receive(response.aiter_bytes(), receiver, watch, notes, limit)
            if is_stream and not is_whole:
                return Interruption(cut=Cut.TOO_LARGE, phase=Phase.STREAM)
        return None

    async def _receive(
        self,
        chunks: AsyncIterator[bytes],
        receiver: Receiver,
        watch: Watch,
        notes: _Notes,
        limit: int,
    ) -> bool:
        size, yielded_ns = 0, self._clock.monotonic_ns()
        async for data in chunks:
            read = Read(self._clock.monotonic_ns(), data[: limit - size])
            size += len(read.data)
            notes.reads.append(read)
            if receiver.feed(read):
                watch.progressed()
            if receiver.is_done:
                return True
            if size >= limit or len(notes.reads) >= MAX_READS:
                return False
            if read.at_ns - yielded_ns > _YIELD_NS:
                await asyncio.sleep(0)  # many chunks in one read must not starve the other runs
                yielded_ns = self._clock.monotonic_ns()
        return True

    def _interruption(self, error: Exception, notes: _Notes) -> Interruption:
        causes = tuple(_causes(error))
        message = next((words for cause in reversed(causes) if (words := _words(cause))), "")
        cut, phase = self._cut(causes, notes)
        return Interruption(cut=cut, phase=phase, message=f"{type(causes[-1]).__name__}: {message}")

    def _cut(self, causes: tuple[BaseException, ...], notes: _Notes) -> tuple[Cut, Phase]:
        if any(isinstance(each, OSError) and each.errno in _EXHAUSTED for each in causes):
            return Cut.RESOURCES, Phase.CONNECT
        if "sent_ns" not in notes.stamps:
            is_connecting = isinstance(causes[0], self._library.ConnectError)
            return _connect_cut(
                causes, is_connecting=is_connecting, has_tcp="tcp_ns" in notes.stamps
            )
        phase = Phase.RESPONSE if notes.status is None else Phase.STREAM
        if isinstance(causes[0], self._library.RemoteProtocolError | self._library.DecodingError):
            is_cut = any(words in str(causes[0]) for words in _DISCONNECTED)
            return (Cut.RESET if is_cut else Cut.PROTOCOL), phase
        return Cut.RESET, phase


#: What httpcore and h11 say when the peer went away in the middle.
_DISCONNECTED = ("disconnected", "peer closed connection", "closed the connection")
#: This machine has no more of something: descriptors, memory, local ports.
_EXHAUSTED = frozenset(
    {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL}
)
_USER_AGENT = "llm-provider-monitor"


def trust() -> ssl.SSLContext:
    """Make the one SSL context of the process (17-38 ms of blocking CPU): the system's authorities.

    A bare container has none; then those that come with Python's certifi.
    """
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    folder = Path(paths.capath) if paths.capath else None
    if not paths.cafile and not (folder and folder.is_dir() and any(folder.iterdir())):
        context.load_verify_locations(certifi.where())
    return context


def _connect_cut(
    causes: tuple[BaseException, ...], *, is_connecting: bool, has_tcp: bool
) -> tuple[Cut, Phase]:
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Cut.DNS, Phase.DNS
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return Cut.TLS, Phase.TLS
    if has_tcp:  # a peer that hangs up in the handshake raises no SSLError
        return (Cut.TLS, Phase.TLS) if is_connecting else (Cut.RESET, Phase.SEND)
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return Cut.REFUSED, Phase.CONNECT
    return Cut.CONNECT, Phase.CONNECT


def _words(error: BaseException) -> str:
    """What the operating system calls it, without the address, which the target tells."""
    is_named = any(isinstance(error, kind) for kind in (socket.gaierror, ssl.SSLError))
    number = None if is_named else getattr(error, "errno", None)
    return os.strerror(number) if number else str(error)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk down to what was raised first, groups included, at most ten deep."""
    current: BaseException | None = error
    for _ in range(10):
        if current is None:
            return
        yield current
        if isinstance(current, BaseExceptionGroup):
            current = current.exceptions[0]
        else:
            current = current.__cause__ or current.__context__
