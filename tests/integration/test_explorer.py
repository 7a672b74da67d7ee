"""Targets follow the gateway's list, and no bad list takes one away."""

from collections.abc import Iterator

import pytest

from monitor.app.explorer import Explorer
from monitor.config.settings import Discovery, Settings
from monitor.model.clock import SystemClock
from monitor.model.target import Probe
from monitor.probes.transport import HttpTransport
from tests.factories import make_probe
from tests.gateway import Gateway, running_gateway


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway() as running:
        yield running


class Scene:
    """An explorer whose findings go into a list."""

    def __init__(self, gateway: Gateway) -> None:
        self.applied: list[list[str]] = []
        template = make_probe("openrouter/lab/large", base_url=gateway.base_url)
        self.discovery = Discovery(
            kind="openrouter",
            provider="openrouter",
            model="lab/large",
            base_url=gateway.base_url,
            templates=(template,),
        )
        settings = Settings(probes=(make_probe("own/model"),), discoveries=(self.discovery,))
        self.explorer = Explorer(settings, HttpTransport(SystemClock()), self.apply)

    async def apply(self, probes: tuple[Probe, ...]) -> None:
        self.applied.append([probe.target.key for probe in probes])

    async def look(self) -> bool:
        return await self.explorer.look(self.discovery)


async def test_what_is_listed_is_probed_beside_what_is_always_there(gateway: Gateway) -> None:
    scene = Scene(gateway)

    assert await scene.look()
    gateway.tags = ["acme", "core"]
    assert await scene.look()

    assert scene.applied == [
        ["own/model", "openrouter/lab/large@acme", "openrouter/lab/large@bolt/fp8"],
        ["own/model", "openrouter/lab/large@acme", "openrouter/lab/large@core"],
    ]
    assert scene.explorer.published["openrouter/lab/large@core"].uptime_ratio == 0.975


async def test_a_list_that_did_not_change_changes_nothing(gateway: Gateway) -> None:
    scene = Scene(gateway)

    await scene.look()
    await scene.look()

    assert len(scene.applied) == 1


@pytest.mark.parametrize(
    ("status", "listing"),
    [
        pytest.param(500, None, id="it fails"),
        pytest.param(200, '{"data": {"endpoints": []}}', id="it shrinks to nothing"),
        pytest.param(200, "<html>", id="it turns to garbage"),
        pytest.param(200, '{"data": 5}', id="it turns to something else"),
        pytest.param(404, '{"error": {"code": 404}}', id="the model is gone"),
    ],
)
async def test_a_bad_list_changes_no_target(
    gateway: Gateway, status: int, listing: str | None
) -> None:
    scene = Scene(gateway)
    await scene.look()
    gateway.status, gateway.listing = status, listing

    assert not await scene.look()
    assert len(scene.applied) == 1


async def test_a_gateway_that_is_gone_changes_no_target() -> None:
    with running_gateway() as gateway:
        scene = Scene(gateway)

    assert not await scene.look()
    assert scene.applied == []
