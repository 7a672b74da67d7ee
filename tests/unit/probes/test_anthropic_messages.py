"""The dialect anthropic_messages, event by event."""

import json
from dataclasses import replace
from typing import Any

import pytest

from monitor.model.target import RequestSettings
from monitor.probes.dialect import TINY_PNG, DialectError
from monitor.probes.dialects import DIALECTS
from monitor.probes.framing import WireEvent
from monitor.probes.reading import Channel, Delta, Piece, Usage
from tests.factories import make_probe

DIALECT = DIALECTS["anthropic_messages"]
HOST = "https://api.example"


def parse(body: Any, kind: str = "message") -> Delta:
    return DIALECT.parse(WireEvent(kind, json.dumps(body)))


def block(**delta: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": 0, "delta": delta}


def body(**settings: Any) -> dict[str, Any]:
    probe = make_probe(base_url=HOST, request=RequestSettings(**settings))
    read: dict[str, Any] = json.loads(DIALECT.build(probe, "hello").body)
    return read


def test_the_request_asks_for_a_short_stream() -> None:
    assert body() == {
        "model": "large",
        "messages": [{"role": "user", "content": "hello"}],
        "stream": True,
        "max_tokens": 16,
        "temperature": 0.0,
    }


def test_what_a_model_does_not_take_is_left_out_and_what_it_takes_beside_is_sent() -> None:
    asked = body(temperature=None, reasoning_effort="low", extra_body={"top_k": 1})

    assert "temperature" not in asked
    assert asked["output_config"] == {"effort": "low"}
    assert asked["top_k"] == 1


def test_no_effort_at_all_is_thinking_switched_off() -> None:
    asked = body(reasoning_effort="none")

    assert asked["thinking"] == {"type": "disabled"}
    assert "output_config" not in asked


def test_an_image_goes_beside_the_prompt() -> None:
    text, image = body(has_image=True)["messages"][0]["content"]

    assert text == {"type": "text", "text": "hello"}
    assert image["source"] == {"type": "base64", "media_type": "image/png", "data": TINY_PNG}


def test_a_target_that_does_not_stream_is_asked_for_a_whole_answer() -> None:
    probe = make_probe(base_url=HOST)
    request = DIALECT.build(replace(probe, target=replace(probe.target, streams=False)), "hello")

    assert json.loads(request.body)["stream"] is False
    assert dict(request.headers)["accept"].reveal() == "application/json"


@pytest.mark.parametrize("base_url", [HOST, f"{HOST}/v1"])
def test_the_base_url_may_name_the_version(base_url: str) -> None:
    probe = make_probe(base_url=base_url)

    for request, path in (
        (DIALECT.build(probe, "x"), "messages"),
        (DIALECT.build_listing(probe), "models"),
    ):
        assert request.url == f"{HOST}/v1/{path}"
        assert dict(request.headers)["anthropic-version"].reveal() == "2023-06-01"


@pytest.mark.parametrize(
    ("event", "delta"),
    [
        pytest.param({"type": "ping"}, Delta(), id="a ping"),
        pytest.param({"type": "a_new_kind", "x": 1}, Delta(), id="a kind of tomorrow"),
        pytest.param({"type": "content_block_stop", "index": 0}, Delta(), id="the end of a block"),
        pytest.param(
            block(type="text_delta", text="Hi"),
            Delta(pieces=(Piece(Channel.TEXT, "Hi"),)),
            id="text",
        ),
        pytest.param(
            block(type="thinking_delta", thinking="Hm"),
            Delta(pieces=(Piece(Channel.REASONING, "Hm"),)),
            id="thinking",
        ),
        pytest.param(
            block(type="input_json_delta", partial_json='{"a'),
            Delta(pieces=(Piece(Channel.TOOL, '{"a'),)),
            id="a tool's arguments",
        ),
        pytest.param(block(type="text_delta", text=""), Delta(), id="no text is no token"),
        pytest.param(block(type="signature_delta", signature="x"), Delta(), id="a signature"),
        pytest.param(block(type="text_delta", text=5), Delta(), id="text that is none"),
        pytest.param({"type": "content_block_delta", "delta": 5}, Delta(), id="delta that is none"),
        pytest.param({"type": "content_block_delta"}, Delta(), id="no delta"),
        pytest.param(
            {"type": "content_block_start", "content_block": {"type": "text", "text": ""}},
            Delta(),
            id="an empty block begins",
        ),
        pytest.param(
            {"type": "content_block_start", "content_block": {"type": "tool_use", "name": "f"}},
            Delta(pieces=(Piece(Channel.TOOL, "f"),)),
            id="a tool is named",
        ),
        pytest.param(
            {
                "type": "message_start",
                "message": {
                    "usage": {
                        "input_tokens": 5,
                        "cache_creation_input_tokens": 20,
                        "cache_read_input_tokens": 300,
                        "output_tokens": 1,
                    }
                },
            },
            Delta(usage=Usage(input_tokens=325, cached_tokens=300)),
            id="cached tokens are input",
        ),
        pytest.param({"type": "message_start", "message": 5}, Delta(), id="message that is none"),
        pytest.param(
            {
                "type": "message_delta",
                "delta": {"stop_reason": "end_turn"},
                "usage": {"output_tokens": 9, "output_tokens_details": {"thinking_tokens": 4}},
            },
            Delta(
                usage=Usage(output_tokens=9, reasoning_tokens=4),
                finish_reason="end_turn",
            ),
            id="why it stopped, and thinking among the output",
        ),
        pytest.param({"type": "message_delta", "delta": None}, Delta(), id="nothing changed"),
        pytest.param(
            {"type": "message_delta", "usage": {"input_tokens": True, "output_tokens": "9"}},
            Delta(usage=Usage()),
            id="counts that are none",
        ),
        pytest.param(
            {"type": "message_stop"}, Delta(is_terminal=True, is_end=True), id="the terminal event"
        ),
    ],
)
def test_what_an_event_means(event: Any, delta: Delta) -> None:
    assert parse(event) == delta


@pytest.mark.parametrize(
    "event",
    [
        WireEvent("error", '{"type": "error", "error": {"type": "overloaded_error"}}'),
        WireEvent("message", '{"type": "error", "error": {"type": "overloaded_error"}}'),
        WireEvent("message", '{"error": "out of order"}'),
        WireEvent("error", "out of order"),
    ],
    ids=["named", "by its type", "by its member", "plain text"],
)
def test_an_error_in_the_stream_is_handed_on(event: WireEvent) -> None:
    assert DIALECT.parse(event).error


@pytest.mark.parametrize(
    "data",
    ["no json", "[]", '"text"', "{}", '{"type": 5}', "[" * 100_000],
    ids=["text", "list", "string", "no type", "type is a number", "deep"],
)
def test_what_is_not_the_dialect_is_refused(data: str) -> None:
    with pytest.raises(DialectError):
        DIALECT.parse(WireEvent("message", data))


def test_a_whole_answer_is_read_as_one() -> None:
    delta = DIALECT.parse_whole(
        {
            "type": "message",
            "content": [
                {"type": "thinking", "thinking": "Hm", "signature": "x"},
                {"type": "redacted_thinking", "data": "x"},
                {"type": "text", "text": "Hi"},
                {"type": "tool_use", "name": "f", "input": {}},
                None,
                {"type": 5},
            ],
            "stop_reason": "tool_use",
            "usage": {"input_tokens": 3, "output_tokens": 7},
        }
    )

    assert delta == Delta(
        pieces=(
            Piece(Channel.REASONING, "Hm"),
            Piece(Channel.TEXT, "Hi"),
            Piece(Channel.TOOL, "f"),
        ),
        usage=Usage(input_tokens=3, output_tokens=7),
        finish_reason="tool_use",
        is_terminal=True,
    )


def test_a_whole_answer_can_be_an_error() -> None:
    assert DIALECT.parse_whole({"type": "error", "error": {"type": "api_error"}}).error


@pytest.mark.parametrize("answer", [None, [], {}, {"content": "Hi"}])
def test_a_whole_answer_of_another_shape_is_refused(answer: object) -> None:
    with pytest.raises(DialectError):
        DIALECT.parse_whole(answer)


def test_a_listing_is_counted() -> None:
    assert DIALECT.count_models({"data": [{"id": "a"}], "has_more": False}) == 1
    answers: tuple[object, ...] = ({}, [], {"data": 5})
    for answer in answers:
        with pytest.raises(DialectError):
            DIALECT.count_models(answer)
