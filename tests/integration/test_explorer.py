"""Targets follow the gateway's list, and no bad list takes one away."""

import asyncio
from collections.abc import Iterator

import pytest

from monitor.app.explorer import Explorer
from monitor.config.settings import Discovery, Settings
from monitor.model.clock import SystemClock
from monitor.model.target import Probe
from monitor.probes.transport import HttpTransport
from monitor.store.errors import StoreError
from tests.factories import make_probe
from tests.gateway import Gateway, running_gateway
from tests.waiting import until

SIZES = ("large", "small")
LOCKED = StoreError("The database is locked", where="monitor.db", remedy="Wait")


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway() as running:
        yield running


def discovery_of(model: str, gateway: Gateway) -> Discovery:
    return Discovery(
        kind="openrouter",
        provider="openrouter",
        model=model,
        base_url=gateway.base_url,
        interval_seconds=0.05,
        templates=(make_probe(f"openrouter/{model}", base_url=gateway.base_url),),
    )


class Scene:
    """An explorer of two models whose findings go into lists, unless there is trouble."""

    def __init__(self, gateway: Gateway) -> None:
        self.applied: list[list[str]] = []
        self.awaited: list[tuple[str, ...]] = []
        self.errors: list[Exception] = []
        self.trouble: Exception | None = None
        self.tries = 0
        self.large, self.small = (discovery_of(f"lab/{name}", gateway) for name in SIZES)
        settings = Settings(probes=(make_probe("own/model"),), discoveries=(self.large, self.small))
        transport = HttpTransport(SystemClock())
        self.explorer = Explorer(settings, transport, self.apply, self.errors.append)

    async def apply(self, probes: tuple[Probe, ...], awaited: tuple[str, ...]) -> None:
        self.tries += 1
        await asyncio.sleep(0)
        if self.trouble:
            raise self.trouble
        self.applied.append([probe.target.key for probe in probes])
        self.awaited.append(awaited)

    async def look(self) -> bool:
        return await self.explorer.look(self.large)


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


@pytest.mark.parametrize(
    "tags",
    [
        pytest.param(["acme", "bolt/fp8"], id="the same"),
        pytest.param(["bolt/fp8", "acme"], id="in another order"),
        pytest.param(["acme", "bolt/fp8", "acme"], id="one twice"),
    ],
)
async def test_a_list_that_did_not_change_changes_nothing(
    gateway: Gateway, tags: list[str]
) -> None:
    scene = Scene(gateway)

    await scene.look()
    gateway.tags = tags
    assert await scene.look()

    assert scene.tries == 1


async def test_what_a_list_no_longer_names_is_published_no_longer(gateway: Gateway) -> None:
    scene = Scene(gateway)
    await scene.explorer.look(scene.small)
    await scene.look()
    gateway.tags = ["core"]

    await scene.look()

    assert scene.explorer.published.keys() == {
        "openrouter/lab/large@core",
        "openrouter/lab/small@acme",
        "openrouter/lab/small@bolt/fp8",
    }


async def test_a_model_whose_list_is_yet_to_come_is_told_so(gateway: Gateway) -> None:
    scene = Scene(gateway)

    await scene.look()
    await scene.explorer.look(scene.small)

    assert scene.awaited == [("openrouter/lab/small@",), ()]


async def test_lists_that_come_together_lose_nothing_of_each_other(gateway: Gateway) -> None:
    scene = Scene(gateway)

    await asyncio.gather(scene.look(), scene.explorer.look(scene.small))

    assert [len(each) for each in scene.applied] == [3, 5]


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(LOCKED, id="the store is locked"),
        pytest.param(ZeroDivisionError("ours"), id="a bug of ours"),
    ],
)
async def test_what_could_not_be_applied_is_told_and_applied_at_the_next_look(
    gateway: Gateway, trouble: Exception
) -> None:
    scene = Scene(gateway)
    scene.trouble = trouble

    assert not await scene.look()
    assert (scene.applied, scene.errors) == ([], [trouble])

    scene.trouble = None
    assert await scene.look()
    assert len(scene.applied) == 1
    assert len(scene.errors) == 1


async def test_trouble_ends_no_looking(gateway: Gateway) -> None:
    scene = Scene(gateway)
    scene.trouble = LOCKED
    exploring = asyncio.create_task(scene.explorer.explore())

    await until(lambda: len(scene.errors) >= 4)
    scene.trouble = None
    await until(lambda: len(scene.applied) == 2)

    assert not exploring.done()
    exploring.cancel()
    await asyncio.wait([exploring])


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
