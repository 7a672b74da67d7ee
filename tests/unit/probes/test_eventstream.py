"""Binary frames, however the bytes are cut."""

import json
import struct
from binascii import crc32
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.probes.dialects import DIALECTS
from monitor.probes.eventstream import EventStreamParser
from monitor.probes.exchange import Read
from monitor.probes.framing import MAX_EVENT_BYTES, FramingError, WireEvent
from monitor.probes.reader import StreamReader
from monitor.simulator.bedrock_wire import frame

KIND = {":event-type": "contentBlockDelta", ":message-type": "event"}
STREAM = b"".join(frame(KIND, text.encode()) for text in ('{"a": "ä"}', '{"b": 2}', "{}"))


def parse(*chunks: bytes) -> list[WireEvent]:
    parser = EventStreamParser()
    return [event for chunk in chunks for event in parser.feed(chunk)] + parser.finish()


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_chunking_changes_nothing(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]

    events = parse(*(STREAM[a:b] for a, b in pairwise(edges)))

    assert [each.data for each in events] == ['{"a": "ä"}', '{"b": 2}', "{}"]
    assert {each.type for each in events} == {"contentBlockDelta"}


def test_an_exception_brings_its_type_and_its_payload() -> None:
    headers = {":exception-type": "throttlingException", ":message-type": "exception"}

    (event,) = parse(frame(headers, b'{"message": "no"}'))

    assert event.type == "exception"
    assert json.loads(event.data) == {"code": "throttlingException", "error": '{"message": "no"}'}


def test_an_error_brings_its_code_and_its_words() -> None:
    headers = {":error-code": "Internal", ":error-message": "no", ":message-type": "error"}

    (event,) = parse(frame(headers, b""))

    assert json.loads(event.data) == {"code": "Internal", "error": "no"}


def test_a_frame_without_a_type_is_a_message() -> None:
    assert parse(frame({}, b"x")) == [WireEvent("message", "x")]


@pytest.mark.parametrize(
    "data",
    [b"event: x\ndata: {}\n\n", b"<html><body>no", STREAM[:20] + b"!" + STREAM[21:], bytes(64)],
    ids=["server-sent events", "a page", "a changed byte", "zeroes"],
)
def test_what_are_no_frames_is_refused(data: bytes) -> None:
    with pytest.raises(FramingError):
        parse(data)


def test_a_frame_without_end_is_refused() -> None:
    huge = frame(KIND, b"x" * (MAX_EVENT_BYTES + 1))

    with pytest.raises(FramingError):
        parse(huge[:-1])


@pytest.mark.parametrize(("rest", "strange"), [(b"", 0), (b"abc", 1), (STREAM[:30], 0)])
def test_too_few_bytes_for_a_frame_are_strange(rest: bytes, strange: int) -> None:
    parser = EventStreamParser()

    parser.feed(rest)
    parser.finish()

    assert parser.strange == strange


def sealed(headers: bytes, payload: bytes) -> bytes:
    """A frame with right checksums, whatever its headers are."""
    lengths = struct.pack("!II", len(headers) + len(payload) + 16, len(headers))
    begun = lengths + struct.pack("!I", crc32(lengths)) + headers + payload
    return begun + struct.pack("!I", crc32(begun))


@settings(deadline=None)
@given(st.lists(st.tuples(st.binary(max_size=60), st.binary(max_size=60)), max_size=4))
def test_frames_of_anything_make_a_reading(frames: list[tuple[bytes, bytes]]) -> None:
    reader = StreamReader(DIALECTS["bedrock_converse"])

    for at, (headers, payload) in enumerate(frames):
        reader.feed(Read(at, sealed(headers, payload)))

    assert reader.finish(9).events >= 0


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.binary(max_size=60))
def test_any_length_is_a_frame_or_refused(total: int, head: int, rest: bytes) -> None:
    lengths = struct.pack("!II", total, head)
    reader = StreamReader(DIALECTS["bedrock_converse"])

    reader.feed(Read(1, lengths + struct.pack("!I", crc32(lengths)) + rest))

    assert reader.finish(2).events == 0
