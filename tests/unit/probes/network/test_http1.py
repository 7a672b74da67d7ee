"""HTTP/1.1 over a wire, whatever the bytes are cut into."""

import asyncio
import socket
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model.clock import SystemClock
from monitor.probes.network.arrival import Arrivals
from monitor.probes.network.http1 import Http1, HungUpError, ProtocolError, UnsendableError
from monitor.probes.network.wire import Wire

CHUNKED = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    b"3\r\nabc\r\n5\r\ndefgh\r\n0\r\n\r\n"
)
SIZED = b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nabcdefgh"
OPEN = b"HTTP/1.0 200 OK\r\n\r\nabcdefgh"
CONTINUED = b"HTTP/1.1 100 Continue\r\n\r\n" + SIZED


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


def connect(ours: socket.socket) -> Http1:
    return Http1(Wire(ours, SystemClock(), Arrivals(is_wanted=False)))


async def ask(http: Http1) -> None:
    await http.send(b"POST", b"/v1", [(b"host", b"x"), (b"content-length", b"2")], b"{}")


async def answered(answer: bytes, cuts: list[int]) -> tuple[int, bytes]:
    """Ask, and read the answer that comes cut at some places."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        http = connect(ours)
        await ask(http)
        places = [0, *sorted(each for each in cuts if each < len(answer)), len(answer)]

        async def talk() -> None:
            for begin, end in pairwise(places):
                theirs.sendall(answer[begin:end])
                await asyncio.sleep(0)
            theirs.shutdown(socket.SHUT_WR)

        talking = asyncio.ensure_future(talk())
        head, body = await http.head(), b""
        while (data := await http.read()) is not None:
            body += data
        await talking
        http.close()
    return head.status, body


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from([CHUNKED, SIZED, OPEN, CONTINUED]),
    st.lists(st.integers(1, len(CHUNKED)), max_size=6),
)
def test_an_answer_is_the_same_however_it_is_cut(answer: bytes, cuts: list[int]) -> None:
    assert asyncio.run(answered(answer, cuts)) == (200, b"abcdefgh")


async def test_a_request_leaves_in_one_piece(ends: tuple[socket.socket, socket.socket]) -> None:
    http = connect(ends[0])
    await ask(http)

    assert ends[1].recv(65_536) == b"POST /v1 HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}"
    assert http.wire.sent_ns is not None
    http.close()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", HungUpError),
        (b"HTTP/1.1 200 OK\r\n", HungUpError),
        (b"SSH-2.0-x\r\n\r\n", ProtocolError),
        (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000, ProtocolError),
        (b"HTTP/1.1 101 Switching\r\n\r\n", ProtocolError),
    ],
    ids=["nothing", "half a head", "no HTTP", "an endless head", "another protocol"],
)
async def test_a_head_that_is_none(
    ends: tuple[socket.socket, socket.socket], answer: bytes, error: type[Exception]
) -> None:
    http = connect(ends[0])
    await ask(http)

    def talk() -> None:
        ends[1].sendall(answer)
        ends[1].shutdown(socket.SHUT_WR)

    told = asyncio.ensure_future(asyncio.to_thread(talk))

    with pytest.raises(error):
        await http.head()
    http.close()
    await told


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"content-length: 9\r\n\r\nabc", HungUpError),
        (b"transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n", HungUpError),
        (b"transfer-encoding: chunked\r\n\r\nno number\r\n", ProtocolError),
    ],
    ids=["less than promised", "no last chunk", "no chunk"],
)
async def test_a_body_that_is_none(
    ends: tuple[socket.socket, socket.socket], body: bytes, error: type[Exception]
) -> None:
    http = connect(ends[0])
    await ask(http)
    ends[1].sendall(b"HTTP/1.1 200 OK\r\n" + body)
    ends[1].shutdown(socket.SHUT_WR)
    await http.head()

    async def read_all() -> None:
        while await http.read() is not None:
            pass

    with pytest.raises(error):
        await read_all()
    http.close()


@pytest.mark.parametrize(
    "headers",
    [[(b"host", b"x"), (b"key", b"sk-planted\x00")], [(b"host", b"x"), (b"a b", b"sk-planted")]],
    ids=["a value", "a name"],
)
async def test_what_cannot_be_sent_is_told_without_its_text(
    ends: tuple[socket.socket, socket.socket], headers: list[tuple[bytes, bytes]]
) -> None:
    http = connect(ends[0])

    with pytest.raises(UnsendableError) as told:
        await http.send(b"GET", b"/", headers, b"")

    assert "planted" not in repr(told.value)
    http.close()


async def test_a_connection_serves_again_after_a_whole_answer_only(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    http = connect(ends[0])
    for _ in range(2):
        await ask(http)
        ends[1].sendall(SIZED)
        await http.head()
        assert not http.renew()
        while await http.read() is not None:
            pass
        assert http.renew()
        assert http.is_usable

    ends[1].close()
    while http.is_usable:  # noqa: ASYNC110 - until the end has been seen
        await asyncio.sleep(0)
    http.close()


@pytest.mark.parametrize("more", [b"\r\n", b"HTTP/1.1 408 Request Timeout\r\n\r\n"])
async def test_what_comes_behind_an_answer_is_no_answer_to_the_next_request(
    ends: tuple[socket.socket, socket.socket], more: bytes
) -> None:
    http = connect(ends[0])
    await ask(http)
    ends[1].sendall(SIZED + more)
    await http.head()
    while await http.read() is not None:
        pass

    assert not http.renew()
    http.close()


async def test_an_answer_that_says_goodbye_is_the_last(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    http = connect(ends[0])
    await ask(http)
    ends[1].sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    await http.head()
    assert await http.read() is None

    assert not http.renew()
    http.close()
