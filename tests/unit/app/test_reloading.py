"""When a configuration is read again: once it stands still, one at a time, until it is taken."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.app.in_force import InForce
from monitor.app.observers import Observers
from monitor.app.reloading import LOOK_SECONDS, Reloader
from monitor.config.settings import Settings
from monitor.config.source import Source
from monitor.export.metrics import Metrics
from monitor.store.errors import StoreError
from tests.fakes import FakeClock
from tests.waiting import until

TEXT = "{{vantage: {vantage}, providers: {{ollama: {{models: {{small: null}}}}}}}}\n"
LOCKED = StoreError("The database is locked", where="monitor.db", remedy="Wait")


class Scene:
    """A reloader that is made to look, and what it applied."""

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        self.clock, self.file = clock, folder / "monitor.yaml"
        self.write("first")
        source = Source(self.file, {})
        self.applied: list[str] = []
        self.trouble: Exception | None = None
        self.during: Callable[[], None] = lambda: None
        self.metrics = Metrics(clock)
        seen = source.look()
        self.in_force = InForce.begin(source.load(), clock)
        self.reloader = Reloader(
            source, seen, self.in_force, self.apply, clock, Observers(self.metrics)
        )

    def write(self, vantage: str) -> None:
        self.file.write_text(TEXT.format(vantage=vantage))

    async def apply(self, settings: Settings) -> tuple[str, ...]:
        await asyncio.sleep(0)
        self.during()
        if self.trouble:
            raise self.trouble
        self.applied.append(settings.vantage)
        return ("vantage",)

    async def look(self, times: int = 1) -> None:
        for _ in range(times):
            self.clock.advance(LOOK_SECONDS)
            await self.reloader.look()


@pytest.fixture
def scene(tmp_path: Path, clock: FakeClock) -> Scene:
    return Scene(tmp_path, clock)


async def test_what_stays_the_same_is_not_read_again(scene: Scene) -> None:
    await scene.look(5)

    assert scene.applied == []


async def test_a_change_is_taken_once_it_stands_still(scene: Scene) -> None:
    scene.write("half")
    await scene.look()
    scene.write("whole")
    await scene.look()
    assert scene.applied == []

    await scene.look(3)
    assert scene.applied == ["whole"]
    assert scene.in_force.status.waiting == ("vantage",)
    assert scene.clock.now() - scene.in_force.status.read_at == timedelta(seconds=2 * LOOK_SECONDS)


async def test_who_asks_need_not_wait_for_that(scene: Scene) -> None:
    scene.write("asked")

    await scene.reloader.look(is_asked=True)
    await scene.look(2)

    assert scene.applied == ["asked"]


async def test_a_change_during_a_reading_is_taken_after_it(scene: Scene) -> None:
    scene.write("second")
    scene.during = lambda: scene.write("third")

    await scene.look(2)
    scene.during = lambda: None
    await scene.look(3)

    assert scene.applied == ["second", "third"]


async def test_a_bad_file_is_refused_once_and_what_was_read_before_holds(scene: Scene) -> None:
    begun_at = scene.in_force.status.read_at
    scene.file.write_text("vantage: here\nprovidrs: {}\n")

    await scene.look(4)

    status = scene.in_force.status
    assert scene.applied == []
    assert (status.is_in_force, status.read_at) == (False, begun_at)
    assert any(each.startswith("line 2: providrs: unknown key") for each in status.problems)
    assert str(scene.file) not in "".join(status.problems)

    scene.write("mended")
    await scene.look(2)
    assert scene.in_force.status.is_in_force


async def test_a_file_that_is_gone_is_refused_and_taken_when_it_is_back(scene: Scene) -> None:
    scene.file.unlink()
    await scene.look(2)
    (problem,) = scene.in_force.status.problems
    assert problem == "configuration: cannot be read: No such file or directory"

    scene.write("first")
    await scene.look(2)
    assert scene.in_force.status.is_in_force


@pytest.mark.parametrize(
    ("trouble", "is_ours"),
    [
        pytest.param(LOCKED, False, id="the store is locked"),
        pytest.param(ZeroDivisionError("ours"), True, id="a bug of ours"),
    ],
)
async def test_what_is_not_taken_is_told_and_tried_again_ever_more_seldom(
    scene: Scene, trouble: Exception, is_ours: bool
) -> None:
    tries: list[float] = []
    scene.trouble, scene.during = trouble, lambda: tries.append(scene.clock.steady_ns / 1e9)
    scene.write("second")

    await scene.look(40)

    pauses = [round(two - one) for one, two in pairwise(tries)]
    assert pauses[:5] == [2, 4, 8, 16, 32]
    assert not scene.in_force.status.is_in_force
    assert (scene.metrics.errors._value.get() > 0) is is_ours

    scene.trouble = None
    await scene.look(31)
    assert scene.applied == ["second"]
    assert scene.in_force.status.is_in_force


async def test_what_the_looking_itself_raises_ends_no_looking(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_self: Source) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr(Source, "look", broken)
    following = asyncio.create_task(scene.reloader.follow())
    for errors in (1, 2):
        scene.reloader.ask()
        await until(lambda errors=errors: scene.metrics.errors._value.get() == errors)  # type: ignore[misc]

    assert not following.done()
    following.cancel()
    await asyncio.wait([following])
