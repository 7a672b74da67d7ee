"""From a name to a connection: DNS, TCP by happy eyeballs, TLS, each with its own instant."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from functools import partial
from typing import Any

from aiohappyeyeballs import start_connection

from monitor.model.clock import Clock
from monitor.probes.network.arrival import Arrivals
from monitor.probes.network.wire import Wire

#: RFC 8305 §5: the next address is tried after so many seconds.
_ATTEMPT_DELAY_SECONDS = 0.25
#: Told of each step that is done: `dns_ns`, `connecting_ns`, `tcp_ns`, `tls_ns`.
Stamp = Callable[[str], None]
_AddressInfo = tuple[Any, ...]


class Dialler:
    """Opens connections; all of a process share one.

    Args:
        clock: Tells the instants.
        ssl_context: Whom to trust; building one costs 17-38 ms of blocking CPU.
        arrivals: Tells the age of each read.
    """

    def __init__(self, clock: Clock, ssl_context: ssl.SSLContext, arrivals: Arrivals) -> None:
        self._clock, self._ssl_context, self._arrivals = clock, ssl_context, arrivals

    async def dial(self, host: str, port: int, stamp: Stamp, *, is_tls: bool) -> Wire:
        """Open a connection to *host*.

        Args:
            host: A name or a literal address; a literal has no DNS step.
            port: The TCP port.
            stamp: Told of each step when it is done.
            is_tls: Shake hands for TLS.

        Raises:
            OSError: It did not work (`socket.gaierror`, `ssl.SSLError` among them).
        """
        addresses = _literal(host, port)
        if addresses is None:
            addresses = await _look_up(host, port)
            stamp("dns_ns")
        stamp("connecting_ns")
        sock = await start_connection(
            addresses,
            happy_eyeballs_delay=_ATTEMPT_DELAY_SECONDS,
            socket_factory=self._socket,
        )
        stamp("tcp_ns")
        wire = Wire(sock, self._clock, self._arrivals)
        if is_tls:
            try:
                await wire.start_tls(self._ssl_context, host)
            except BaseException:
                wire.close()
                raise
            stamp("tls_ns")
        return wire

    def _socket(self, address: _AddressInfo) -> socket.socket:
        family, kind, protocol = address[:3]
        sock = socket.socket(family, kind, protocol)
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._arrivals.ask(sock)
        return sock


def _literal(host: str, port: int) -> list[_AddressInfo] | None:
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        return None


async def _look_up(host: str, port: int) -> list[_AddressInfo]:
    # Not the loop's own getaddrinfo: uvloop's has four threads, which four hanging names block.
    ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    return await asyncio.get_running_loop().run_in_executor(None, ask)
