"""The dialect ollama_chat: what is asked, and what a line means."""

import json
from dataclasses import replace
from typing import Any

import pytest

from monitor.model.target import Probe, RequestSettings
from monitor.probes.dialect import TINY_PNG, DialectError
from monitor.probes.dialects import DIALECTS
from monitor.probes.exchange import WireRequest
from monitor.probes.framing import WireEvent
from monitor.probes.reading import Channel, Delta, Piece, Usage
from tests.factories import make_probe

DIALECT = DIALECTS["ollama_chat"]
HOST = "http://ollama.example:11434"


def probe(*, streams: bool = True, **settings: Any) -> Probe:
    made = make_probe(base_url=HOST, request=RequestSettings(**settings))
    return replace(made, target=replace(made.target, streams=streams))


def body(request: WireRequest) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(request.body)
    return read


def parse(line: Any) -> Delta:
    return DIALECT.parse(WireEvent("message", json.dumps(line)))


def test_the_request_asks_for_a_short_stream() -> None:
    request = DIALECT.build(probe(), "hello")

    assert (request.method, request.url) == ("POST", f"{HOST}/api/chat")
    assert dict(request.headers)["accept"].reveal() == "application/x-ndjson"
    assert body(request) == {
        "model": "large",
        "messages": [{"role": "user", "content": "hello"}],
        "stream": True,
        "options": {"num_predict": 16, "temperature": 0.0},
    }


def test_what_a_model_does_not_take_is_left_out_and_what_it_takes_beside_is_sent() -> None:
    asked = body(DIALECT.build(probe(temperature=None, extra_body={"keep_alive": -1}), "hello"))

    assert asked["options"] == {"num_predict": 16}
    assert asked["keep_alive"] == -1
    assert "think" not in asked


@pytest.mark.parametrize(("effort", "think"), [("none", False), ("low", "low")])
def test_no_effort_at_all_is_thinking_switched_off(effort: str, think: object) -> None:
    assert body(DIALECT.build(probe(reasoning_effort=effort), "hello"))["think"] == think


def test_an_image_goes_with_the_message() -> None:
    (message,) = body(DIALECT.build(probe(has_image=True), "hello"))["messages"]

    assert message == {"role": "user", "content": "hello", "images": [TINY_PNG]}


def test_a_target_that_does_not_stream_is_asked_for_a_whole_answer() -> None:
    request = DIALECT.build(probe(streams=False), "hello")

    assert body(request)["stream"] is False  # without the word, the server would stream
    assert dict(request.headers)["accept"].reveal() == "application/json"


def test_the_listing_is_of_what_was_pulled() -> None:
    request = DIALECT.build_listing(probe())

    assert (request.method, request.url) == ("GET", f"{HOST}/api/tags")
    assert DIALECT.count_models({"models": [{}, {}]}) == 2
    with pytest.raises(DialectError):
        DIALECT.count_models({"data": []})


@pytest.mark.parametrize(
    ("line", "delta"),
    [
        pytest.param({"message": {"content": ""}, "done": False}, Delta(), id="nothing said"),
        pytest.param(
            {"message": {"content": "Hi", "thinking": "Hm"}},
            Delta(pieces=(Piece(Channel.REASONING, "Hm"), Piece(Channel.TEXT, "Hi"))),
            id="thoughts and text",
        ),
        pytest.param(
            {"message": {"tool_calls": [{"function": {"name": "f", "arguments": {"a": [1]}}}, {}]}},
            Delta(pieces=(Piece(Channel.TOOL, "f a"),)),
            id="a call counts by its names",
        ),
        pytest.param(
            {"message": {"tool_calls": [{"function": {"name": 5, "arguments": "x"}}]}},
            Delta(),
            id="a call that is none",
        ),
        pytest.param(
            {"done": True, "done_reason": "stop", "prompt_eval_count": 9, "eval_count": 5},
            Delta(
                usage=Usage(input_tokens=9, output_tokens=5),
                finish_reason="stop",
                is_terminal=True,
                is_end=True,
            ),
            id="the last line",
        ),
        pytest.param(
            {"done": True, "done_reason": 7, "eval_count": True, "prompt_eval_count": -1},
            Delta(is_terminal=True, is_end=True),
            id="counts and a reason that are none",
        ),
        pytest.param({"error": "no"}, Delta(error={"error": "no"}), id="an error"),
    ],
)
def test_what_a_line_means(line: Any, delta: Delta) -> None:
    assert parse(line) == delta
    assert DIALECT.parse_whole(line) == delta


@pytest.mark.parametrize("line", [[], "text", {}, {"message": "x"}, {"done": "yes"}, {"done": 1}])
def test_what_is_not_the_dialect_is_refused(line: Any) -> None:
    with pytest.raises(DialectError):
        parse(line)
