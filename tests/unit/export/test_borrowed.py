"""The forms of others over HTTP: Portkey's config, OpenRouter's endpoints."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from monitor.export.borrowed import BorrowedForms
from monitor.export.problems import tell_problems
from monitor.health.percentiles import Lately, Percentiles
from monitor.model.health import State
from monitor.model.routing import Routing
from tests.fakes import START, FakeClock
from tests.unit.export.routed import candidate, routing

PORTKEY = "/api/v1/portkey"
ENDPOINTS = "/api/v1/models/lab/large/endpoints"
NO_GROUP = "There is no group of this name."


@dataclass
class Scene:
    """A group of two, one of which is down."""

    clock: FakeClock
    asked: list[str] = field(default_factory=list)
    routing: Routing = field(
        default_factory=lambda: routing(
            candidate("a/large", 0.5), candidate("b/large", 0.0, State.DOWN)
        )
    )

    def __post_init__(self) -> None:
        api = FastAPI()
        tell_problems(api)
        forms = BorrowedForms(lambda: self.routing, self.lately, self.clock)
        api.include_router(forms.routes())
        self.client = TestClient(api)

    def lately(self, key: str) -> Lately:
        self.asked.append(key)
        return Lately(ttft_seconds=Percentiles(0.1, 0.2, 0.3, 0.4))

    def get(self, path: str, **asked: str) -> Any:
        return self.client.get(path, params=asked or None)


@pytest.fixture
def scene(clock: FakeClock) -> Scene:
    return Scene(clock)


def test_portkeys_config_has_the_weights_of_now(scene: Scene) -> None:
    answer = scene.get(PORTKEY, group="lab/large")

    assert [each["weight"] for each in answer.json()["targets"]] == [0.5, 0.0]
    assert [each["isOpen"] for each in answer.json()["targets"]] == [False, True]
    assert answer.headers["llmprobe-generated-at"] == START.isoformat()
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("seconds", "weights"),
    [pytest.param(15, [0.5, 0.0], id="young"), pytest.param(16, [1.0, 1.0], id="stale")],
)
def test_a_probing_loop_that_stands_still_weighs_nobody(
    scene: Scene, seconds: float, weights: list[float]
) -> None:
    scene.clock.advance(seconds)
    targets = scene.get(PORTKEY, group="lab/large").json()["targets"]

    assert [each["weight"] for each in targets] == weights
    assert any(each["isOpen"] for each in targets) is (seconds == 15)


def test_a_group_that_is_none_is_a_problem(scene: Scene) -> None:
    answer = scene.get(PORTKEY, group="lab/none")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == NO_GROUP


def test_a_group_has_to_be_named(scene: Scene) -> None:
    answer = scene.get(PORTKEY)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "group"


def test_endpoints_are_those_of_the_group_that_the_path_names(scene: Scene) -> None:
    data = scene.get(ENDPOINTS).json()["data"]

    assert data["id"] == "lab/large"
    assert [each["tag"] for each in data["endpoints"]] == ["a", "b"]
    assert data["endpoints"][0]["latency_last_30m"]["p50"] == 100
    assert scene.asked == ["a/large", "b/large"]


@pytest.mark.parametrize(
    ("seconds", "statuses"),
    [pytest.param(15, [0, -5], id="young"), pytest.param(16, [0, 0], id="stale")],
)
def test_endpoints_tell_how_old_they_are_and_speak_ill_of_nobody_once_they_are_stale(
    scene: Scene, seconds: float, statuses: list[int]
) -> None:
    scene.clock.advance(seconds)
    answer = scene.get(ENDPOINTS)

    assert [each["status"] for each in answer.json()["data"]["endpoints"]] == statuses
    assert answer.headers["llmprobe-generated-at"] == START.isoformat()
    assert answer.headers["cache-control"] == "no-cache"


def test_a_model_that_is_none_is_told_as_openrouter_does_too(scene: Scene) -> None:
    answer = scene.get("/api/v1/models/lab/none/endpoints")

    assert answer.status_code == 404
    assert answer.json()["status"] == 404
    assert answer.json()["error"] == {"code": 404, "message": NO_GROUP}
    assert not scene.asked
