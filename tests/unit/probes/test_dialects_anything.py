"""Whatever a server sends, every dialect reads it or refuses it, and raises nothing else."""

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.probes.dialect import DialectError
from monitor.probes.dialects import DIALECTS
from monitor.probes.exchange import Exchange, Read
from monitor.probes.framing import WireEvent
from monitor.probes.reader import StreamReader
from monitor.probes.receiver import Receiver

#: Names that the dialects look for, and kinds that they know, anywhere and of any type.
_WORDS = """
candidates choices completion_tokens content content_block content_block_delta
content_block_start data delta done error finishReason finish_reason functionCall
incomplete_details index input_tokens message message_delta message_start message_stop messages
models name output output_text output_tokens parts promptFeedback reason response
response.completed response.failed response.output_text.delta status stop_reason summary text
text_delta thinking thought tool_calls tool_use type usage usageMetadata
"""
WORDS = _WORDS.split()
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=6)
    ),
    max_leaves=25,
)
each_dialect = pytest.mark.parametrize("name", sorted(DIALECTS))


@each_dialect
@settings(deadline=None)
@given(JSON, st.sampled_from(["message", "error", "content-delta"]))
def test_any_json_is_read_or_refused(name: str, document: object, kind: str) -> None:
    dialect = DIALECTS[name]

    with suppress(DialectError):
        dialect.parse(WireEvent(kind, json.dumps(document)))
    with suppress(DialectError):
        dialect.parse_whole(document)
    with suppress(DialectError):
        assert dialect.count_models(document) >= 0


@each_dialect
@settings(deadline=None)
@given(st.lists(st.binary(max_size=80) | JSON.map(lambda each: json.dumps(each).encode())))
def test_any_bytes_make_a_reading(name: str, pieces: list[bytes]) -> None:
    reader = StreamReader(DIALECTS[name])

    for at, piece in enumerate(pieces):
        reader.feed(Read(at, b"data: " + piece + b"\n\n" if at % 2 else piece))

    assert reader.finish(len(pieces)).events >= 0


@each_dialect
@settings(deadline=None)
@given(st.binary(max_size=120) | JSON.map(lambda each: json.dumps(each).encode()))
def test_any_body_makes_a_reading(name: str, body: bytes) -> None:
    for is_listing in (False, True):
        receiver = Receiver(DIALECTS[name], is_listing=is_listing)
        receiver.begin(200, {"content-type": "application/json"})
        read = Read(1, body)
        receiver.feed(read)

        assert receiver.reading(Exchange(status=200, reads=(read,)))
