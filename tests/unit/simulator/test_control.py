"""The remote control."""

from typing import Any

import httpx
import pytest

from tests.unit.simulator.caller import LOCKED, MODEL, Caller


async def ask(caller: Caller, method: str, path: str, body: Any = None) -> httpx.Response:
    return await caller.client.request(method, f"{caller.simulator.control_url}{path}", json=body)


async def test_a_fault_is_commanded_told_and_withdrawn(caller: Caller) -> None:
    command = {"provider": "alpha", "model": MODEL, "fault": "emblem", "count": 2}

    made = await ask(caller, "POST", "/faults", command)
    spoilt = await caller.complete()
    told = (await ask(caller, "GET", "/faults")).json()["faults"]
    left = await ask(caller, "DELETE", "/faults?provider=alpha")
    healthy = await caller.complete()

    assert made.status_code == 201
    assert spoilt.status_code == 404
    assert [(order["fault"], order["count"]) for order in told] == [("emblem", 1)]
    assert left.json() == {"faults": []}
    assert healthy.status_code == 200


async def test_a_command_carries_the_particulars_of_its_fault(caller: Caller) -> None:
    command = {"provider": "alpha", "fault": "truncated", "after_chunks": 1, "seconds": 60}

    (order,) = (await ask(caller, "POST", "/faults", command)).json()["faults"]
    await caller.complete()

    assert order["until_ns"] is not None
    assert (await caller.truth()).output_tokens == 1


async def test_a_refusal_can_be_commanded_and_is_seen_in_the_overview(caller: Caller) -> None:
    await ask(caller, "POST", "/faults", {"provider": "alpha", "fault": "refused"})

    alpha, beta = (await ask(caller, "GET", "/providers")).json()["providers"]

    assert alpha == {
        "provider": "alpha",
        "base_url": caller.simulator.base_url("alpha"),
        "models": [MODEL, LOCKED],
        "open": False,
    }
    assert beta["open"]


async def test_the_truth_is_told_from_a_sequence_number_on(caller: Caller) -> None:
    for _ in range(3):
        await caller.complete()
    await caller.simulator.idle()

    everything = (await ask(caller, "GET", "/truth")).json()["truths"]
    newer = (await ask(caller, "GET", "/truth?since=2")).json()["truths"]

    assert [truth["number"] for truth in everything] == [1, 2, 3]
    assert newer == everything[2:]
    assert newer[0]["request_id"] == "alpha/sim/quick/3"


async def test_all_faults_are_withdrawn_at_once(caller: Caller) -> None:
    for provider in ("alpha", "beta"):
        await ask(caller, "POST", "/faults", {"provider": provider, "fault": "emblem"})

    assert (await ask(caller, "DELETE", "/faults")).json() == {"faults": []}


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        pytest.param([1], "object", id="no object"),
        pytest.param({"provider": "nobody", "fault": "emblem"}, "no such provider", id="nobody"),
        pytest.param({"fault": "emblem"}, "no such provider", id="no provider"),
        pytest.param(
            {"provider": "alpha", "model": "x", "fault": "emblem"}, "no such model", id="no model"
        ),
        pytest.param({"provider": "alpha", "fault": "gloom"}, "unknown fault", id="no fault"),
        pytest.param({"provider": "alpha"}, "unknown fault", id="a fault left out"),
        pytest.param({"provider": "alpha", "folt": "emblem"}, "unknown field", id="a typing error"),
        pytest.param(
            {"provider": "alpha", "fault": "emblem", "count": "2"}, "wrong type", id="a string"
        ),
        pytest.param(
            {"provider": "alpha", "fault": "emblem", "count": True}, "wrong type", id="a boolean"
        ),
        pytest.param(
            {"provider": "alpha", "fault": "emblem", "seconds": -1}, "positive", id="no time"
        ),
        pytest.param(
            {"provider": "alpha", "fault": "stall", "after_chunks": -1}, "negative", id="negative"
        ),
    ],
)
async def test_a_wrong_command_is_refused_with_the_reason(
    caller: Caller, body: Any, complaint: str
) -> None:
    response = await ask(caller, "POST", "/faults", body)

    assert response.status_code == 400
    assert complaint in response.json()["error"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("DELETE", "/faults?provider=nobody", 400),
        ("DELETE", "/faults?model=sim/quick", 400),
        ("GET", "/truth?since=yesterday", 400),
        ("GET", "/weather", 404),
    ],
)
async def test_a_wrong_question_is_refused(
    caller: Caller, method: str, path: str, status: int
) -> None:
    assert (await ask(caller, method, path)).status_code == status
