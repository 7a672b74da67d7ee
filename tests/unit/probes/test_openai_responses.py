"""The dialect openai_responses, event by event."""

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

DIALECT = DIALECTS["openai_responses"]
USAGE = {
    "input_tokens": 9,
    "input_tokens_details": {"cached_tokens": 4},
    "output_tokens": 5,
    "output_tokens_details": {"reasoning_tokens": 2},
}
COUNTED = Usage(input_tokens=9, output_tokens=5, reasoning_tokens=2, cached_tokens=4)


def parse(body: Any, kind: str = "message") -> Delta:
    return DIALECT.parse(WireEvent(kind, json.dumps(body)))


def end(status: str, **response: Any) -> dict[str, Any]:
    return {"type": f"response.{status}", "response": {"status": status, **response}}


def body(**settings: Any) -> dict[str, Any]:
    probe = make_probe(request=RequestSettings(**settings))
    read: dict[str, Any] = json.loads(DIALECT.build(probe, "hello").body)
    return read


def test_the_request_asks_for_a_short_stream_without_padding_that_is_not_kept() -> None:
    assert body() == {
        "model": "large",
        "input": "hello",
        "stream": True,
        "store": False,
        "stream_options": {"include_obfuscation": False},
        "max_output_tokens": 16,
        "temperature": 0.0,
    }


def test_what_a_server_does_not_take_is_left_out() -> None:
    asked = body(
        temperature=None, reasoning_effort="minimal", include_usage=False, extra_body={"user": "x"}
    )

    assert asked["reasoning"] == {"effort": "minimal"}
    assert asked["user"] == "x"
    assert not {"temperature", "stream_options"} & asked.keys()


def test_an_image_goes_beside_the_prompt() -> None:
    (message,) = body(has_image=True)["input"]

    assert message["content"] == [
        {"type": "input_text", "text": "hello"},
        {"type": "input_image", "image_url": f"data:image/png;base64,{TINY_PNG}"},
    ]


def test_a_target_that_does_not_stream_is_asked_for_a_whole_answer() -> None:
    probe = make_probe()
    request = DIALECT.build(replace(probe, target=replace(probe.target, streams=False)), "hello")

    assert request.url == "http://127.0.0.1:1/v1/responses"
    assert json.loads(request.body)["stream"] is False
    assert "stream_options" not in json.loads(request.body)


@pytest.mark.parametrize(
    ("event", "delta"),
    [
        pytest.param(end("created"), Delta(), id="created"),
        pytest.param({"type": "response.output_item.added"}, Delta(), id="an item begins"),
        pytest.param({"type": "keepalive"}, Delta(), id="a keep-alive"),
        pytest.param(
            {"type": "response.output_text.delta", "delta": "Hi"},
            Delta(pieces=(Piece(Channel.TEXT, "Hi"),)),
            id="text",
        ),
        pytest.param(
            {"type": "response.refusal.delta", "delta": "No"},
            Delta(pieces=(Piece(Channel.TEXT, "No"),)),
            id="a refusal is text",
        ),
        pytest.param(
            {"type": "response.reasoning_text.delta", "delta": "Hm"},
            Delta(pieces=(Piece(Channel.REASONING, "Hm"),)),
            id="reasoning",
        ),
        pytest.param(
            {"type": "response.reasoning_summary_text.delta", "delta": "Hm"},
            Delta(pieces=(Piece(Channel.REASONING, "Hm"),)),
            id="a summary of reasoning",
        ),
        pytest.param(
            {"type": "response.function_call_arguments.delta", "delta": "{"},
            Delta(pieces=(Piece(Channel.TOOL, "{"),)),
            id="a tool's arguments",
        ),
        pytest.param(
            {"type": "response.output_text.delta", "delta": ""}, Delta(), id="no text is no token"
        ),
        pytest.param(
            {"type": "response.output_text.delta", "delta": {}}, Delta(), id="text that is none"
        ),
        pytest.param(
            end("completed", usage=USAGE),
            Delta(usage=COUNTED, finish_reason="stop", is_terminal=True, is_end=True),
            id="completed",
        ),
        pytest.param(
            end("incomplete", incomplete_details={"reason": "max_output_tokens"}),
            Delta(finish_reason="length", is_terminal=True, is_end=True),
            id="cut at the ceiling",
        ),
        pytest.param(
            end("incomplete", incomplete_details={"reason": "content_filter"}),
            Delta(finish_reason="content_filter", is_terminal=True, is_end=True),
            id="filtered",
        ),
        pytest.param(
            end("incomplete", incomplete_details=None, usage=[]),
            Delta(finish_reason="incomplete", is_terminal=True, is_end=True),
            id="incomplete for no known reason",
        ),
        pytest.param(end("cancelled"), Delta(is_end=True), id="cancelled proves nothing"),
    ],
)
def test_what_an_event_means(event: Any, delta: Delta) -> None:
    assert parse(event) == delta


