"""Lines of JSON, however the bytes are cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.probes.framing import MAX_EVENT_BYTES, FramingError, WireEvent
from monitor.probes.ndjson import NdjsonParser

STREAM = '{"a": "ä"}\r\n\n{"b": 2}\n  \n{"c": 3}'.encode()


def parse(*chunks: bytes) -> list[WireEvent]:
    parser = NdjsonParser()
    return [event for chunk in chunks for event in parser.feed(chunk)] + parser.finish()


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_chunking_changes_nothing(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]

    events = parse(*(STREAM[a:b] for a, b in pairwise(edges)))

    assert [each.data for each in events] == ['{"a": "ä"}', '{"b": 2}', '{"c": 3}']


def test_a_line_without_end_is_refused() -> None:
    with pytest.raises(FramingError):
        parse(b"x" * (MAX_EVENT_BYTES + 1))
