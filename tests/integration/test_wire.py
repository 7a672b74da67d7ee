"""One connection on a real socket: arrival times, order, back-pressure, TLS, ends."""

import asyncio
import errno
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import trustme

from monitor.model.clock import SystemClock
from monitor.probes.network.arrival import Arrivals
from monitor.probes.network.dial import Dialler
from monitor.probes.network.http1 import UnsendableError
from monitor.probes.network.wire import Wire
from tests.waiting import until

MS = 1_000_000
AUTHORITY = trustme.CA()
linux_only = pytest.mark.skipif(not hasattr(socket, "SO_BINDTODEVICE"), reason="Linux only")


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


async def dial(port: int, *, is_tls: bool = False, is_wanted: bool = True) -> Wire:
    stamps: list[str] = []
    return await dialler(is_wanted=is_wanted).dial("127.0.0.1", port, stamps.append, is_tls=is_tls)


@linux_only
@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "TLS"])
async def test_a_stall_of_our_loop_moves_no_arrival(*, is_tls: bool) -> None:
    """Two reads come while the loop stands still; each is dated when it came."""
    with listening(is_tls=is_tls) as (port, peer):
        wire = await dial(port, is_tls=is_tls)
        sending = peer.send(b"one", gap_seconds=0.05)
        threading.Event().wait(0.3)  # the whole loop stands still

        assert await wire.read() == b"one"
        sending.join()
        wire.close()

    late_ns = wire.arrival.at_ns - peer.sent_ns[0]
    assert 0 <= late_ns < 20 * MS
    assert (wire.arrival.delay_ns or 0) > 150 * MS


async def test_without_kernel_stamps_a_read_arrives_when_it_is_read() -> None:
    with listening() as (port, peer):
        wire = await dial(port, is_wanted=False)
        sending = peer.send(b"one", gap_seconds=0.02)
        threading.Event().wait(0.2)

        assert await wire.read() == b"one"
        sending.join()
        wire.close()

    assert wire.arrival.delay_ns is None
    assert wire.arrival.at_ns - peer.sent_ns[0] > 100 * MS


@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "TLS"])
async def test_bytes_come_whole_and_in_order_both_ways(*, is_tls: bool) -> None:
    much = bytes(range(256)) * 20_000
    with listening(is_tls=is_tls) as (port, peer):
        wire = await dial(port, is_tls=is_tls)
        heard = bytearray()

        def hear() -> None:
            while len(heard) < len(much):
                heard.extend(peer.sock.recv(65_536))

        hearing = threading.Thread(target=hear, daemon=True)
        hearing.start()
        await wire.write(much)
        assert wire.sent_ns is not None
        await asyncio.to_thread(hearing.join)
        sending = peer.send(much)
        got = bytearray()
        while len(got) < len(much):
            got += await wire.read()
        sending.join()
        wire.close()

    assert bytes(heard) == bytes(got) == much


async def test_a_reader_who_is_slow_makes_the_peer_wait() -> None:
    with listening() as (port, peer):
        wire = await dial(port)
        peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
        sending = peer.send(*[bytes(1 << 20)] * 64)
        waiting = wire._waiting  # nothing else tells what waits in memory
        await until(lambda: sum(len(data) for data, _ in waiting) >= 1 << 20)
        await asyncio.sleep(0.05)

        assert sum(len(data) for data, _ in waiting) < 3 << 20
        assert sending.is_alive()
        total = 0
        while total < 64 << 20:
            total += len(await wire.read())
        sending.join()
        wire.close()


@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "TLS"])
async def test_the_end_is_nothing_more(*, is_tls: bool) -> None:
    with listening(is_tls=is_tls) as (port, peer):
        wire = await dial(port, is_tls=is_tls)
        peer.send(b"last").join()
        peer.close()

        assert await wire.read() == b"last"
        assert await wire.read() == b""
        assert wire.is_readable
        wire.close()
        wire.close()


