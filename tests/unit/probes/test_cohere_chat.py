"""The dialect cohere_chat: what is asked, and what an event means."""

import json
from dataclasses import replace
from typing import Any

import pytest

from monitor.model.target import Probe, RequestSettings
from monitor.probes.dialect import TINY_PNG, DialectError
from monitor.probes.dialects import DIALECTS
from monitor.probes.framing import WireEvent
from monitor.probes.reading import Channel, Delta, Piece, Usage
from tests.factories import make_probe

DIALECT = DIALECTS["cohere_chat"]
HOST = "https://api.example"


def probe(*, streams: bool = True, **settings: Any) -> Probe:
    made = make_probe(base_url=HOST, request=RequestSettings(**settings))
    return replace(made, target=replace(made.target, streams=streams))


def body(**settings: Any) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(DIALECT.build(probe(**settings), "hello").body)
    return read


def parse(event: Any) -> Delta:
    return DIALECT.parse(WireEvent("message", json.dumps(event)))


def delta(kind: str, **message: Any) -> dict[str, Any]:
    return {"type": kind, "index": 0, "delta": {"message": message}}


def test_the_request_asks_for_a_short_stream() -> None:
    assert DIALECT.build(probe(), "hello").url == f"{HOST}/v2/chat"
    assert body() == {
        "model": "large",
        "messages": [{"role": "user", "content": "hello"}],
        "stream": True,
        "max_tokens": 16,
        "temperature": 0.0,
    }


def test_what_a_model_does_not_take_is_left_out_and_what_it_takes_beside_is_sent() -> None:
    asked = body(temperature=None, streams=False, extra_body={"safety_mode": "NONE"})

    assert asked.keys() == {"model", "messages", "stream", "max_tokens", "safety_mode"}
    assert asked["stream"] is False


@pytest.mark.parametrize(("effort", "kind"), [("none", "disabled"), ("low", "enabled")])
def test_no_effort_at_all_is_thinking_switched_off(effort: str, kind: str) -> None:
    assert body(reasoning_effort=effort)["thinking"] == {"type": kind}


def test_an_image_goes_beside_the_prompt() -> None:
    text, image = body(has_image=True)["messages"][0]["content"]

    assert text == {"type": "text", "text": "hello"}
    assert image["image_url"]["url"] == f"data:image/png;base64,{TINY_PNG}"


def test_the_listing_is_of_version_one() -> None:
    assert DIALECT.build_listing(probe()).url == f"{HOST}/v1/models"
    assert DIALECT.count_models({"models": [{}, {}], "next_page_token": "x"}) == 2
    with pytest.raises(DialectError):
        DIALECT.count_models([])


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(delta("message-start", role="assistant"), Delta(), id="a role is no token"),
        pytest.param(
            delta("content-start", content={"type": "text", "text": ""}), Delta(), id="a block"
        ),
        pytest.param(
            delta("content-delta", content={"text": "Hi"}),
            Delta(pieces=(Piece(Channel.TEXT, "Hi"),)),
            id="text",
        ),
        pytest.param(
            delta("content-delta", content={"thinking": "Hm"}),
            Delta(pieces=(Piece(Channel.REASONING, "Hm"),)),
            id="a thought",
        ),
        pytest.param(
            delta("tool-plan-delta", tool_plan="Look"),
            Delta(pieces=(Piece(Channel.REASONING, "Look"),)),
            id="a plan is a thought",
        ),
        pytest.param(
            delta("tool-call-start", tool_calls={"function": {"name": "f", "arguments": ""}}),
            Delta(pieces=(Piece(Channel.TOOL, "f"),)),
            id="a call",
        ),
        pytest.param(
            delta("tool-call-delta", tool_calls={"function": {"arguments": "{"}}),
            Delta(pieces=(Piece(Channel.TOOL, "{"),)),
            id="a call's arguments",
        ),
        pytest.param(
            delta("citation-start", citations={"text": "Hi"}), Delta(), id="a citation is no token"
        ),
        pytest.param({"type": "debug", "prompt": "x"}, Delta(), id="an event that is not ours"),
        pytest.param(
            {
                "type": "message-end",
                "delta": {
                    "finish_reason": "COMPLETE",
                    "usage": {
                        "billed_units": {"input_tokens": 5, "output_tokens": 3},
                        "tokens": {"input_tokens": 71, "output_tokens": 4.0},
                        "cached_tokens": 9,
                    },
                },
            },
            Delta(
                usage=Usage(input_tokens=71, output_tokens=4, cached_tokens=9),
                finish_reason="COMPLETE",
                is_terminal=True,
                is_end=True,
            ),
            id="the end, which tells what was generated before what is billed",
        ),
        pytest.param(
            {"type": "message-end", "delta": {"usage": {"tokens": {"output_tokens": 0.5}}}},
            Delta(usage=Usage(), is_terminal=True, is_end=True),
            id="half a token is no count",
        ),
        pytest.param(
            {"type": "message-end", "delta": {"error": "no", "finish_reason": "TIMEOUT"}},
            Delta(
                finish_reason="TIMEOUT",
                is_terminal=True,
                is_end=True,
                error={"error": "no", "reason": "TIMEOUT"},
            ),
            id="an error at the end",
        ),
        pytest.param({"message": "no"}, Delta(error={"message": "no"}), id="a flat error"),
    ],
)
def test_what_an_event_means(event: Any, expected: Delta) -> None:
    assert parse(event) == expected


def test_done_ends_the_stream_and_proves_nothing() -> None:
    assert DIALECT.parse(WireEvent("message", "[DONE]")) == Delta(is_end=True)


@pytest.mark.parametrize("event", [[], "text", {}, {"type": 5}, {"message": {}}])
def test_what_is_not_the_dialect_is_refused(event: Any) -> None:
    with pytest.raises(DialectError):
        parse(event)


@pytest.mark.parametrize("whole", [[], None, {}, {"message": 5}])
def test_a_whole_answer_that_is_none_is_refused(whole: Any) -> None:
    with pytest.raises(DialectError):
        DIALECT.parse_whole(whole)
