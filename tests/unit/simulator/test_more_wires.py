"""The dialects of Cohere, Ollama and Bedrock: requests understood, answers and errors worded."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.eventstream import EventStreamBuffer

from monitor.simulator.bedrock_wire import BedrockDialect
from monitor.simulator.cohere_wire import CohereDialect
from monitor.simulator.dialect import Ask, Dialect, Envelope, ListModels
from monitor.simulator.faults import FaultKind
from monitor.simulator.http import Answer, Request
from monitor.simulator.ollama_wire import OllamaDialect
from monitor.simulator.plan import Channel, Finish, Part, Step, Usage

DIALECTS: dict[str, Dialect] = {
    "cohere": CohereDialect(),
    "ollama": OllamaDialect(),
    "bedrock": BedrockDialect(),
}
PATHS = {
    "cohere": ("/v2/chat", "/v1/models"),
    "ollama": ("/api/chat", "/api/tags"),
    "bedrock": ("/model/m/converse-stream", "/foundation-models"),
}
TEXT = [{"role": "user", "content": "hello"}]
BLOCKS = [{"role": "user", "content": [{"text": "hello"}, {"image": {}}, 5]}]
each_dialect = pytest.mark.parametrize("name", DIALECTS)


def request(
    name: str,
    body: object = None,
    *,
    method: str = "POST",
    path: str | None = None,
    headers: Mapping[str, str] | None = None,
    raw: bytes | None = None,
) -> Request:
    return Request(
        method=method,
        path=path or PATHS[name][0],
        query={},
        headers=headers or {},
        body=json.dumps(body).encode() if raw is None else raw,
        received_ns=0,
    )


def asked(name: str, **more: Any) -> dict[str, Any]:
    return {"messages": BLOCKS, **more} if name == "bedrock" else {"model": "m", **more}


def envelope(*, reports_usage: bool = True) -> Envelope:
    return Envelope(request_id="p/m/1", created=17, model="m", reports_usage=reports_usage)


def step(part: Part, **more: Any) -> Step:
    return Step(offset_ns=0, part=part, **more)


def events(name: str, data: bytes) -> list[Any]:
    """The decoded events of a stream, by another decoder than ours where there is one."""
    if name == "bedrock":
        buffer = EventStreamBuffer()
        buffer.add_data(data)
        return [(one.headers[":message-type"], json.loads(one.payload)) for one in buffer]
    if name == "ollama":
        return [json.loads(line) for line in data.splitlines()]
    return [json.loads(found) for found in re.findall(rb"^data: (\{.*)$", data, re.MULTILINE)]


THOUGHT = step(Part.TOKENS, channel=Channel.REASONING, tokens=1, text="hm ")
WORD = step(Part.TOKENS, channel=Channel.TEXT, tokens=1, text="elm ")
COUNTS = Usage(input_tokens=9, output_tokens=5, reasoning_tokens=2, cached_tokens=4)
FINISH = step(Part.FINISH, finish=Finish.LENGTH)
USAGE = step(Part.USAGE, usage=COUNTS)


@pytest.mark.parametrize(
    ("name", "body", "stream", "limit"),
    [
        ("cohere", {"model": "m", "messages": TEXT, "stream": True, "max_tokens": 9}, True, 9),
        ("cohere", {"model": "m", "messages": TEXT}, False, None),
        ("ollama", {"model": "m", "messages": TEXT, "options": {"num_predict": 9}}, True, 9),
        ("ollama", {"model": "m", "messages": TEXT, "stream": False}, False, None),
        ("bedrock", {"messages": BLOCKS, "inferenceConfig": {"maxTokens": 9}}, True, 9),
        ("bedrock", {"messages": BLOCKS}, True, None),
    ],
)
def test_a_completion_is_understood(
    name: str, body: dict[str, Any], stream: bool, limit: int | None
) -> None:
    ask = DIALECTS[name].read(request(name, body))

    assert ask == Ask(model="m", prompt="hello", stream=stream, limit=limit, wants_usage=True)


def test_a_model_may_hold_what_a_path_may_not() -> None:
    path = "/model/eu.a%3A0%2Fx/converse"

    ask = DIALECTS["bedrock"].read(request("bedrock", {"messages": BLOCKS}, path=path))

    assert isinstance(ask, Ask)
    assert (ask.model, ask.stream) == ("eu.a:0/x", False)


@each_dialect
def test_the_list_of_models_is_asked_for_and_given(name: str) -> None:
    dialect = DIALECTS[name]

    assert dialect.read(request(name, method="GET", path=PATHS[name][1])) == ListModels()
    (entries,) = json.loads(dialect.models(["a", "b"]).body).values()
    assert len(entries) == 2


WRONG = [
    *((name, request(name, path="/nothing"), 404) for name in DIALECTS),
    *((name, request(name, raw=b"{"), 400) for name in DIALECTS),
    *((name, request(name, [1]), 400) for name in DIALECTS),
    *((name, request(name, asked(name, messages=["x"])), 400) for name in DIALECTS),
    *((name, request(name, {"model": "", "messages": 5}), 400) for name in DIALECTS),
    ("cohere", request("cohere", method="GET"), 405),
    ("ollama", request("ollama", method="GET"), 405),
    ("bedrock", request("bedrock", method="GET"), 404),
    ("cohere", request("cohere", {"model": "m", "messages": TEXT, "max_tokens": 0}), 400),
    ("bedrock", request("bedrock", asked("bedrock", inferenceConfig={"maxTokens": 0})), 400),
    ("ollama", request("ollama", asked("ollama", options=5)), 400),
]


@pytest.mark.parametrize(("name", "wrong", "status"), WRONG)
def test_a_wrong_request_is_refused(name: str, wrong: Request, status: int) -> None:
    answer = DIALECTS[name].read(wrong)

    assert isinstance(answer, Answer)
    assert answer.status == status


@each_dialect
def test_the_key_is_the_bearer_token(name: str) -> None:
    key_of = DIALECTS[name].key_of

    assert key_of(request(name, headers={"authorization": "Bearer abc"})) == "abc"
    assert key_of(request(name, headers={"authorization": "Basic abc"})) is None


def test_a_signature_names_its_key() -> None:
    signed = "AWS4-HMAC-SHA256 Credential=AKID/20260301/eu-west-3/bedrock/aws4_request, Signed"

    key = DIALECTS["bedrock"].key_of(request("bedrock", headers={"authorization": signed}))

    assert key == "AKID"


@pytest.mark.parametrize("reports_usage", [True, False])
@each_dialect
def test_a_stream_says_once_why_it_stopped(name: str, reports_usage: bool) -> None:
    dialect, told = DIALECTS[name], envelope(reports_usage=reports_usage)
    steps = [step(Part.ROLE), step(Part.COMMENT), THOUGHT, WORD, FINISH]
    steps += [USAGE, step(Part.DONE)] if reports_usage else [step(Part.DONE)]

    data = b""
    for each in steps:
        data += dialect.event(each, told)
        told.progress.take(each)

    text = json.dumps(events(name, data))
    assert len(re.findall(r'"(?:finish_reason|done_reason|stopReason)"', text)) == 1
    assert text.count("elm ") == text.count("hm ") == 1
    assert bool(re.search(r'"(?:output_tokens|eval_count|outputTokens)": 5', text)) is reports_usage


def test_each_channel_is_a_block_of_its_own() -> None:
    told, data = envelope(), b""
    for each in (step(Part.ROLE), THOUGHT, WORD, WORD, FINISH, USAGE):
        data += DIALECTS["cohere"].event(each, told)
        told.progress.take(each)

    seen = [(each["type"], each.get("index")) for each in events("cohere", data)]

    assert seen == [
        ("message-start", None),
        ("content-start", 0),
        ("content-delta", 0),
        ("content-end", 0),
        ("content-start", 1),
        ("content-delta", 1),
        ("content-delta", 1),
        ("content-end", 1),
        ("message-end", None),
    ]


@each_dialect
def test_the_role_comes_with_the_first_token_if_not_ahead(name: str) -> None:
    dialect = DIALECTS[name]
    opening = step(Part.TOKENS, channel=Channel.TEXT, text="elm ", tokens=1, opens=True)

    assert "assistant" in json.dumps(events(name, dialect.event(opening, envelope())))


@each_dialect
def test_a_whole_answer_holds_what_the_steps_say(name: str) -> None:
    body = DIALECTS[name].whole([THOUGHT, WORD, WORD, FINISH, USAGE], envelope()).decode()

    assert '"elm elm "' in body.replace('":"', '": "')
    assert "hm " in body
    assert re.search(r"MAX_TOKENS|max_tokens|length", body)
    assert re.search(r'"(?:output_tokens|eval_count|outputTokens)": ?5', body)


@each_dialect
def test_an_answer_can_be_an_error(name: str) -> None:
    dialect, error = DIALECTS[name], step(Part.ERROR)

    streamed = json.dumps(events(name, dialect.event(error, envelope())))
    assert "error" in streamed
    assert json.loads(dialect.whole([WORD, error], envelope()))


@pytest.mark.parametrize(
    ("fault", "cohere", "ollama", "bedrock"),
    [
        (FaultKind.RATE_LIMITED, 429, 429, (429, "ThrottlingException")),
        (FaultKind.OVERLOADED, 503, 503, (503, "ServiceUnavailableException")),
        (FaultKind.OVERLOADED_529, 503, 503, (503, "ServiceUnavailableException")),
        (FaultKind.UNAUTHORIZED, 401, 401, (403, "UnrecognizedClientException")),
        (FaultKind.QUOTA, 429, 429, (400, "ServiceQuotaExceededException")),
        (FaultKind.SERVER_ERROR, 500, 500, (500, "InternalServerException")),
        (FaultKind.MODEL_MISSING, 404, 404, (404, "ResourceNotFoundException")),
    ],
)
def test_each_error_has_its_status_and_shape(
    fault: FaultKind, cohere: int, ollama: int, bedrock: tuple[int, str]
) -> None:
    answers = {name: dialect.error(fault, "a/b") for name, dialect in DIALECTS.items()}
    bodies = {name: json.loads(answer.body) for name, answer in answers.items()}

    assert (answers["cohere"].status, bodies["cohere"].keys()) == (cohere, {"id", "message"})
    assert (answers["ollama"].status, bodies["ollama"].keys()) == (ollama, {"error"})
    assert answers["bedrock"].status == bedrock[0]
    assert dict(answers["bedrock"].headers) == {"x-amzn-ErrorType": bedrock[1]}
    assert bodies["bedrock"].keys() == {"message"}
    assert "{model}" not in json.dumps(bodies)
