"""The dialect bedrock_converse: what is asked, and what an event means."""

import json
import sys
from dataclasses import replace
from typing import Any

import pytest

from monitor.model.target import Probe, RequestSettings
from monitor.probes.dialect import TINY_PNG, DialectError
from monitor.probes.dialects import DIALECTS
from monitor.probes.extras import MissingExtraError
from monitor.probes.framing import WireEvent
from monitor.probes.reading import Channel, Delta, Piece, Usage
from tests.exchanges.bedrock_converse.write import FOLDER, files
from tests.factories import make_probe

DIALECT = DIALECTS["bedrock_converse"]
HOST = "https://bedrock-runtime.eu-west-3.amazonaws.com"
MODEL = "eu.anthropic.claude-3-haiku-20240307-v1:0"


def probe(*, base_url: str = HOST, streams: bool = True, **settings: Any) -> Probe:
    made = make_probe(base_url=base_url, request=RequestSettings(**settings))
    return replace(made, target=replace(made.target, model=MODEL, streams=streams))


def body(**settings: Any) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(DIALECT.build(probe(**settings), "hello").body)
    return read


def parse(kind: str, **event: Any) -> Delta:
    return DIALECT.parse(WireEvent(kind, json.dumps(event)))


def test_the_request_names_the_model_in_its_path_alone() -> None:
    request = DIALECT.build(probe(), "hello")

    assert request.url == (
        f"{HOST}/model/eu.anthropic.claude-3-haiku-20240307-v1%3A0/converse-stream"
    )
    assert dict(request.headers)["accept"].reveal() == "application/vnd.amazon.eventstream"
    assert body() == {
        "messages": [{"role": "user", "content": [{"text": "hello"}]}],
        "inferenceConfig": {"maxTokens": 16, "temperature": 0.0},
    }


def test_an_arn_stays_one_part_of_the_path() -> None:
    made = probe()
    arn = "arn:aws:bedrock:eu-west-3:1:inference-profile/x"

    request = DIALECT.build(replace(made, target=replace(made.target, model=arn)), "hello")

    assert request.url.removeprefix(f"{HOST}/model/").count("/") == 1


def test_what_a_model_does_not_take_is_left_out_and_what_it_takes_beside_is_sent() -> None:
    thinking = {"additionalModelRequestFields": {"thinking": {"type": "disabled"}}}
    asked = body(temperature=None, extra_body=thinking)

    assert asked["inferenceConfig"] == {"maxTokens": 16}
    assert asked.items() >= thinking.items()


def test_an_image_goes_beside_the_prompt() -> None:
    text, image = body(has_image=True)["messages"][0]["content"]

    assert text == {"text": "hello"}
    assert image == {"image": {"format": "png", "source": {"bytes": TINY_PNG}}}


def test_a_target_that_does_not_stream_is_asked_for_a_whole_answer() -> None:
    request = DIALECT.build(probe(streams=False), "hello")

    assert request.url.endswith("/converse")
    assert dict(request.headers)["accept"].reveal() == "application/json"


@pytest.mark.parametrize(
    ("base_url", "listing"),
    [
        (HOST, "https://bedrock.eu-west-3.amazonaws.com/foundation-models"),
        (HOST.replace("runtime", "runtime-fips"), "https://bedrock-fips.eu-west-3.amazonaws.com"),
        ("http://gateway.example", "http://gateway.example/foundation-models"),
    ],
    ids=["the control plane", "its FIPS host", "a gateway"],
)
def test_models_are_listed_by_another_host(base_url: str, listing: str) -> None:
    assert DIALECT.build_listing(probe(base_url=base_url)).url.startswith(listing)
    assert DIALECT.count_models({"modelSummaries": [{}, {}]}) == 2
    with pytest.raises(DialectError):
        DIALECT.count_models({"models": []})


@pytest.mark.parametrize(
    ("kind", "event", "expected"),
    [
        pytest.param("messageStart", {"role": "assistant"}, Delta(), id="a role is no token"),
        pytest.param(
            "contentBlockStop", {"contentBlockIndex": 0}, Delta(), id="the end of a block"
        ),
        pytest.param(
            "contentBlockDelta",
            {"delta": {"text": "Hi"}, "p": "abcd"},
            Delta(pieces=(Piece(Channel.TEXT, "Hi"),)),
            id="text",
        ),
        pytest.param(
            "contentBlockDelta",
            {"delta": {"reasoningContent": {"text": "Hm"}}},
            Delta(pieces=(Piece(Channel.REASONING, "Hm"),)),
            id="a thought",
        ),
        pytest.param(
            "contentBlockDelta",
            {"delta": {"reasoningContent": {"signature": "c2ln"}}},
            Delta(),
            id="a signature is no token",
        ),
        pytest.param(
            "contentBlockStart",
            {"start": {"toolUse": {"toolUseId": "1", "name": "f"}}},
            Delta(pieces=(Piece(Channel.TOOL, "f"),)),
            id="a call",
        ),
        pytest.param(
            "contentBlockDelta",
            {"delta": {"toolUse": {"input": "{"}}},
            Delta(pieces=(Piece(Channel.TOOL, "{"),)),
            id="a call's input",
        ),
        pytest.param("contentBlockDelta", {"delta": [1]}, Delta(), id="a delta that is none"),
        pytest.param(
            "messageStop",
            {"stopReason": "end_turn"},
            Delta(finish_reason="end_turn", is_terminal=True),
            id="the stop, after which the counts come",
        ),
        pytest.param(
            "metadata",
            {"usage": {"inputTokens": 5, "outputTokens": 3, "cacheReadInputTokens": 90}},
            Delta(usage=Usage(input_tokens=95, output_tokens=3, cached_tokens=90), is_end=True),
            id="the counts",
        ),
        pytest.param(
            "metadata",
            {"usage": {"inputTokens": "5", "cacheReadInputTokens": 9}},
            Delta(usage=Usage(cached_tokens=9), is_end=True),
            id="counts that are none",
        ),
        pytest.param(
            "exception",
            {"code": "throttlingException", "error": "{}"},
            Delta(error={"code": "throttlingException", "error": "{}"}),
            id="an exception",
        ),
    ],
)
def test_what_an_event_means(kind: str, event: dict[str, Any], expected: Delta) -> None:
    assert parse(kind, **event) == expected


@pytest.mark.parametrize("data", ["text", "[]", "5"])
def test_what_is_not_the_dialect_is_refused(data: str) -> None:
    with pytest.raises(DialectError):
        DIALECT.parse(WireEvent("contentBlockDelta", data))


@pytest.mark.parametrize("whole", [[], {}, {"output": {"message": {"content": "x"}}}])
def test_a_whole_answer_that_is_none_is_refused(whole: Any) -> None:
    with pytest.raises(DialectError):
        DIALECT.parse_whole(whole)


def test_a_whole_answer_can_be_an_error() -> None:
    assert DIALECT.parse_whole({"Message": "no"}) == Delta(error={"Message": "no"})


def test_without_botocore_the_request_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore.eventstream", None)

    with pytest.raises(MissingExtraError, match=r"pip install 'llm-provider-monitor\[bedrock\]'"):
        DIALECT.build(probe(), "hello")
    with pytest.raises(MissingExtraError):
        DIALECT.framer().feed(b"")


def test_the_exchanges_are_what_their_script_writes() -> None:
    assert {path: path.read_bytes() for path in FOLDER.glob("*.[hj]*")} == files()