def test_done_ends_the_stream_and_proves_nothing() -> None:
    assert DIALECT.parse(WireEvent("message", "[DONE]")) == Delta(is_end=True)


@pytest.mark.parametrize(
    "event",
    [
        WireEvent("error", '{"type": "error", "code": "server_error", "message": "x"}'),
        WireEvent("message", '{"type": "error", "code": "server_error", "message": "x"}'),
        WireEvent("message", '{"error": {"message": "x"}}'),
        WireEvent("error", "out of order"),
        WireEvent("message", json.dumps(end("failed", error={"code": "server_error"}))),
        WireEvent("message", json.dumps(end("failed", error=None))),
    ],
    ids=["named", "by its type", "by its member", "plain text", "failed", "failed, no reason"],
)
def test_an_error_in_the_stream_is_handed_on(event: WireEvent) -> None:
    delta = DIALECT.parse(event)

    assert delta.error
    assert not delta.is_terminal


@pytest.mark.parametrize(
    "data",
    [
        *("no json", "[]", '"text"', "{}", '{"type": 5}', "[" * 100_000),
        '{"type": "response.completed"}',
    ],
)
def test_what_is_not_the_dialect_is_refused(data: str) -> None:
    with pytest.raises(DialectError):
        DIALECT.parse(WireEvent("message", data))


def test_a_whole_answer_is_read_as_one() -> None:
    reasoning = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm"}]}
    thought = {"type": "reasoning", "content": [{"type": "reasoning_text", "text": "hm"}]}
    parts = [{"type": "output_text", "text": "Hi"}, {"type": "refusal", "refusal": "No"}, 5]
    message = {"type": "message", "content": parts}
    call = {"type": "function_call", "name": "f", "arguments": "{}"}

    delta = DIALECT.parse_whole(
        {
            "status": "completed",
            "output": [reasoning, thought, message, call, None, {"type": []}],
            "usage": USAGE,
        }
    )

    assert delta == Delta(
        pieces=(
            Piece(Channel.REASONING, "Hm"),
            Piece(Channel.REASONING, "hm"),
            Piece(Channel.TEXT, "Hi"),
            Piece(Channel.TEXT, "No"),
            Piece(Channel.TOOL, "{}"),
        ),
        usage=COUNTED,
        finish_reason="stop",
        is_terminal=True,
    )


def test_a_whole_answer_can_be_an_error() -> None:
    delta = DIALECT.parse_whole({"status": "failed", "error": {"code": "server_error"}})

    assert delta.error
    assert not delta.is_terminal


@pytest.mark.parametrize("answer", [None, [], {}, {"output": "Hi"}])
def test_a_whole_answer_of_another_shape_is_refused(answer: object) -> None:
    with pytest.raises(DialectError):
        DIALECT.parse_whole(answer)


def test_a_listing_is_asked_for_and_counted() -> None:
    assert DIALECT.build_listing(make_probe()).url == "http://127.0.0.1:1/v1/models"
    assert DIALECT.count_models({"data": [{"id": "a"}]}) == 1
    answers: tuple[object, ...] = ({}, [], {"data": 5})
    for answer in answers:
        with pytest.raises(DialectError):
            DIALECT.count_models(answer)
