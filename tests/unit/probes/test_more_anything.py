"""Whatever stands under the names that Cohere, Ollama and Bedrock use, nothing else is raised."""

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.probes.dialect import DialectError
from monitor.probes.dialects import DIALECTS
from monitor.probes.exchange import Read
from monitor.probes.framing import WireEvent
from monitor.probes.reader import StreamReader
from monitor.simulator.bedrock_wire import frame

WORDS = (
    "arguments billed_units cacheReadInputTokens cached_tokens content content-delta content-start "
    "delta done done_reason error eval_count finish_reason function input inputTokens "
    "input_tokens message message-end models modelSummaries name output outputTokens output_tokens "
    "prompt_eval_count reasoningContent reasoningText start stopReason text thinking tokens "
    "tool-call-delta tool-call-start tool-plan-delta toolUse tool_calls tool_plan type usage"
)
EVENTS = (
    "contentBlockDelta contentBlockStart exception initial-response message messageStop metadata"
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS.split())
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS.split()), inner, max_size=6)
    ),
    max_leaves=25,
)
NAMES = ("bedrock_converse", "cohere_chat", "ollama_chat")
#: As deep as a decoder lets through.
DEEP = "[" * 900 + "]" * 900


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None)
@given(JSON, st.sampled_from(EVENTS.split()))
def test_any_json_is_read_or_refused(name: str, document: object, kind: str) -> None:
    dialect = DIALECTS[name]

    with suppress(DialectError):
        dialect.parse(WireEvent(kind, json.dumps(document)))
    with suppress(DialectError):
        dialect.parse_whole(document)
    with suppress(DialectError):
        assert dialect.count_models(document) >= 0


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(EVENTS.split()), JSON), max_size=6))
def test_frames_of_any_json_make_a_reading(events: list[tuple[str, object]]) -> None:
    reader = StreamReader(DIALECTS["bedrock_converse"])

    for at, (kind, document) in enumerate(events):
        headers = {":event-type": kind, ":message-type": "event"}
        reader.feed(Read(at, frame(headers, json.dumps(document).encode())))

    assert reader.finish(9).events == len(events)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "around",
    [
        '{{"message": {{"tool_calls": [{{"function": {{"name": {0}, "arguments": {0}}}}}]}}}}',
        '{{"type": "message-end", "delta": {{"error": {0}, "finish_reason": {0}}}}}',
        '{{"delta": {{"toolUse": {{"name": {0}, "input": {0}}}, "text": {0}}}, "error": {0}}}',
    ],
    ids=["a call", "an end", "a block"],
)
def test_depth_is_no_exception(name: str, around: str) -> None:
    reader = StreamReader(DIALECTS[name])

    for kind in EVENTS.split():
        with suppress(DialectError):
            DIALECTS[name].parse(WireEvent(kind, around.format(DEEP)))

    assert reader.take_whole(Read(1, b""), around.format(DEEP).encode()).events <= 1
