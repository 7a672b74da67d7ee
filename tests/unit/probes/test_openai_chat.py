"""The dialect openai_chat, event by event."""

import json
from typing import Any

import pytest

from monitor.model.target import RequestSettings
from monitor.probes.dialect import DialectError, ForeignEventError
from monitor.probes.dialects import DIALECTS
from monitor.probes.framing import WireEvent
from monitor.probes.reading import Channel, Delta, Piece, Usage
from tests.factories import make_probe

DIALECT = DIALECTS["openai_chat"]


def parse(chunk: Any) -> Delta:
    return DIALECT.parse(WireEvent("message", json.dumps(chunk)))


def choice(**delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}


def body(**settings: Any) -> dict[str, Any]:
    probe = make_probe(request=RequestSettings(**settings))
    read: dict[str, Any] = json.loads(DIALECT.build(probe, "hello").body)
    return read


def test_the_request_asks_for_a_short_stream_with_usage() -> None:
    assert body() == {
        "model": "large",
        "messages": [{"role": "user", "content": "hello"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 16,
        "temperature": 0.0,
    }


def test_what_a_server_does_not_take_is_left_out() -> None:
    asked = body(
        max_tokens_parameter="max_completion_tokens",
        temperature=None,
        reasoning_effort="minimal",
        include_usage=False,
    )

    assert asked["max_completion_tokens"] == 16
    assert asked["reasoning_effort"] == "minimal"
    assert not {"max_tokens", "temperature", "stream_options"} & asked.keys()


def test_the_request_carries_the_targets_headers() -> None:
    request = DIALECT.build(make_probe(), "hello")

    assert request.url == "http://127.0.0.1:1/v1/chat/completions"
    assert dict(request.headers)["authorization"].reveal() == "Bearer sk-planted-key-123456"
    assert "planted" not in repr(request)


@pytest.mark.parametrize(
    ("chunk", "delta"),
    [
        pytest.param(choice(role="assistant", content=""), Delta(), id="a role is no token"),
        pytest.param(choice(content=None), Delta(), id="null content is no token"),
        pytest.param({"choices": []}, Delta(), id="empty choices are no token"),
        pytest.param(
            choice(content="Hi"), Delta(pieces=(Piece(Channel.TEXT, "Hi"),)), id="a token"
        ),
        pytest.param(
            choice(reasoning_content="Hm"),
            Delta(pieces=(Piece(Channel.REASONING, "Hm"),)),
            id="reasoning_content",
        ),
        pytest.param(
            choice(reasoning="Hm", reasoning_content=None),
            Delta(pieces=(Piece(Channel.REASONING, "Hm"),)),
            id="reasoning",
        ),
        pytest.param(
            choice(tool_calls=[{"function": {"name": "f", "arguments": "{"}}, None, {}]),
            Delta(pieces=(Piece(Channel.TOOL, "f{"),)),
            id="a tool call",
        ),
        pytest.param(
            choice(tool_calls=[{"function": {"name": ["f"], "arguments": {"a": 1}}}]),
            Delta(),
            id="a call that names nothing in words",
        ),
        pytest.param(
            choice(tool_calls=[{"function": {"name": "f", "arguments": {"a": 1}}}]),
            Delta(pieces=(Piece(Channel.TOOL, "f"),)),
            id="a call with decoded arguments is told by its name",
        ),
        pytest.param(
            choice(content=[{"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}]),
            Delta(pieces=(Piece(Channel.REASONING, "Hm"),)),
            id="a list of thoughts",
        ),
        pytest.param(
            choice(
                content=[
                    {"type": "thinking", "thinking": "Hm"},
                    {"type": "text", "text": "Hi"},
                    {"type": "reference", "reference_ids": [1]},
                    {"type": "text", "text": ["Hi"]},
                    5,
                ]
            ),
            Delta(pieces=(Piece(Channel.REASONING, "Hm"), Piece(Channel.TEXT, "Hi"))),
            id="a list of a thought, text, and what is neither",
        ),
        pytest.param(
            {"choices": [{"delta": {}, "finish_reason": "stop"}]},
            Delta(finish_reason="stop", is_terminal=True),
            id="a finish reason ends the answer",
        ),
        pytest.param(
            {
                "choices": [],
                "usage": {
                    "prompt_tokens": 9,
                    "completion_tokens": 5,
                    "completion_tokens_details": {"reasoning_tokens": 2},
                    "prompt_tokens_details": {"cached_tokens": 4},
                },
            },
            Delta(
                usage=Usage(input_tokens=9, output_tokens=5, reasoning_tokens=2, cached_tokens=4)
            ),
            id="a usage chunk",
        ),
        pytest.param(
            {"choices": [], "usage": {"prompt_tokens": -1, "completion_tokens": "5"}},
            Delta(usage=Usage()),
            id="counts that are none",
        ),
        pytest.param(
            {"choices": [], "usage": None}, Delta(), id="usage is null in every chunk but the last"
        ),
    ],
)
def test_what_a_chunk_means(chunk: Any, delta: Delta) -> None:
    assert parse(chunk) == delta


def test_done_ends_the_stream() -> None:
    assert DIALECT.parse(WireEvent("message", "[DONE]")) == Delta(is_terminal=True, is_end=True)


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(WireEvent("message", '{"error": {"message": "x"}}'), id="error in the data"),
        pytest.param(
            WireEvent("message", '{"choices": [{"error": {"message": "x"}, "delta": {}}]}'),
            id="error in the choice",
        ),
        pytest.param(WireEvent("error", '{"message": "x"}'), id="event named error"),
        pytest.param(WireEvent("error", "x"), id="event named error, plain text"),
    ],
)
def test_an_error_in_the_stream_is_handed_on(event: WireEvent) -> None:
    assert DIALECT.parse(event).error


@pytest.mark.parametrize(
    "data",
    ["no json", "[]", '"text"', "{}", '{"choices": 5}', '{"choices": ["x"]}', "[" * 100_000],
    ids=["text", "list", "string", "no known field", "choices no list", "choice no object", "deep"],
)
def test_what_is_not_the_dialect_is_refused(data: str) -> None:
    with pytest.raises(DialectError):
        DIALECT.parse(WireEvent("message", data))


def test_a_whole_answer_is_read_as_one() -> None:
    delta = DIALECT.parse_whole(
        {
            "choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 9, "completion_tokens": 1},
        }
    )

    assert delta.pieces == (Piece(Channel.TEXT, "Hi"),)
    assert delta.is_terminal
    assert delta.usage == Usage(input_tokens=9, output_tokens=1)


def test_an_empty_finish_reason_ends_nothing() -> None:
    chunk = {"choices": [{"delta": {"content": "a"}, "finish_reason": ""}]}

    assert not parse(chunk).is_terminal
    assert parse(chunk).finish_reason is None


def test_an_event_that_the_dialect_does_not_know_is_told_from_garbage() -> None:
    with pytest.raises(ForeignEventError):
        DIALECT.parse(WireEvent("ping", "{}"))
    with pytest.raises(ForeignEventError):
        parse({"object": "something.else"})


def test_a_whole_answer_needs_no_finish_reason() -> None:
    assert DIALECT.parse_whole({"choices": [{"message": {"content": "Hi"}}]}).is_terminal


def test_who_answers_behind_a_gateway_is_told() -> None:
    assert parse(choice(content="a") | {"provider": "Acme"}).served_by == "Acme"
    assert parse(choice(content="a") | {"provider": 5}).served_by is None
