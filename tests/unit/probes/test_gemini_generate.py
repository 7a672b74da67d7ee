"""The dialect gemini_generate, chunk by chunk."""

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

DIALECT = DIALECTS["gemini_generate"]
STUDIO = "https://studio.example/v1beta"
VERTEX = "https://region.example/v1/projects/p/locations/l/publishers/google"


def parse(chunk: Any) -> Delta:
    return DIALECT.parse(WireEvent("message", json.dumps(chunk)))


def candidate(*parts: Any, **more: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"parts": list(parts), "role": "model"}, **more}]}


def body(**settings: Any) -> dict[str, Any]:
    probe = make_probe(base_url=STUDIO, request=RequestSettings(**settings))
    read: dict[str, Any] = json.loads(DIALECT.build(probe, "hello").body)
    return read


def test_the_request_asks_for_a_short_answer() -> None:
    assert body() == {
        "contents": [{"role": "user", "parts": [{"text": "hello"}]}],
        "generationConfig": {"maxOutputTokens": 16, "temperature": 0.0},
    }


@pytest.mark.parametrize(
    ("effort", "thinking"),
    [
        ("minimal", {"thinkingLevel": "minimal"}),
        ("none", {"thinkingBudget": 0}),
        ("128", {"thinkingBudget": 128}),
    ],
)
def test_an_effort_is_a_level_or_a_budget(effort: str, thinking: dict[str, Any]) -> None:
    asked = body(temperature=None, reasoning_effort=effort, extra_body={"safetySettings": []})

    assert asked["generationConfig"] == {"maxOutputTokens": 16, "thinkingConfig": thinking}
    assert asked["safetySettings"] == []


def test_an_image_goes_beside_the_prompt() -> None:
    _, image = body(has_image=True)["contents"][0]["parts"]

    assert image == {"inlineData": {"mimeType": "image/png", "data": TINY_PNG}}


@pytest.mark.parametrize("base_url", [STUDIO, VERTEX])
@pytest.mark.parametrize(
    ("streams", "verb"),
    [(True, "streamGenerateContent?alt=sse"), (False, "generateContent")],
)
def test_the_model_and_the_way_to_answer_stand_in_the_url(
    base_url: str,
    streams: bool,
    verb: str,
) -> None:
    probe = make_probe("google/models/a b", base_url=base_url)
    target = replace(probe.target, streams=streams, query=(("key", "v"),))

    url = DIALECT.build(replace(probe, target=target), "hello").url

    assert url == f"{base_url}/models/a%20b:{verb}{'&' if streams else '?'}key=v"
    assert DIALECT.build_listing(probe).url == f"{base_url}/models"


