"""From a name to a connection: DNS, TCP by happy eyeballs, TLS, each with its own instant."""

import asyncio
import errno
import os
import re
import socket
import ssl
from collections.abc import Callable
from functools import partial
from typing import Any

from aiohappyeyeballs import start_connection

from monitor.model.clock import Clock
from monitor.probes.network.arrival import Arrivals
from monitor.probes.network.http1 import UnsendableError
from monitor.probes.network.wire import Wire

#: RFC 8305 §5: the next address is tried after so many seconds.
_ATTEMPT_DELAY_SECONDS = 0.25
#: Seconds of silence, seconds between two questions, questions without an answer.
_KEEPALIVE = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}
_NUMBER = re.compile(r"\[Errno (\d+)\]")
_NO_SUCH_FAMILY = (errno.ENETUNREACH, errno.EAFNOSUPPORT, errno.EHOSTUNREACH)
#: Told of each step: `dialling_ns`, `dns_ns`, `connecting_ns`, `tcp_ns`, `tls_ns`.
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
            UnsendableError: The host is no name at all.
        """
        stamp("dialling_ns")
        addresses = _literal(host, port)
        if addresses is None:
            addresses = await _look_up(host, port)
            stamp("dns_ns")
        stamp("connecting_ns")
        sock = await self._connect(addresses)
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

    async def knock(self, host: str, port: int) -> None:
        """Open a TCP connection to *host* and close it again.

        Raises:
            OSError: It did not work (`socket.gaierror` among them).
            UnsendableError: The host is no name at all.
        """
        sock = await self._connect(_literal(host, port) or await _look_up(host, port))
        sock.close()

    async def _connect(self, addresses: list[_AddressInfo]) -> socket.socket:
        try:
            sock = await start_connection(
                addresses,
                happy_eyeballs_delay=_ATTEMPT_DELAY_SECONDS,
                socket_factory=self._socket,
            )
        except OSError as error:
            raise _one_of(error) from error
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            # Where an address wins in the very turn of a cancellation, the library swallows that.
            sock.close()
            raise asyncio.CancelledError
        return sock

    def _socket(self, address: _AddressInfo) -> socket.socket:
        family, kind, protocol = address[:3]
        sock = socket.socket(family, kind, protocol)
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A connection that is kept must notice when a gateway on the way has forgotten it.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEPALIVE.items():
            if hasattr(socket, name):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        self._arrivals.ask(sock)
        return sock


def _literal(host: str, port: int) -> list[_AddressInfo] | None:
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        return None
    except UnicodeError:
        raise UnsendableError("the host of the URL is no name that DNS can hold") from None


async def _look_up(host: str, port: int) -> list[_AddressInfo]:
    # Not the loop's own getaddrinfo: uvloop's has four threads, which four hanging names block.
    ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    try:
        return await asyncio.get_running_loop().run_in_executor(None, ask)
    except OSError:
        socket.socket().close()  # without a descriptor left it is this that fails, and says so
        raise


def _one_of(error: OSError) -> OSError:
    """Give the one that tells most of the errors of several addresses, which come as a text."""
    numbers = [int(each) for each in _NUMBER.findall(str(error))]
    if error.errno is not None or not numbers:
        return error
    # A family that this machine does not have says nothing.
    telling = [each for each in numbers if each not in _NO_SUCH_FAMILY] or numbers
    refused = errno.ECONNREFUSED
    number = refused if refused in telling else telling[0]
    return OSError(number, os.strerror(number))
