"""One connection: requests in turn, bad ones refused, slow readers not flooded."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from monitor.model.clock import SystemClock
from monitor.simulator import Behaviour, FaultKind, Script, Simulator
from monitor.simulator.connection import Connection
from monitor.simulator.door import Door
from monitor.simulator.http import Request
from tests.unit.simulator.caller import Caller, completion, target

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connected(simulator: Simulator) -> AsyncIterator[Streams]:
    host, port = simulator.base_url("alpha").split("/")[2].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    yield reader, writer
    writer.close()
    await writer.wait_closed()


def listing(*headers: str) -> bytes:
    return "\r\n".join(["GET /v1/models HTTP/1.1", *headers, "", ""]).encode()


def asking() -> bytes:
    body = json.dumps(completion()).encode()
    return b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % len(body) + body


async def test_requests_that_come_at_once_are_served_in_turn(simulator: Simulator) -> None:
    async with connected(simulator) as (reader, writer):
        writer.write(asking() + listing("connection: close"))
        seen = await reader.read()

    assert seen.count(b"HTTP/1.1 200 OK") == 2
    assert seen.index(b"data: [DONE]") < seen.index(b'"object": "list"')


async def test_a_client_that_says_close_is_left_after_its_answer(simulator: Simulator) -> None:
    async with connected(simulator) as (reader, writer):
        writer.write(listing("connection: close"))

        assert (await reader.read()).startswith(b"HTTP/1.1 200 OK")


async def test_a_connection_is_kept_for_the_next_request(simulator: Simulator) -> None:
    async with connected(simulator) as (reader, writer):
        for _ in range(3):
            writer.write(listing())
            assert b"200 OK" in await reader.readuntil(b"]}")


async def test_bytes_that_are_no_request_are_answered_and_the_connection_closed(
    simulator: Simulator,
) -> None:
    async with connected(simulator) as (reader, writer):
        writer.write(b"HELLO\r\n\r\n")
        seen = await reader.read()

    assert seen.startswith(b"HTTP/1.1 400 Bad Request")


async def test_bytes_that_are_no_request_do_not_get_between_an_answer(
    simulator: Simulator,
) -> None:
    async with connected(simulator) as (reader, writer):
        writer.write(asking())
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HELLO\r\n\r\n")
        seen = await reader.read()

    assert b"HTTP/1.1" not in seen


async def test_a_client_that_leaves_midway_is_noted(simulator: Simulator) -> None:
    async with connected(simulator) as (reader, writer):
        writer.write(asking())
        await reader.readuntil(b"data: ")

    await simulator.idle()
    assert [truth.played_out for truth in simulator.truths()] == [False]


async def test_a_slow_reader_is_not_flooded() -> None:
    script = Script(first_token_seconds=0, gap_seconds=0, tokens=1, tokens_per_chunk=1)
    async with Simulator([target(Behaviour(script=script))]) as running:
        running.inject("alpha", None, FaultKind.ENDLESS)
        async with connected(running) as (reader, writer):
            writer.write(asking())
            await reader.readuntil(b"data: ")
            (connection,) = running._gates["alpha"].door._connections
            connection.pause_writing()
            before = await drained(reader)
            connection.resume_writing()
            after = await reader.readuntil(b"data: ")

    assert before
    assert after


async def drained(reader: asyncio.StreamReader) -> bytes:
    """What is still under way, until nothing more comes for a while."""
    seen = b""
    try:
        async with asyncio.timeout(5):
            while True:
                seen += await asyncio.wait_for(reader.read(1 << 16), timeout=0.05)
    except TimeoutError:
        return seen


async def test_a_write_that_comes_too_late_is_nobodys_error(
    asyncio_errors: Callable[[], list[BaseException]],
) -> None:
    async def hang_up_first(_request: Request, connection: Connection) -> None:
        connection.reset()
        connection.send(b"late")

    door = Door(hang_up_first, SystemClock())
    door.reserve("127.0.0.1", 0)
    door.open()
    reader, writer = await asyncio.open_connection(*door.address)
    writer.write(listing())

    with pytest.raises(ConnectionResetError):
        await reader.read()

    writer.close()
    await door.release()
    assert asyncio_errors() == []


async def test_small_writes_leave_at_once(caller: Caller) -> None:
    async with caller.client.stream("POST", caller.url(), json=completion()):
        (connection,) = caller.simulator._gates["alpha"].door._connections
        raw = connection._transport.get_extra_info("socket")

        assert raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_nothing_is_sent_to_a_client_that_has_left(caller: Caller) -> None:
    async with caller.client.stream("POST", caller.url(), json=completion()):
        (connection,) = caller.simulator._gates["alpha"].door._connections
    await caller.simulator.idle()

    with pytest.raises(ConnectionAbortedError):
        connection.send(b"late")