@pytest.mark.parametrize(
    ("chunk", "delta"),
    [
        pytest.param(
            candidate({"text": "Hi"}), Delta(pieces=(Piece(Channel.TEXT, "Hi"),)), id="text"
        ),
        pytest.param(
            candidate({"text": "Hm", "thought": True}, {"text": "Hi"}),
            Delta(pieces=(Piece(Channel.REASONING, "Hm"), Piece(Channel.TEXT, "Hi"))),
            id="a thought and text",
        ),
        pytest.param(
            candidate({"functionCall": {"name": "f", "args": {}}}),
            Delta(pieces=(Piece(Channel.TOOL, "f"),)),
            id="a tool call",
        ),
        pytest.param(
            candidate({"text": ""}, {"text": 5}, {"functionCall": 5}, {"functionCall": {}}, 5),
            Delta(),
            id="parts that hold nothing",
        ),
        pytest.param({"candidates": [{"content": {}}]}, Delta(), id="no parts"),
        pytest.param({"candidates": [{"content": {"parts": 5}}]}, Delta(), id="parts no list"),
        pytest.param({"candidates": []}, Delta(), id="no candidate"),
        pytest.param(
            candidate(finishReason="MAX_TOKENS"),
            Delta(finish_reason="MAX_TOKENS", is_terminal=True),
            id="a finish reason completes the answer",
        ),
        pytest.param(candidate(finishReason=5), Delta(), id="a finish reason that is none"),
        pytest.param(
            candidate(finishReason="FINISH_REASON_UNSPECIFIED"), Delta(), id="one that says nothing"
        ),
        pytest.param(
            {"promptFeedback": {"blockReason": "OTHER"}},
            Delta(finish_reason="blocked", is_terminal=True),
            id="a prompt that is blocked",
        ),
        pytest.param({"promptFeedback": {}}, Delta(), id="a prompt that is not"),
        pytest.param(
            {
                "usageMetadata": {
                    "promptTokenCount": 9,
                    "candidatesTokenCount": 5,
                    "thoughtsTokenCount": 30,
                    "cachedContentTokenCount": 4,
                }
            },
            Delta(
                usage=Usage(input_tokens=9, output_tokens=35, reasoning_tokens=30, cached_tokens=4)
            ),
            id="thoughts are output beside the candidates",
        ),
        pytest.param(
            {"usageMetadata": {"promptTokenCount": 9}},
            Delta(usage=Usage(input_tokens=9)),
            id="nothing generated yet",
        ),
        pytest.param(
            {"usageMetadata": {"thoughtsTokenCount": 3, "promptTokenCount": "9"}},
            Delta(usage=Usage(output_tokens=3, reasoning_tokens=3)),
            id="only thoughts",
        ),
        pytest.param({"usageMetadata": []}, Delta(), id="usage that is none"),
    ],
)
def test_what_a_chunk_means(chunk: Any, delta: Delta) -> None:
    assert parse(chunk) == delta


ERROR = {"error": {"code": 503, "message": "x", "status": "UNAVAILABLE"}}


@pytest.mark.parametrize("chunk", [ERROR, [ERROR]], ids=["bare", "in a list of one"])
def test_an_error_in_the_stream_is_handed_on(chunk: Any) -> None:
    assert parse(chunk).error == ERROR


@pytest.mark.parametrize(
    "data",
    [
        *("no json", "[]", "[{}, {}]", '"text"', "{}", '{"candidates": 5}'),
        *('{"candidates": ["x"]}', "[" * 100_000),
    ],
)
def test_what_is_not_the_dialect_is_refused(data: str) -> None:
    with pytest.raises(DialectError):
        DIALECT.parse(WireEvent("message", data))


def test_a_whole_answer_is_one_object() -> None:
    delta = DIALECT.parse_whole(candidate({"text": "Hi"}, finishReason="STOP"))

    assert delta == Delta(
        pieces=(Piece(Channel.TEXT, "Hi"),), finish_reason="STOP", is_terminal=True
    )


def test_a_whole_answer_may_be_a_list_of_chunks() -> None:
    delta = DIALECT.parse_whole(
        [
            {**candidate({"text": "H"}), "usageMetadata": {"promptTokenCount": 1}},
            {**candidate({"text": "i"}), "usageMetadata": {"candidatesTokenCount": 2}},
            candidate(finishReason="STOP"),
        ]
    )

    assert delta == Delta(
        pieces=(Piece(Channel.TEXT, "H"), Piece(Channel.TEXT, "i")),
        usage=Usage(output_tokens=2),
        finish_reason="STOP",
        is_terminal=True,
    )
    assert DIALECT.parse_whole([ERROR]).error == ERROR
    assert DIALECT.parse_whole([]) == Delta()


@pytest.mark.parametrize("answer", [None, "x", {}, [5]])
def test_a_whole_answer_of_another_shape_is_refused(answer: object) -> None:
    with pytest.raises(DialectError):
        DIALECT.parse_whole(answer)


def test_a_listing_is_counted_under_either_name() -> None:
    assert DIALECT.count_models({"models": [{"name": "models/a"}]}) == 1
    assert DIALECT.count_models({"publisherModels": [{}, {}]}) == 2
    answers: tuple[object, ...] = ({}, [], {"models": 5})
    for answer in answers:
        with pytest.raises(DialectError):
            DIALECT.count_models(answer)
