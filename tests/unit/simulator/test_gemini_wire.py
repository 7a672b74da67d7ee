"""The dialect of Google's generateContent: requests understood, answers and errors worded."""

import json

import pytest

from monitor.simulator.dialect import Ask, ListModels
from monitor.simulator.faults import FaultKind
from monitor.simulator.gemini_wire import GeminiDialect
from monitor.simulator.http import Answer, Request
from tests.unit.simulator.asked import (
    COMMENT,
    COUNTS,
    DONE,
    ERROR,
    LENGTH,
    ROLE,
    STOP,
    envelope,
    request,
    streamed,
    thought,
    whole,
    word,
)

DIALECT = GeminiDialect()
STUDIO = "/v1beta/models"
VERTEX = "/v1/projects/p/locations/l/publishers/google/models"
SSE = {"alt": "sse"}
GOOD = {"contents": [{"role": "user", "parts": [{"text": "hello"}]}]}


def post(body: object, path: str = f"{STUDIO}/m:generateContent") -> Request:
    return request("POST", path, body)


@pytest.mark.parametrize("base", [STUDIO, VERTEX])
def test_an_answer_is_asked_for_under_either_path(base: str) -> None:
    streamed = request("POST", f"{base}/a%20b:streamGenerateContent", GOOD, query=SSE)
    limited = {
        "contents": [*GOOD["contents"], {"parts": [{"text": "x"}, 5]}, {"parts": 5}],
        "generationConfig": {"maxOutputTokens": 16},
    }

    assert DIALECT.read(streamed) == Ask(
        model="a b", prompt="hello", stream=True, limit=None, wants_usage=True
    )
    assert DIALECT.read(post(limited, f"{base}/m:generateContent")) == Ask(
        model="m", prompt="hello\nx\n", stream=False, limit=16, wants_usage=True
    )
    assert DIALECT.read(request("GET", base)) == ListModels()


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (request("POST", "/v1beta/other", GOOD), 404),
        (request("POST", STUDIO, GOOD), 404),
        (request("GET", f"{STUDIO}/m:generateContent"), 404),
        (request("POST", f"{STUDIO}/m:streamGenerateContent", GOOD), 400),
        (post(b"{"), 400),
        (post([1]), 400),
        (post({"contents": []}), 400),
        (post({"contents": ["x"]}), 400),
        (post({**GOOD, "generationConfig": {"maxOutputTokens": 0}}), 400),
        (post({**GOOD, "generationConfig": {"maxOutputTokens": "9"}}), 400),
    ],
    ids=[
        *("an unknown path", "no model", "a wrong method", "a stream of another kind", "no JSON"),
        *("no object", "no content", "content no object", "a ceiling of nothing", "no number"),
    ],
)
def test_a_wrong_request_is_refused_in_the_dialect(asked: Request, status: int) -> None:
    answer = DIALECT.read(asked)

    assert isinstance(answer, Answer)
    error = json.loads(answer.body)["error"]
    assert (answer.status, error["code"]) == (status, status)
    assert error["status"] in {"INVALID_ARGUMENT", "NOT_FOUND"}


@pytest.mark.parametrize(
    ("headers", "query", "key"),
    [
        ({"x-goog-api-key": "a"}, {}, "a"),
        ({}, {"key": "b"}, "b"),
        ({"authorization": "Bearer c"}, {}, "c"),
        ({"authorization": "Basic d"}, {}, None),
    ],
)
def test_the_key_is_in_its_header_the_url_or_a_bearer_token(
    headers: dict[str, str], query: dict[str, str], key: str | None
) -> None:
    assert DIALECT.key_of(request("GET", STUDIO, headers=headers, query=query)) == key


def test_a_stream_counts_as_it_goes_and_ends_with_the_finish_reason() -> None:
    steps = [ROLE, thought("a "), thought("b "), word("c "), STOP, COUNTS, DONE]

    events = streamed(DIALECT, steps, input_tokens=9)

    parts = [each["candidates"][0]["content"].get("parts") for each in events]
    counts = [each["usageMetadata"] for each in events]
    assert parts == [
        [{"text": "a ", "thought": True}],
        [{"text": "b ", "thought": True}],
        [{"text": "c "}],
        None,
    ]
    assert [each.get("thoughtsTokenCount") for each in counts] == [1, 2, 2, 4]
    assert [each.get("candidatesTokenCount") for each in counts] == [None, None, 1, 3]
    assert counts[-1]["cachedContentTokenCount"] == 2
    assert [each["candidates"][0].get("finishReason") for each in events] == [*[None] * 3, "STOP"]


def test_a_stream_need_not_count() -> None:
    events = streamed(DIALECT, [word("c "), LENGTH, DONE], reports_usage=False)

    assert not any("usageMetadata" in each for each in events)
    assert events[-1]["candidates"][0]["finishReason"] == "MAX_TOKENS"


def test_a_keep_alive_is_no_event() -> None:
    assert DIALECT.event(COMMENT, envelope()).startswith(b":")


def test_nothing_follows_an_error_in_a_stream() -> None:
    events = streamed(DIALECT, [word("c "), ERROR, DONE])

    assert events[-1]["error"]["status"] == "INTERNAL"


def test_a_whole_answer_holds_what_the_steps_say() -> None:
    body = whole(DIALECT, [thought("a "), word("b "), word("c "), STOP, COUNTS])

    (candidate,) = body["candidates"]
    assert candidate["content"]["parts"] == [{"text": "a ", "thought": True}, {"text": "b c "}]
    assert candidate["finishReason"] == "STOP"
    assert body["usageMetadata"]["totalTokenCount"] == 16
    assert "error" in whole(DIALECT, [ERROR])
    assert "usageMetadata" not in whole(DIALECT, [word("a ")])


def test_the_list_of_models_is_in_its_order() -> None:
    body = json.loads(DIALECT.models(["a", "b"]).body)

    assert [model["name"] for model in body["models"]] == ["models/a", "models/b"]


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [
        (FaultKind.RATE_LIMITED, 429, "RESOURCE_EXHAUSTED"),
        (FaultKind.QUOTA, 429, "RESOURCE_EXHAUSTED"),
        (FaultKind.OVERLOADED, 503, "UNAVAILABLE"),
        (FaultKind.OVERLOADED_529, 429, "RESOURCE_EXHAUSTED"),
        (FaultKind.UNAUTHORIZED, 400, "INVALID_ARGUMENT"),
        (FaultKind.MODEL_MISSING, 404, "NOT_FOUND"),
        (FaultKind.SERVER_ERROR, 500, "INTERNAL"),
    ],
)
def test_each_error_has_its_number_and_status(fault: FaultKind, code: int, status: str) -> None:
    answer = DIALECT.error(fault, "sim/x")
    error = json.loads(answer.body)["error"]

    assert (answer.status, error["code"], error["status"]) == (code, code, status)
    assert "{model}" not in error["message"]
