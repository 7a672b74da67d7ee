"""The SSE parser gives the same events however the bytes are cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.probes.framing import MAX_EVENT_BYTES, FramingError, WireEvent
from monitor.probes.sse import SseParser


def parse(*chunks: bytes) -> list[WireEvent]:
    parser = SseParser()
    events = [event for chunk in chunks for event in parser.feed(chunk)]
    return events + parser.finish()


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        pytest.param(b"data: a\n\n", [("message", "a")], id="one event"),
        pytest.param(b"data:a\n\n", [("message", "a")], id="no space after the colon"),
        pytest.param(b"data:  a\n\n", [("message", " a")], id="only one space is dropped"),
        pytest.param(b"data: a\ndata: b\n\n", [("message", "a\nb")], id="lines are joined"),
        pytest.param(b"event: error\ndata: x\n\n", [("error", "x")], id="a named event"),
        pytest.param(b"event: a\n\ndata: x\n\n", [("message", "x")], id="a name without data"),
        pytest.param(b": PROCESSING\n\ndata: a\n\n", [("message", "a")], id="a comment"),
        pytest.param(b"data: a\r\n\r\n", [("message", "a")], id="CRLF"),
        pytest.param(b"data: a\r\rdata: b\r\r", [("message", "a"), ("message", "b")], id="CR"),
        pytest.param(b"\xef\xbb\xbfdata: a\n\n", [("message", "a")], id="a byte order mark"),
        pytest.param(b"data: [DONE]", [("message", "[DONE]")], id="no line end at the end"),
        pytest.param(b"data: a\n", [("message", "a")], id="no empty line at the end"),
        pytest.param(b"data\n\n", [("message", "")], id="data without a value"),
        pytest.param(b"id: 1\nretry: 5\ndata: a\n\n", [("message", "a")], id="other fields"),
        pytest.param(b"data: \xff\n\n", [("message", "\ufffd")], id="bytes that are no UTF-8"),
        pytest.param(b"", [], id="nothing"),
        pytest.param(b"\n\n\n", [], id="empty lines"),
    ],
)
def test_events_of_a_stream(stream: bytes, events: list[tuple[str, str]]) -> None:
    assert parse(stream) == [WireEvent(*each) for each in events]


STREAM = (
    '\ufeff: hello\r\n\r\nevent: ä\r\ndata: {"x": "…"}\r\n\r\ndata: one\ndata: two\n\n'
    "id: 4\rdata: three\r\r: bye\n\ndata: [DONE]\n\n"
).encode()


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_chunking_changes_nothing(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    chunks = [STREAM[a:b] for a, b in pairwise(edges)]

    assert parse(*chunks) == parse(STREAM)
    assert len(parse(STREAM)) == 4


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_any_bytes_give_events_or_nothing(chunks: list[bytes]) -> None:
    assert all(isinstance(event, WireEvent) for event in parse(*chunks))


def test_a_line_without_end_is_refused() -> None:
    parser = SseParser()
    with pytest.raises(FramingError, match="more than 1048576 bytes"):
        parser.feed(b"data: " + b"x" * MAX_EVENT_BYTES)


def test_lines_that_are_no_fields_are_counted() -> None:
    parser = SseParser()
    parser.feed(b"<html>\n<body>: x\ndata: a\n: fine\n")

    assert parser.strange == 2
