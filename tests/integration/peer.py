"""The other side of one connection: a server in a thread that does what it is told."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import trustme

from monitor.model.clock import SystemClock
from monitor.probes.network.arrival import Arrivals
from monitor.probes.network.dial import Dialler

AUTHORITY = trustme.CA()


def trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


def dialler(*, is_wanted: bool = True) -> Dialler:
    return Dialler(SystemClock(), trusting(), Arrivals(is_wanted=is_wanted))


@contextmanager
def listening(*, is_tls: bool = False) -> Iterator[tuple[int, "Peer"]]:
    """A server of one connection, and what it does with it when told."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        peer = Peer(server, is_tls=is_tls)
        try:
            yield server.getsockname()[1], peer
        finally:
            peer.close()


class Peer:
    """The other side, in a thread of its own, by blocking calls."""

    def __init__(self, server: socket.socket, *, is_tls: bool) -> None:
        self._server, self._is_tls = server, is_tls
        self._sock: socket.socket | None = None
        self._ready = threading.Event()
        self.sent_ns: list[int] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def sock(self) -> socket.socket:
        assert self._ready.wait(5)
        assert self._sock is not None
        return self._sock

    def send(self, *pieces: bytes, gap_seconds: float = 0.0) -> threading.Thread:
        """Send, from a thread, and note when."""

        def work() -> None:
            for piece in pieces:
                if gap_seconds:
                    threading.Event().wait(gap_seconds)
                self.sent_ns.append(time.perf_counter_ns())
                self.sock.sendall(piece)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        return thread

    def close(self) -> None:
        self._thread.join(5)
        if self._sock:
            self._sock.close()

    def _accept(self) -> None:
        sock, _ = self._server.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._is_tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            AUTHORITY.issue_cert("127.0.0.1", "localhost").configure_cert(context)
            with suppress(OSError):  # who does not trust us hangs up
                sock = context.wrap_socket(sock, server_side=True)
        self._sock = sock
        self._ready.set()
