"""What LiteLLM's callback makes of what the monitor says.

LiteLLM cannot share our environment, so a base class stands in for its own; the real one is used
in `tests/e2e/test_litellm.py`.
"""

import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from monitor.client import Routing
from tests.feeds import FakeFeed, fake_feed
from tests.waiting import wait_until

GROUPS = {"lab/m": {"acme/m": 1.0, "bolt/m": 0.0, "cirrus/m": 0.25}}


class CustomLogger:
    pass


@pytest.fixture(scope="module")
def callback() -> Iterator[ModuleType]:
    """`monitor.litellm`, imported as where LiteLLM is."""
    with pytest.MonkeyPatch.context() as patch:
        stand_in = ModuleType("litellm.integrations.custom_logger")
        stand_in.CustomLogger = CustomLogger  # type: ignore[attr-defined]
        patch.setitem(sys.modules, "litellm", ModuleType("litellm"))
        patch.setitem(sys.modules, "litellm.integrations", ModuleType("litellm.integrations"))
        patch.setitem(sys.modules, "litellm.integrations.custom_logger", stand_in)
        patch.delitem(sys.modules, "monitor.litellm", raising=False)
        yield import_module("monitor.litellm")
        sys.modules.pop("monitor.litellm", None)


@pytest.fixture(scope="module")
def feed() -> Iterator[FakeFeed]:
    with fake_feed(GROUPS) as running:
        running.deployments = {"cirrus/m": "3f9c"}
        yield running


@pytest.fixture(scope="module")
def routing(feed: FakeFeed) -> Iterator[Routing]:
    with Routing(feed.url) as following:
        assert following.wait(5)
        yield following


def deployment(name: str | None, **params: Any) -> dict[str, Any]:
    """A deployment as LiteLLM's router keeps it."""
    return {
        "model_name": "m",
        "litellm_params": {"model": "openai/m", **params},
        "model_info": {"id": name, "db_model": False},
    }


def shares(deployments: list[Mapping[str, Any]]) -> dict[str, float]:
    """The deployments that are left, with their weights."""
    return {each["model_info"]["id"]: each["litellm_params"]["weight"] for each in deployments}


def test_who_gets_nothing_is_left_out_and_the_others_are_weighed(
    callback: ModuleType, routing: Routing
) -> None:
    given = [deployment("acme/m"), deployment("bolt/m"), deployment("3f9c")]

    assert shares(callback.weigh(routing, given)) == {"acme/m": 1.0, "3f9c": 0.25}


@pytest.mark.parametrize(
    ("acme", "cirrus", "expected"),
    [
        pytest.param({"weight": 2}, {"weight": 8}, (2.0, 2.0), id="weights"),
        pytest.param({"rpm": 100}, {"rpm": 400}, (100.0, 100.0), id="requests a minute"),
        pytest.param({"tpm": 100}, {"tpm": 200}, (100.0, 50.0), id="tokens a minute"),
        pytest.param({"weight": 1, "rpm": 9}, {"rpm": 9}, (1.0, 0.0), id="weights go first"),
    ],
)
def test_the_weights_of_the_configuration_are_multiplied(
    callback: ModuleType,
    routing: Routing,
    acme: dict[str, float],
    cirrus: dict[str, float],
    expected: tuple[float, float],
) -> None:
    given = [deployment("acme/m", **acme), deployment("cirrus/m", **cirrus)]

    found = shares(callback.weigh(routing, given))
    assert found == dict(zip(("acme/m", "cirrus/m"), expected, strict=True))


def test_one_that_stands_by_without_weight_is_left_when_the_others_are_down(
    callback: ModuleType, routing: Routing
) -> None:
    given = [deployment("bolt/m", weight=1), deployment("acme/m", weight=0)]

    assert shares(callback.weigh(routing, given)) == {"acme/m": 0.0}


def test_what_the_monitor_does_not_know_keeps_its_weight(
    callback: ModuleType, routing: Routing
) -> None:
    given = [deployment("elsewhere/m", weight=3), deployment("cirrus/m", weight=4)]
    without_name: dict[str, Any] = {"litellm_params": {"weight": 5}}

    found = callback.weigh(routing, [*given, without_name])
    assert [each["litellm_params"]["weight"] for each in found] == [3.0, 1.0, 5.0]


def test_litellms_own_deployments_stay_as_they_are(callback: ModuleType, routing: Routing) -> None:
    given = [deployment("cirrus/m", weight=4)]

    callback.weigh(routing, given)

    assert given == [deployment("cirrus/m", weight=4)]


async def test_a_pool_is_never_emptied(callback: ModuleType, routing: Routing) -> None:
    given = [deployment("bolt/m")]

    found = await callback.HealthFilter(routing).async_filter_deployments("m", given)
    assert found is given


async def test_what_litellm_has_that_is_unheard_of_fails_no_request(
    callback: ModuleType, routing: Routing, caplog: pytest.LogCaptureFixture
) -> None:
    given = [deployment("acme/m", weight="heavy")]

    found = await callback.HealthFilter(routing).async_filter_deployments("m", given)
    assert found is given
    assert "deployments of m were not weighed" in caplog.text


async def test_without_a_monitor_nothing_changes(
    callback: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLMPROBE_URL", "http://127.0.0.1:9")
    given = [deployment("acme/m"), deployment("bolt/m", weight=3)]
    health_filter = callback.HealthFilter()

    assert await health_filter.async_filter_deployments("m", given) == given
    health_filter._following().stop()


async def test_the_monitor_is_found_by_the_environment(
    callback: ModuleType, feed: FakeFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLMPROBE_URL", feed.url)
    monkeypatch.setenv("LLMPROBE_TOKEN", "t0ken")
    health_filter = callback.HealthFilter()
    given = [deployment("acme/m"), deployment("bolt/m")]

    await health_filter.async_filter_deployments("m", given)
    with health_filter._following() as following:
        assert following.wait(5)
        assert shares(await health_filter.async_filter_deployments("m", given)) == {"acme/m": 1.0}
    wait_until(lambda: any("Bearer t0ken" in asked.values() for asked in feed.asked))
