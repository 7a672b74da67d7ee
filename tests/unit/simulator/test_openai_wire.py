"""The chat completions dialect: requests understood, answers and errors worded."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from monitor.simulator.dialect import Ask, Envelope, ListModels
from monitor.simulator.faults import FaultKind
from monitor.simulator.http import Answer, Request
from monitor.simulator.openai_wire import OpenAIDialect
from monitor.simulator.plan import Channel, Finish, Part, Step, Usage

DIALECT = OpenAIDialect()
ENVELOPE = Envelope(request_id="p/m/1", created=17, model="m", reports_usage=True)
MESSAGES = [{"role": "user", "content": "hello"}]


def request(
    body: object = None,
    *,
    method: str = "POST",
    path: str = "/v1/chat/completions",
    headers: Mapping[str, str] | None = None,
    raw: bytes | None = None,
) -> Request:
    return Request(
        method=method,
        path=path,
        query={},
        headers=headers or {},
        body=json.dumps(body).encode() if raw is None else raw,
        received_ns=0,
    )


def ask(**body: Any) -> Ask:
    asked = DIALECT.read(request({"model": "m", "messages": MESSAGES, **body}))
    assert isinstance(asked, Ask)
    return asked


def refusal(asked: object) -> tuple[int, Any]:
    assert isinstance(asked, Answer)
    return asked.status, json.loads(asked.body)["error"]


def event(step: Step) -> Any:
    data = DIALECT.event(step, ENVELOPE)
    assert data.startswith(b"data: ")
    assert data.endswith(b"\n\n")
    return json.loads(data[6:])


def test_a_completion_is_understood() -> None:
    asked = ask(stream=True, max_tokens=16, stream_options={"include_usage": True})

    assert asked == Ask(model="m", prompt="hello", stream=True, limit=16, wants_usage=True)


def test_the_newer_name_of_the_ceiling_goes_first() -> None:
    assert ask(max_tokens=16, max_completion_tokens=8).limit == 8
    assert ask().limit is None


def test_usage_comes_unasked_unless_streamed() -> None:
    assert ask().wants_usage
    assert not ask(stream=True).wants_usage


def test_the_prompt_is_the_text_of_all_messages() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "image_url"}, {"type": "text", "text": "b"}]

    asked = ask(messages=[{"content": "x"}, {"content": parts}, {"content": None}])

    assert asked.prompt == "x\nab\n"


def test_a_prompt_counts_at_least_one_token() -> None:
    assert ask(messages=[{"content": ""}]).input_tokens == 1
    assert ask(messages=[{"content": "x" * 40}]).input_tokens == 10


def test_the_list_of_models_is_asked_for_and_given() -> None:
    assert DIALECT.read(request(method="GET", path="/v1/models")) == ListModels()

    body = json.loads(DIALECT.models(["a", "b"]).body)

    assert body["object"] == "list"
    assert [model["id"] for model in body["data"]] == ["a", "b"]


@pytest.mark.parametrize(
    ("asked", "status", "param"),
    [
        pytest.param(request(path="/v1/nothing"), 404, None, id="an unknown path"),
        pytest.param(request(method="GET"), 405, None, id="a wrong method"),
        pytest.param(request(raw=b"{"), 400, None, id="no JSON"),
        pytest.param(request([1]), 400, None, id="no object"),
        pytest.param(request({"messages": MESSAGES}), 400, "model", id="no model"),
        pytest.param(request({"model": "m", "messages": []}), 400, "messages", id="no message"),
        pytest.param(request({"model": "m", "messages": ["x"]}), 400, "messages", id="no role"),
        pytest.param(
            request({"model": "m", "messages": MESSAGES, "max_tokens": 0}),
            400,
            "max_tokens",
            id="a ceiling of nothing",
        ),
        pytest.param(
            request({"model": "m", "messages": MESSAGES, "max_completion_tokens": "9"}),
            400,
            "max_completion_tokens",
            id="a ceiling that is no number",
        ),
        pytest.param(
            request({"model": "m", "messages": MESSAGES, "stream_options": {}}),
            400,
            "stream_options",
            id="stream options without a stream",
        ),
        pytest.param(
            request({"model": "m", "messages": MESSAGES, "stream": True, "stream_options": 1}),
            400,
            "stream_options",
            id="stream options of a wrong type",
        ),
    ],
)
def test_a_wrong_request_is_refused_in_the_dialect(
    asked: Request, status: int, param: str | None
) -> None:
    seen, error = refusal(DIALECT.read(asked))

    assert seen == status
    assert error.keys() == {"message", "type", "param", "code"}
    assert error["type"] == "invalid_request_error"
    assert error["param"] == param


@pytest.mark.parametrize(
    ("header", "key"),
    [("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", None), ("", None)],
)
def test_the_key_is_the_bearer_token(header: str, key: str | None) -> None:
    assert DIALECT.key_of(request(headers={"authorization": header})) == key


def test_a_role_delta_carries_no_text() -> None:
    body = event(Step(offset_ns=0, part=Part.ROLE))

    assert body["object"] == "chat.completion.chunk"
    assert body["model"] == "m"
    assert body["choices"][0]["delta"] == {"role": "assistant", "content": "", "refusal": None}
    assert body["usage"] is None


@pytest.mark.parametrize(
    ("channel", "opens", "delta"),
    [
        (Channel.TEXT, False, {"content": "elm "}),
        (Channel.REASONING, False, {"reasoning_content": "elm "}),
        (Channel.TEXT, True, {"role": "assistant", "content": "elm "}),
    ],
)
def test_tokens_travel_in_the_field_of_their_channel(
    channel: Channel,
    opens: bool,
    delta: dict[str, str],
) -> None:
    step = Step(offset_ns=0, part=Part.TOKENS, channel=channel, tokens=1, text="elm ", opens=opens)

    choice = event(step)["choices"][0]

    assert choice["delta"] == delta
    assert choice["finish_reason"] is None


def test_the_finish_has_an_empty_delta_and_the_usage_no_choice() -> None:
    finish = event(Step(offset_ns=0, part=Part.FINISH, finish=Finish.LENGTH))
    usage = event(
        Step(
            offset_ns=0,
            part=Part.USAGE,
            usage=Usage(input_tokens=3, output_tokens=9, reasoning_tokens=4, cached_tokens=2),
        )
    )

    assert finish["choices"][0]["delta"] == {}
    assert finish["choices"][0]["finish_reason"] == "length"
    assert usage["choices"] == []
    assert usage["usage"]["total_tokens"] == 12
    assert usage["usage"]["completion_tokens_details"]["reasoning_tokens"] == 4
    assert usage["usage"]["prompt_tokens_details"]["cached_tokens"] == 2


def test_a_stream_without_usage_does_not_mention_it() -> None:
    silent = Envelope(request_id="p/m/1", created=17, model="m", reports_usage=False)

    data = DIALECT.event(Step(offset_ns=0, part=Part.ROLE), silent)

    assert "usage" not in json.loads(data[6:])


def test_comments_and_the_terminal_are_no_json() -> None:
    assert DIALECT.event(Step(offset_ns=0, part=Part.COMMENT), ENVELOPE) == b": PROCESSING\n\n"
    assert DIALECT.event(Step(offset_ns=0, part=Part.DONE), ENVELOPE) == b"data: [DONE]\n\n"


def test_an_error_inside_a_stream_is_an_error_object() -> None:
    assert event(Step(offset_ns=0, part=Part.ERROR))["error"]["type"] == "server_error"


def test_a_whole_answer_holds_what_the_steps_say() -> None:
    thought = Step(offset_ns=0, part=Part.TOKENS, channel=Channel.REASONING, text="hm ")
    word = Step(offset_ns=0, part=Part.TOKENS, channel=Channel.TEXT, text="elm ")
    finish = Step(offset_ns=0, part=Part.FINISH, finish=Finish.STOP)

    body = json.loads(DIALECT.whole([thought, word, word, finish], ENVELOPE))

    assert body["object"] == "chat.completion"
    assert body["choices"][0]["message"] == {
        "role": "assistant",
        "content": "elm elm ",
        "reasoning_content": "hm ",
    }
    assert body["choices"][0]["finish_reason"] == "stop"
    assert "usage" not in body


def test_a_whole_answer_can_be_an_error() -> None:
    assert "error" in json.loads(DIALECT.whole([Step(offset_ns=0, part=Part.ERROR)], ENVELOPE))


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (FaultKind.RATE_LIMITED, 429, "rate_limit_exceeded"),
        (FaultKind.QUOTA, 429, "insufficient_quota"),
        (FaultKind.OVERLOADED, 503, "server_is_overloaded"),
        (FaultKind.OVERLOADED_529, 529, None),
        (FaultKind.UNAUTHORIZED, 401, "invalid_api_key"),
        (FaultKind.MODEL_MISSING, 404, "model_not_found"),
        (FaultKind.SERVER_ERROR, 500, None),
    ],
)
def test_each_error_has_its_status_and_code(
    fault: FaultKind, status: int, code: str | None
) -> None:
    seen, error = refusal(DIALECT.error(fault, "sim/{model}"))

    assert (seen, error["code"]) == (status, code)
    assert error.keys() == {"message", "type", "param", "code"}
