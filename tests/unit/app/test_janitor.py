"""The janitor deletes in steps, and whatever happens to it, it goes on and harms nobody."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from monitor.app import janitor as module
from monitor.app.janitor import Janitor
from monitor.store.retention import Pruned
from tests.fakes import START, FakeClock
from tests.waiting import wait_until


@dataclass
class Scene:
    """A store with so many steps to go."""

    clock: FakeClock
    steps: int = 3
    fails: bool = False
    asked: list[datetime] = field(default_factory=list)
    finished: int = 0
    told: list[dict[str, int]] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.janitor = Janitor(
            self.prune, self.finish, self.clock, self.told.append, self.errors.append
        )

    def prune(self, now: datetime) -> Iterator[Pruned]:
        self.asked.append(now)
        if self.fails:
            raise OSError("the store is gone")
        while self.steps:
            self.steps -= 1
            yield Pruned(table="result", rows=10)

    def finish(self) -> None:
        self.finished += 1


@pytest.fixture
def scene(clock: FakeClock) -> Scene:
    return Scene(clock)


def test_a_round_deletes_step_by_step_and_tells_the_sum(scene: Scene) -> None:
    assert scene.janitor.sweep() == {"result": 30}
    assert (scene.told, scene.finished) == ([{"result": 30}], 1)


def test_where_nothing_is_old_nothing_is_told(scene: Scene) -> None:
    scene.steps = 0

    assert scene.janitor.sweep() == {}
    assert (scene.told, scene.finished) == ([], 0)


def test_a_stop_ends_it_after_the_step_under_way(scene: Scene) -> None:
    scene.janitor.stop()

    assert scene.janitor.sweep() == {"result": 10}
    assert scene.steps == 2


@pytest.mark.parametrize(
    ("step_seconds", "seen_seconds"),
    [
        pytest.param(0.0, 7200.0, id="a clock that goes right"),
        pytest.param(365 * 86_400.0, 7200.0, id="set forward by a year: nothing more is old"),
        pytest.param(-86_400.0, 7200.0 - 86_400.0, id="set back: less is old"),
    ],
)
def test_a_step_of_the_clock_makes_nothing_old(
    scene: Scene, step_seconds: float, seen_seconds: float
) -> None:
    scene.clock.advance(7200.0)
    scene.clock.step(step_seconds)

    scene.janitor.sweep()

    assert (scene.asked[0] - START).total_seconds() == seen_seconds


def test_it_goes_on_after_a_failure(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FIRST_SECONDS", 0.001)
    monkeypatch.setattr(module, "_EVERY_SECONDS", 0.001)
    scene.fails = True
    scene.janitor.start()
    wait_until(lambda: len(scene.errors) > 1)

    scene.fails = False
    wait_until(lambda: scene.told)
    scene.janitor.stop()

    assert scene.told[0] == {"result": 30}
    assert {str(each) for each in scene.errors} == {"the store is gone"}


def test_one_that_never_started_can_be_stopped(scene: Scene) -> None:
    scene.janitor.stop()
