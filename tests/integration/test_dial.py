"""From a name to a connection: its steps, and what goes wrong on the way."""

import asyncio
import errno
import os
import socket
import ssl
from contextlib import suppress

import pytest

from monitor.model.clock import SystemClock
from monitor.probes.network.arrival import Arrivals
from monitor.probes.network.dial import Dialler
from monitor.probes.network.http1 import UnsendableError
from tests.integration.peer import dialler, listening


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
