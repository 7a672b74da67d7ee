"""The dialect of OpenAI's responses: requests understood, answers worded."""

import json

import pytest

from monitor.simulator.dialect import Ask, ListModels
from monitor.simulator.faults import FaultKind
from monitor.simulator.http import Answer, Request
from monitor.simulator.responses_wire import ResponsesDialect
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

DIALECT = ResponsesDialect()
GOOD = {"model": "m", "input": "hello"}


def post(body: object) -> Request:
    return request("POST", "/v1/responses", body)


def test_a_response_is_understood() -> None:
    parts = [{"type": "input_text", "text": "a"}, {"type": "input_image"}, 5]
    items = [{"role": "user", "content": parts}, {"role": "user", "content": "b"}, {}, 5]

    assert DIALECT.read(post({**GOOD, "stream": True, "max_output_tokens": 16})) == Ask(
        model="m", prompt="hello", stream=True, limit=16, wants_usage=True
    )
    assert DIALECT.read(post({**GOOD, "input": items})) == Ask(
        model="m", prompt="a\nb\n", stream=False, limit=None, wants_usage=True
    )
    assert DIALECT.read(request("GET", "/v1/models")) == ListModels()


@pytest.mark.parametrize(
    ("asked", "status", "param"),
    [
        (request("POST", "/v1/chat/completions", GOOD), 404, None),
        (post(b"{"), 400, None),
        (post([1]), 400, None),
        (post({"input": "x"}), 400, "model"),
        (post({"model": "m", "input": []}), 400, "input"),
        (post({**GOOD, "max_output_tokens": "9"}), 400, "max_output_tokens"),
        (post({**GOOD, "max_output_tokens": 15}), 400, "max_output_tokens"),
        (post({**GOOD, "stream_options": {}}), 400, "stream_options"),
    ],
    ids=[
        *("another path", "no JSON", "no object", "no model", "no input", "a ceiling of text"),
        *("a ceiling too low", "stream options without a stream"),
    ],
)
def test_a_wrong_request_is_refused_in_the_dialect(
    asked: Request, status: int, param: str | None
) -> None:
    answer = DIALECT.read(asked)

    assert isinstance(answer, Answer)
    assert (answer.status, json.loads(answer.body)["error"]["param"]) == (status, param)


def test_a_stream_opens_and_closes_an_item_for_each_channel() -> None:
    steps = [ROLE, thought("a "), word("b "), word("c "), STOP, COUNTS, DONE]

    events = streamed(DIALECT, steps)

    assert [each["type"].removeprefix("response.") for each in events] == [
        *("created", "in_progress"),
        *("output_item.added", "reasoning_summary_part.added", "reasoning_summary_text.delta"),
        *("reasoning_summary_text.done", "reasoning_summary_part.done", "output_item.done"),
        *("output_item.added", "content_part.added", "output_text.delta", "output_text.delta"),
        *("output_text.done", "content_part.done", "output_item.done", "completed"),
    ]
    assert [each["sequence_number"] for each in events] == list(range(16))
    assert [each["output_index"] for each in events if "output_index" in each] == [0] * 6 + [1] * 7
    last = events[-1]["response"]
    assert [item["type"] for item in last["output"]] == ["reasoning", "message"]
    assert last["output"][1]["content"][0]["text"] == "b c "
    assert last["usage"]["output_tokens_details"] == {"reasoning_tokens": 4}
    assert last["usage"]["input_tokens_details"] == {"cached_tokens": 2}


def test_a_stream_that_is_cut_at_the_ceiling_is_incomplete() -> None:
    events = streamed(DIALECT, [word("c "), LENGTH, DONE])

    assert events[0]["type"] == "response.created"
    assert events[-1]["type"] == "response.incomplete"
    assert events[-1]["response"]["incomplete_details"] == {"reason": "max_output_tokens"}
    assert events[-1]["response"]["usage"] is None


def test_an_answer_of_nothing_has_no_item() -> None:
    events = streamed(DIALECT, [ROLE, STOP, DONE])

    assert [each["type"] for each in events][2:] == ["response.completed"]
    assert events[-1]["response"]["output"] == []


def test_a_keep_alive_is_no_event() -> None:
    assert DIALECT.event(COMMENT, envelope()).startswith(b":")


def test_an_error_in_a_stream_fails_the_response() -> None:
    events = streamed(DIALECT, [ROLE, word("c "), ERROR, DONE])

    assert [each["type"] for each in events[-2:]] == ["error", "response.failed"]
    assert events[-1]["response"]["error"]["code"] == "server_error"


def test_a_whole_answer_holds_what_the_steps_say() -> None:
    body = whole(DIALECT, [thought("a "), word("b "), STOP, COUNTS])

    assert (body["object"], body["status"]) == ("response", "completed")
    assert body["output"][0]["summary"] == [{"type": "summary_text", "text": "a "}]
    assert body["usage"]["total_tokens"] == 16
    assert whole(DIALECT, [ERROR])["status"] == "failed"


def test_errors_and_models_are_those_of_chat() -> None:
    answer = DIALECT.error(FaultKind.QUOTA, "m")

    assert json.loads(answer.body)["error"]["code"] == "insufficient_quota"
    assert json.loads(DIALECT.models(["a"]).body)["data"][0]["id"] == "a"
    assert DIALECT.key_of(request("GET", "/", headers={"authorization": "Bearer k"})) == "k"
