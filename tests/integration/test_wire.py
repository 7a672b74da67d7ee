"""One connection on a real socket: arrival times, order, back-pressure, TLS, ends."""

import asyncio
import socket
import ssl
import threading
from contextlib import suppress

import pytest

from monitor.probes.network.wire import Wire
from tests.integration.peer import dialler, listening
from tests.waiting import until

MS = 1_000_000
linux_only = pytest.mark.skipif(not hasattr(socket, "SO_BINDTODEVICE"), reason="Linux only")


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
        threading.Event().wait(1.0)  # the whole loop stands still

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
        threading.Event().wait(1.0)

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
