"""Health checks for routers that ask a URL."""

import pytest
from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from monitor.export.checks import Checks
from monitor.model.health import State
from monitor.model.routing import Candidate
from tests.fakes import FakeClock
from tests.unit.export.routed import candidate, routing

DOWN = candidate("acme/large@eu", 0.0, State.DOWN, reason="overloaded")


def ask(
    clock: FakeClock, *candidates: Candidate, path: str = "/acme/large@eu", host: str = "m"
) -> Response:
    api = FastAPI()
    api.include_router(Checks(lambda: routing(*candidates), clock).routes())
    return TestClient(api).get(f"/api/v1/check{path}", headers={"host": host})


@pytest.mark.parametrize(
    ("weight", "state", "status", "is_degraded"),
    [
        pytest.param(1.0, State.UP, 200, False, id="up"),
        pytest.param(0.25, State.UP, 200, False, id="throttled"),
        pytest.param(0.6, State.DEGRADED, 200, True, id="degraded"),
        pytest.param(0.1, State.RECOVERING, 200, True, id="recovering"),
        pytest.param(1.0, State.UNKNOWN, 200, False, id="unknown"),
        pytest.param(0.0, State.DOWN, 503, False, id="down"),
        pytest.param(0.0, State.BLOCKED, 503, False, id="blocked"),
        pytest.param(1.0, State.DOWN, 200, False, id="panic"),
    ],
)
def test_the_status_follows_the_weight(
    clock: FakeClock, weight: float, state: State, status: int, is_degraded: bool
) -> None:
    answer = ask(clock, candidate("acme/large@eu", weight, state))

    assert answer.status_code == status
    assert (answer.headers.get("x-envoy-degraded") == "true") is is_degraded
    assert answer.json()["weight"] == weight


@pytest.mark.parametrize(
    ("path", "host"),
    [
        pytest.param("/acme/large@eu", "m", id="key"),
        pytest.param("/acme%2Flarge%40eu", "m", id="key, encoded"),
        pytest.param("/acme-large-eu", "m", id="slug"),
        pytest.param("", "acme-large-eu", id="host"),
        pytest.param("", "ACME-large-eu:9464", id="host with a port"),
    ],
)
def test_a_target_is_named_by_path_or_host(clock: FakeClock, path: str, host: str) -> None:
    answer = ask(clock, DOWN, candidate("b/large"), path=path, host=host)

    assert answer.status_code == 503
    assert answer.json() == {
        "target": "acme/large@eu",
        "state": "down",
        "weight": 0.0,
        "reason": "overloaded",
    }


@pytest.mark.parametrize("path", ["", "/acme/small"])
def test_who_is_not_known_gets_traffic(clock: FakeClock, path: str) -> None:
    answer = ask(clock, DOWN, path=path)

    assert answer.status_code == 200
    assert answer.json() == {"target": None, "reason": "no target has this name"}


def test_an_old_picture_takes_nobody_out(clock: FakeClock) -> None:
    clock.advance(15)
    assert ask(clock, DOWN).status_code == 503
    clock.advance(0.1)

    answer = ask(clock, DOWN)

    assert answer.status_code == 200
    assert answer.json()["reason"] == "the probing loop stands still"
