"""The dialect of Anthropic's messages: requests understood, answers and errors worded."""

import json
from typing import Any

import pytest

from monitor.simulator.anthropic_wire import AnthropicDialect
from monitor.simulator.dialect import Ask, ListModels
from monitor.simulator.faults import FaultKind
from monitor.simulator.http import Answer, Request
from tests.unit.simulator.asked import (
    COMMENT,
    COUNTS,
    DONE,
    ERROR,
    LENGTH,
    ROLE,
    STOP,
    request,
    streamed,
    thought,
    whole,
    word,
)

DIALECT = AnthropicDialect()
VERSION = {"anthropic-version": "2023-06-01"}
MESSAGES = [{"role": "user", "content": "hello"}]
GOOD = {"model": "m", "messages": MESSAGES, "max_tokens": 16}


def post(body: object, **headers: str) -> Request:
    return request("POST", "/v1/messages", body, headers=VERSION | headers)


def test_a_message_is_understood() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "image"}, 5]
    messages = [*MESSAGES, {"content": parts}, {"content": None}]

    asked = DIALECT.read(post({**GOOD, "messages": messages, "stream": True}))

    assert asked == Ask(model="m", prompt="hello\na\n", stream=True, limit=16, wants_usage=True)
    assert DIALECT.read(request("GET", "/v1/models", headers=VERSION)) == ListModels()


@pytest.mark.parametrize(
    ("asked", "status", "word"),
    [
        (request("POST", "/v1/messages", GOOD), 400, "anthropic-version"),
        (request("POST", "/v1/other", GOOD, headers=VERSION), 404, "Not Found"),
        (post(b"{"), 400, "JSON"),
        (post([1]), 400, "object"),
        (post({**GOOD, "model": 5}), 400, "model"),
        (post({"model": "m", "messages": MESSAGES}), 400, "max_tokens: Field required"),
        (post({**GOOD, "messages": []}), 400, "messages"),
        (post({**GOOD, "messages": ["x"]}), 400, "messages.0"),
        (post({**GOOD, "max_tokens": 0}), 400, "max_tokens"),
        (post({**GOOD, "max_tokens": True}), 400, "max_tokens"),
    ],
    ids=[
        *("no version", "an unknown path", "no JSON", "no object", "no model", "no ceiling"),
        *("no message", "no object of a message", "a ceiling of nothing", "a ceiling of truth"),
    ],
)
def test_a_wrong_request_is_refused_in_the_dialect(asked: Request, status: int, word: str) -> None:
    answer = DIALECT.read(asked)

    assert isinstance(answer, Answer)
    body = json.loads(answer.body)
    assert (answer.status, body["type"]) == (status, "error")
    assert word in body["error"]["message"]


@pytest.mark.parametrize(
    ("headers", "key"),
    [({"x-api-key": "a"}, "a"), ({"authorization": "Bearer b"}, "b"), ({}, None)],
)
def test_the_key_is_in_its_header_or_a_bearer_token(headers: dict[str, str], key: str) -> None:
    assert DIALECT.key_of(post(GOOD, **headers)) == key


def test_a_stream_opens_and_closes_a_block_for_each_channel() -> None:
    steps = [ROLE, COMMENT, thought("a "), thought("b "), word("c "), STOP, COUNTS, DONE]

    events = streamed(DIALECT, steps, input_tokens=9, cached_tokens=2)

    assert [each["type"] for each in events] == [
        *("message_start", "ping", "content_block_start", "content_block_delta"),
        *("content_block_delta", "content_block_delta", "content_block_stop"),
        *("content_block_start", "content_block_delta", "content_block_stop"),
        *("message_delta", "message_stop"),
    ]
    assert [each["index"] for each in events if "index" in each] == [0, 0, 0, 0, 0, 1, 1, 1]
    assert events[0]["message"]["usage"]["input_tokens"] == 7
    assert events[0]["message"]["usage"]["cache_read_input_tokens"] == 2
    assert events[3]["delta"] == {"type": "thinking_delta", "thinking": "a "}
    assert events[5]["delta"]["type"] == "signature_delta"
    assert events[8]["delta"] == {"type": "text_delta", "text": "c "}
    assert events[10]["delta"]["stop_reason"] == "end_turn"
    assert events[10]["usage"]["output_tokens"] == 7
    assert events[10]["usage"]["output_tokens_details"] == {"thinking_tokens": 4}


def test_a_stream_without_role_and_counts_is_still_a_message() -> None:
    events = streamed(DIALECT, [word("c "), LENGTH, DONE], reports_usage=False)

    assert events[0]["type"] == "message_start"
    assert "usage" not in events[0]["message"]
    assert events[-2]["delta"]["stop_reason"] == "max_tokens"
    assert "usage" not in events[-2]


def test_nothing_follows_an_error_in_a_stream() -> None:
    events = streamed(DIALECT, [ROLE, word("c "), ERROR, DONE])

    assert events[-1]["type"] == "error"
    assert events[-1]["error"]["type"] == "api_error"


def test_a_whole_answer_holds_what_the_steps_say() -> None:
    body = whole(DIALECT, [thought("a "), word("b "), word("c "), STOP, COUNTS])

    assert [block["type"] for block in body["content"]] == ["thinking", "text"]
    assert body["content"][1]["text"] == "b c "
    assert body["stop_reason"] == "end_turn"
    assert body["usage"]["input_tokens"] == 7
    assert whole(DIALECT, [ERROR])["type"] == "error"
    assert "usage" not in whole(DIALECT, [word("a ")])


def test_the_list_of_models_is_in_its_order() -> None:
    body = json.loads(DIALECT.models(["a", "b"]).body)

    assert [model["id"] for model in body["data"]] == ["a", "b"]
    assert (body["first_id"], body["last_id"]) == ("a", "b")


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        (FaultKind.RATE_LIMITED, 429, "rate_limit_error"),
        (FaultKind.QUOTA, 400, "invalid_request_error"),
        (FaultKind.OVERLOADED, 529, "overloaded_error"),
        (FaultKind.OVERLOADED_529, 529, "overloaded_error"),
        (FaultKind.UNAUTHORIZED, 401, "authentication_error"),
        (FaultKind.MODEL_MISSING, 404, "not_found_error"),
        (FaultKind.SERVER_ERROR, 500, "api_error"),
    ],
)
def test_each_error_has_its_status_and_type(fault: FaultKind, status: int, kind: str) -> None:
    answer = DIALECT.error(fault, "sim/x")
    body: Any = json.loads(answer.body)

    assert (answer.status, body["error"]["type"]) == (status, kind)
    assert body.keys() == {"type", "error", "request_id"}
    assert "{model}" not in body["error"]["message"]
