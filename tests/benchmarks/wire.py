"""The server's end of a connection: bytes with the kernel's arrival times, TLS in memory."""

import socket
import ssl
import struct
import time
from dataclasses import dataclass

#: From the kernel's headers; Python names it nowhere.
SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("@qq")
_NS = 1_000_000_000
_READ_BYTES = 1 << 16
#: Clocks that were read so near to each other were not parted by another process.
_NEAR_NS, _READINGS = 5_000, 5


@dataclass(frozen=True, slots=True)
class Request:
    """A request, with the kernel's stamp of its last byte (CLOCK_MONOTONIC)."""

    path: str
    body: bytes
    received_ns: int


class Connection:
    """One accepted socket; with a context it speaks TLS."""

    def __init__(self, sock: socket.socket, context: ssl.SSLContext | None) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.is_open = True
        self._sock = sock
        self._buffer = b""
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls: ssl.SSLObject | None = None
        if context:
            self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._is_shaking = self._tls is not None

    def fileno(self) -> int:
        """The socket's descriptor."""
        return self._sock.fileno()

    def close(self) -> None:
        """Hang up."""
        self.is_open = False
        self._sock.close()

    def receive(self) -> Request | None:
        """Read once; give the request that this read completed. A peer that left closes it."""
        try:
            data, extras, _, _ = self._sock.recvmsg(_READ_BYTES, 64)
            if not data:
                self.close()
                return None
            self._buffer += self._opened(data) if self._tls else data
        except (BlockingIOError, InterruptedError):
            return None
        except (OSError, ssl.SSLError):
            self.close()
            return None
        return self._request(_arrival_ns(extras))

    def sealed(self, data: bytes) -> bytes:
        """Give *data* as it goes over the wire."""
        if self._tls is None:
            return data
        self._tls.write(data)
        return self._outgoing.read()

    def send(self, sealed: bytes) -> bool:
        """Send what `sealed` gave; a peer that cannot take it is dropped, and False told."""
        try:
            if self.is_open and self._sock.send(sealed) == len(sealed):
                return True
        except OSError:
            pass
        self.close()
        return False

    def _opened(self, data: bytes) -> bytes:
        tls = self._tls
        assert tls is not None
        self._incoming.write(data)
        opened = b""
        try:
            if self._is_shaking:
                tls.do_handshake()
                self._is_shaking = False
            while data := tls.read(_READ_BYTES):
                opened += data
            raise ConnectionResetError  # the peer says goodbye, and waits for us to hang up
        except ssl.SSLWantReadError:
            pass
        finally:
            if self._outgoing.pending:
                self._sock.send(self._outgoing.read())
        return opened

    def _request(self, received_ns: int) -> Request | None:
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return None
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if len(rest) < length:
            return None
        self._buffer = rest[length:]
        return Request(head.split(b" ", 2)[1].decode(), rest[:length], received_ns)


def _arrival_ns(extras: list[tuple[int, int, bytes]]) -> int:
    """When the last byte of a read arrived; the kernel tells it by the wall clock."""
    for level, kind, data in extras:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack_from(data)
            return int(seconds) * _NS + int(nanoseconds) - _wall_ahead_ns()
    raise RuntimeError("this kernel stamps no arrivals")


def _wall_ahead_ns() -> int:
    """How far the wall clock is ahead of the steady one; the nearest pair of a few readings."""
    pairs = []
    for _ in range(_READINGS):
        before = time.monotonic_ns()
        wall = time.time_ns()
        after = time.monotonic_ns()
        pairs.append((after - before, wall - (before + after) // 2))
        if after - before <= _NEAR_NS:
            break
    return min(pairs)[1]
