"""Requests read from bytes however they arrive, and responses worded."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.simulator.http import (
    MAX_BODY_BYTES,
    MAX_HEAD_BYTES,
    BadRequestError,
    Request,
    RequestParser,
    head,
)

TWO_REQUESTS = (
    b"POST /v1/chat/completions?a=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n"
    b'{"a":1}GET /v1/models HTTP/1.1\r\nhost: x\r\nConnection: Close\r\n\r\n'
)


def parse(*pieces: bytes) -> list[Request]:
    parser = RequestParser()
    return [
        request
        for at_ns, piece in enumerate(pieces, start=1)
        for request in parser.feed(piece, at_ns)
    ]


def test_a_request_is_read_with_its_parts() -> None:
    first, second = parse(TWO_REQUESTS)

    assert (first.method, first.path, first.query) == ("POST", "/v1/chat/completions", {"a": "1"})
    assert first.headers == {"host": "x", "content-length": "7"}
    assert first.json() == {"a": 1}
    assert not first.closes
    assert (second.method, second.path, second.body) == ("GET", "/v1/models", b"")
    assert second.closes


@given(cuts=st.sets(st.integers(1, len(TWO_REQUESTS) - 1)))
def test_requests_are_the_same_however_their_bytes_arrive(cuts: set[int]) -> None:
    edges = [0, *sorted(cuts), len(TWO_REQUESTS)]
    pieces = [TWO_REQUESTS[a:b] for a, b in pairwise(edges)]

    requests = parse(*pieces)

    assert [request.body for request in requests] == [b'{"a":1}', b""]
    assert requests[-1].received_ns == len(pieces)


def test_a_request_bears_the_instant_of_its_last_byte() -> None:
    last = TWO_REQUESTS.index(b"}") + 1

    (request,) = parse(
        TWO_REQUESTS[:20], TWO_REQUESTS[20 : last - 1], TWO_REQUESTS[last - 1 : last]
    )

    assert request.received_ns == 3


@pytest.mark.parametrize(
    ("data", "status"),
    [
        pytest.param(b"HELLO\r\n\r\n", 400, id="no request line"),
        pytest.param(b"GET / HTTP/1.0\r\n\r\n", 505, id="an old version"),
        pytest.param(b"GET / HTTP/1.1\r\nnonsense\r\n\r\n", 400, id="a header without a colon"),
        pytest.param(
            b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n", 411, id="no announced length"
        ),
        pytest.param(b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n", 400, id="no number"),
        pytest.param(
            b"POST / HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1),
            413,
            id="too long a body",
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\ncontent-length: " + b"9" * 5000 + b"\r\n\r\n",
            413,
            id="an absurd length",
        ),
        pytest.param(b"x" * (MAX_HEAD_BYTES + 1), 431, id="headers without end"),
    ],
)
def test_bytes_that_are_no_request_are_refused_with_a_status(data: bytes, status: int) -> None:
    with pytest.raises(BadRequestError) as refusal:
        parse(data)

    assert refusal.value.status == status


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (200, b"HTTP/1.1 200 OK\r\n"),
        (529, b"HTTP/1.1 529 Site is overloaded\r\n"),
        (799, b"HTTP/1.1 799 \r\n"),
    ],
)
def test_a_status_line_has_its_reason_if_there_is_one(status: int, line: bytes) -> None:
    assert head(status, ()).startswith(line)
