"""The least that a client can do: connect, send, and read until the end."""

import asyncio
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from tests.benchmarks.clients import Timed, bench_request
from tests.benchmarks.server import Server

_END = b"\r\n0\r\n\r\n"


class _Exchange(asyncio.Protocol):
    """Sends a request and looks for nothing but the end of the answer."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._tail = b""
        self._transport: asyncio.BaseTransport | None = None
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the request."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Hang up at the end."""
        self._tail = (self._tail + data)[-len(_END) :]
        if self._tail == _END and self._transport:
            self._transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        """The run is over."""
        self.lost.set_result(None)


@dataclass
class ByBareProtocol:
    """A client that measures nothing; what it costs is what asyncio and the kernel cost."""

    server: Server
    script: str
    tls: bool = False

    def __post_init__(self) -> None:
        self._context = self.server.trust() if self.tls else None
        request = bench_request(self.server.base_url(self.script, tls=self.tls))
        url = urlsplit(request.url)
        self._address = (url.hostname or "", url.port or 0)
        lines = [
            f"{request.method} {url.path} HTTP/1.1",
            f"host: {url.netloc}",
            *(f"{name}: {value.reveal()}" for name, value in request.headers),
            f"content-length: {len(request.body)}",
        ]
        self._request = "\r\n".join([*lines, "", ""]).encode() + request.body

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return

    async def run(self) -> list[Timed]:
        """Make one run; there is no figure."""
        host, port = self._address
        _, exchange = await asyncio.get_running_loop().create_connection(
            lambda: _Exchange(self._request), host, port, ssl=self._context
        )
        await exchange.lost
        return []
