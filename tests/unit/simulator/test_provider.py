"""What a provider decides: healthy answers, models and keys, and faults that are an answer."""

from collections.abc import Callable

import httpx
import pytest

from monitor.simulator import Behaviour, FaultKind, Misbehaviour, Simulator
from tests.unit.simulator.caller import LOCKED, MODEL, Caller, events, finish, said, target

#: status, beginning of the content type, a phrase of the body
ANSWERS = {
    FaultKind.EMBLEM: (404, "application/json", "Too many simultaneous queries. Maximum: 1000"),
    FaultKind.RATE_LIMITED: (429, "application/json", "rate_limit_exceeded"),
    FaultKind.OVERLOADED: (503, "application/json", "server_is_overloaded"),
    FaultKind.OVERLOADED_529: (529, "application/json", "overloaded_error"),
    FaultKind.HTML_502: (502, "text/html", "<center>nginx"),
    FaultKind.UNAUTHORIZED: (401, "application/json", "invalid_api_key"),
    FaultKind.QUOTA: (429, "application/json", "insufficient_quota"),
    FaultKind.SERVER_ERROR: (500, "application/json", "server_error"),
    FaultKind.MODEL_MISSING: (404, "application/json", "`sim/quick` does not exist"),
    FaultKind.HTML_200: (200, "text/html", "<h1>Welcome</h1>"),
    FaultKind.GARBAGE: (200, "text/event-stream", "not a stream"),
}


async def test_a_healthy_stream_is_the_whole_dialect(caller: Caller) -> None:
    response = await caller.complete(stream_options={"include_usage": True})

    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["x-request-id"] == "alpha/sim/quick/1"
    assert len(said(response).split()) == 8
    assert len(said(response, "reasoning_content").split()) == 2
    assert finish(response) == "stop"
    assert events(response)[-1] == "[DONE]"
    assert events(response)[-2]["usage"]["completion_tokens"] == 10


async def test_a_ceiling_cuts_the_answer_by_length(caller: Caller) -> None:
    response = await caller.complete(max_tokens=5)

    assert len(said(response).split()) == 3
    assert finish(response) == "length"


async def test_a_whole_answer_says_the_same_as_a_stream(caller: Caller) -> None:
    streamed = await caller.complete()
    whole = (await caller.complete(stream=False)).json()

    assert whole["choices"][0]["message"]["content"] == said(streamed)
    assert whole["usage"]["completion_tokens"] == 10


async def test_requests_are_numbered_for_each_model_apart(caller: Caller) -> None:
    asked = [("alpha", MODEL), ("alpha", MODEL), ("beta", MODEL), ("alpha", "x y"), ("alpha", "z")]

    ids = [
        (await caller.complete(provider, model=model)).headers["x-request-id"]
        for provider, model in asked
    ]

    assert ids == [
        "alpha/sim/quick/1",
        "alpha/sim/quick/2",
        "beta/sim/quick/1",
        "alpha/x%20y/1",
        "alpha/z/2",
    ]


async def test_the_models_are_listed(caller: Caller) -> None:
    response = await caller.client.get(caller.url(path="/models"))

    assert [model["id"] for model in response.json()["data"]] == [MODEL, LOCKED]


async def test_a_wrong_request_is_no_completion_and_has_no_truth(caller: Caller) -> None:
    response = await caller.client.get(caller.url(path="/nothing"))

    assert response.status_code == 404
    assert response.headers["x-request-id"] == "alpha/-/0"
    assert caller.simulator.truths() == ()


@pytest.mark.parametrize(
    ("model", "key", "status", "code"),
    [
        pytest.param("sim/none", "any", 404, "model_not_found", id="an unknown model"),
        pytest.param(LOCKED, "wrong", 401, "invalid_api_key", id="a wrong key"),
        pytest.param(LOCKED, "right", 200, None, id="the right key"),
    ],
)
async def test_model_and_key_must_be_right(
    caller: Caller, model: str, key: str, status: int, code: str | None
) -> None:
    caller.client.headers["authorization"] = f"Bearer {key}"

    response = await caller.complete(model=model, stream=False)

    assert response.status_code == status
    assert response.json().get("error", {}).get("code") == code
    assert (await caller.truth()).status == status


async def test_a_provider_whose_every_model_is_locked_lists_nothing_to_strangers(
    client: httpx.AsyncClient,
) -> None:
    async with Simulator([target(Behaviour(accepted_key="right"))]) as locked:
        response = await client.get(f"{locked.base_url('alpha')}/models")

    assert response.status_code == 401


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("fault", ANSWERS)
async def test_a_fault_that_is_an_answer(caller: Caller, fault: FaultKind, *, stream: bool) -> None:
    status, content_type, phrase = ANSWERS[fault]
    caller.simulator.inject("alpha", None, fault, count=1)

    response = await caller.complete(stream=stream)

    assert response.status_code == status
    assert response.headers["content-type"].startswith(content_type)
    assert response.headers["x-request-id"] == "alpha/sim/quick/1"
    assert phrase in response.text
    assert (await caller.truth()).fault is fault


async def test_a_rate_limit_asks_for_a_pause(caller: Caller) -> None:
    limit = Misbehaviour(kind=FaultKind.RATE_LIMITED, retry_after_seconds=7)
    caller.simulator.inject("alpha", None, limit)

    response = await caller.complete()

    assert response.headers["retry-after"] == "7"


async def test_the_emblem_has_the_very_body_that_was_seen_in_the_wild(caller: Caller) -> None:
    caller.simulator.inject("alpha", MODEL, FaultKind.EMBLEM)

    error = (await caller.complete()).json()["error"]

    assert error["code"] == 404
    assert error["message"] == "Too many simultaneous queries. Maximum: 1000. "
    assert error["metadata"]["status"] is None
    assert error["metadata"]["location"] == "getEndpointsMedianLatencyGroupedByDate:query"
    assert error["metadata"]["message"] == error["message"]
    assert error["metadata"]["stack"].startswith(f"Error: {error['message']}")


async def test_an_error_can_take_its_time(caller: Caller) -> None:
    late = Misbehaviour(kind=FaultKind.EMBLEM, delay_seconds=0.05)
    caller.simulator.inject("alpha", None, late)

    await caller.complete()

    truth = await caller.truth()
    assert truth.headers_sent_ns is not None
    assert truth.headers_sent_ns - truth.request_received_ns >= 50_000_000


async def test_a_fault_for_one_model_leaves_the_others_alone(caller: Caller) -> None:
    caller.simulator.inject("alpha", LOCKED, FaultKind.EMBLEM)

    assert (await caller.complete()).status_code == 200
    assert (await caller.complete("beta")).status_code == 200


async def test_an_error_of_the_simulator_itself_breaks_the_connection_off(
    client: httpx.AsyncClient, asyncio_errors: Callable[[], list[BaseException]]
) -> None:
    class BrokenClock:
        def monotonic_ns(self) -> int:
            return 0

        def now(self) -> None:
            raise ZeroDivisionError

    async with Simulator([target(Behaviour())], clock=BrokenClock()) as broken:  # type: ignore[arg-type]
        with pytest.raises(httpx.RemoteProtocolError):
            await Caller(broken, client).complete()

    assert [type(error) for error in asyncio_errors()] == [ZeroDivisionError]
