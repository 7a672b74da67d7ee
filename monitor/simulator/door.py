"""A listening port that can be shut, so that clients are refused, and opened again."""

import asyncio
import socket
import ssl
from contextlib import suppress

from monitor.model.clock import Clock
from monitor.simulator.connection import Connection, Handler

_BACKLOG = 1024


class Door:
    """Accepts connections on a port which it keeps for itself while it is shut.

    A shut door is a socket that is bound but does not listen: the kernel refuses clients,
    and nobody else can take the port meanwhile. Opening and shutting take effect at once.
    """

    def __init__(self, handler: Handler, clock: Clock, tls: ssl.SSLContext | None = None) -> None:
        self._handler = handler
        self._clock = clock
        self._tls = tls
        self._socket: socket.socket | None = None
        self._listening = False
        self._connections: set[Connection] = set()
        self._arrivals: set[asyncio.Task[None]] = set()

    @property
    def is_open(self) -> bool:
        """Clients can connect."""
        return self._listening

    @property
    def is_reserved(self) -> bool:
        """It keeps an address."""
        return self._socket is not None

    @property
    def address(self) -> tuple[str, int]:
        """The host and port that it keeps.

        Raises:
            RuntimeError: It keeps none, before `reserve` and after `release`.
        """
        if self._socket is None:
            raise RuntimeError("the simulator is not running")
        host, port, *_ = self._socket.getsockname()
        return host, port

    def reserve(self, host: str, port: int) -> None:
        """Keep an address, without opening; port 0 picks a free one.

        Raises:
            OSError: The address is taken, or is none of this machine.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        reserved = socket.socket(family, socket.SOCK_STREAM)
        try:
            reserved.setblocking(False)
            reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            reserved.bind((host, port))
        except OSError:
            reserved.close()
            raise
        self._socket = reserved

    def open(self) -> None:
        """Let clients in."""
        if self._socket is not None and not self._listening:
            self._socket.listen(_BACKLOG)
            asyncio.get_running_loop().add_reader(self._socket, self._accept, self._socket)
            self._listening = True

    def shut(self) -> None:
        """Refuse new clients, and part with those who wait between two requests."""
        if not self._listening:
            return
        address = self.address
        self._close()
        self.reserve(*address)
        for connection in tuple(self._connections):
            connection.retire()

    async def release(self) -> None:
        """Give the address up and break off every connection; nothing is left running."""
        self._close()
        # An arrival that never took its first step would leave its socket to nobody.
        await asyncio.sleep(0)
        arrivals = tuple(self._arrivals)
        for arrival in arrivals:
            arrival.cancel()
        await asyncio.gather(*arrivals, return_exceptions=True)
        await asyncio.gather(*(connection.abort() for connection in tuple(self._connections)))

    async def idle(self) -> None:
        """Wait until no request is being served."""
        while tasks := {connection.task for connection in self._connections if connection.task}:
            await asyncio.wait(tasks)

    def _close(self) -> None:
        if self._socket is None:
            return
        if self._listening:
            asyncio.get_running_loop().remove_reader(self._socket)
        self._listening = False
        self._socket.close()
        self._socket = None

    def _accept(self, listener: socket.socket) -> None:
        with suppress(BlockingIOError, InterruptedError, ConnectionAbortedError):
            client, _ = listener.accept()
            client.setblocking(False)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            arrival = asyncio.get_running_loop().create_task(self._welcome(client))
            self._arrivals.add(arrival)
            arrival.add_done_callback(self._arrivals.discard)

    async def _welcome(self, client: socket.socket) -> None:
        # A handshake that fails is the client's affair; asyncio has closed the socket then.
        with suppress(OSError):
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: Connection(self._handler, self._clock, self._connections),
                client,
                ssl=self._tls,
            )