@pytest.mark.parametrize("last", [b"", b"last"], ids=["alone", "after data"])
async def test_a_goodbye_of_tls_is_the_end(last: bytes) -> None:
    with listening(is_tls=True) as (port, peer):
        wire = await dial(port, is_tls=True)

        def part() -> None:
            peer.sock.sendall(last)
            with suppress(OSError):
                peer.sock.unwrap()  # type: ignore[attr-defined]

        parting = asyncio.ensure_future(asyncio.to_thread(part))
        async with asyncio.timeout(5):
            got = b""
            while data := await wire.read():
                got += data
        wire.close()
        await parting

    assert got == last


async def test_what_came_before_a_broken_record_is_not_lost() -> None:
    with listening(is_tls=True) as (port, peer):
        wire = await dial(port, is_tls=True)
        peer.send(b"all of it").join()
        raw = socket.socket(fileno=socket.dup(peer.sock.fileno()))
        with raw:
            raw.sendall(b"\x17\x03\x03\x00\x20" + bytes(32))
        async with asyncio.timeout(5):
            while not wire.is_readable:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            assert await wire.read() == b"all of it"
            with suppress(ssl.SSLError):  # if it came with a read of its own
                assert await wire.read() == b""
        wire.close()


async def test_a_reset_is_an_error_for_the_reader_and_none_for_the_writer() -> None:
    with listening() as (port, peer):
        wire = await dial(port)
        peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        peer.close()
        await until(lambda: wire.is_readable)

        await wire.write(b"into the void")
        with pytest.raises(ConnectionResetError):
            await wire.read()
        wire.close()


async def test_a_name_has_a_look_up_and_an_address_has_none() -> None:
    for host, expected in (("localhost", ["dns_ns"]), ("127.0.0.1", [])):
        stamps: list[str] = []
        with listening(is_tls=True) as (port, _):
            wire = await dialler().dial(host, port, stamps.append, is_tls=True)
            wire.close()
        assert stamps == ["dialling_ns", *expected, "connecting_ns", "tcp_ns", "tls_ns"]


async def test_a_certificate_for_somebody_else_is_refused() -> None:
    stranger = ssl.create_default_context()
    with listening(is_tls=True) as (port, _):
        lonely = Dialler(SystemClock(), stranger, Arrivals())
        stamps: list[str] = []
        with pytest.raises(ssl.SSLCertVerificationError):
            await lonely.dial("127.0.0.1", port, stamps.append, is_tls=True)

    assert stamps == ["dialling_ns", "connecting_ns", "tcp_ns"]


async def test_a_name_that_dns_cannot_hold_is_our_fault() -> None:
    with pytest.raises(UnsendableError):
        await dialler().dial("x" * 64 + ".example", 1, lambda _: None, is_tls=False)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("[Errno 101] unreachable, [Errno 111] refused", errno.ECONNREFUSED),
        ("[Errno 101] unreachable, [Errno 99] no port", errno.EADDRNOTAVAIL),
        ("[Errno 113] no route, [Errno 101] unreachable", errno.EHOSTUNREACH),
    ],
)
async def test_of_several_addresses_the_error_that_tells_most_is_told(
    monkeypatch: pytest.MonkeyPatch, text: str, number: int
) -> None:
    async def fail(*_: object, **__: object) -> socket.socket:
        raise OSError(text)

    monkeypatch.setattr("monitor.probes.network.dial.start_connection", fail)

    with pytest.raises(OSError, match=os.strerror(number)) as told:
        await dialler().dial("127.0.0.1", 1, lambda _: None, is_tls=False)

    assert told.value.errno == number


async def test_a_cancellation_that_the_library_swallows_still_ends_the_dial(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sock = socket.socket()

    async def win(*_: object, **__: object) -> socket.socket:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(10)
        return sock

    monkeypatch.setattr("monitor.probes.network.dial.start_connection", win)
    dialling = asyncio.ensure_future(dialler().dial("127.0.0.1", 1, lambda _: None, is_tls=False))
    await asyncio.sleep(0)
    dialling.cancel()

    with pytest.raises(asyncio.CancelledError):
        await dialling
    assert sock.fileno() == -1
