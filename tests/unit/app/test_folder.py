"""The folder folds step by step what is over, rests after each, and goes on whatever happens."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from monitor.app import folder as module
from monitor.app.folder import Folder
from tests.fakes import START, FakeClock
from tests.waiting import wait_until


@dataclass
class Scene:
    """A store with so many steps to go; each takes a while."""

    clock: FakeClock
    steps: int = 3
    step_seconds: float = 0.0
    fails: bool = False
    asked: list[datetime] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder = Folder(self.fold, self.clock, self.errors.append)

    def fold(self, before_at: datetime) -> int:
        self.asked.append(before_at)
        if self.fails:
            raise OSError("the store is gone")
        self.clock.advance(self.step_seconds)
        self.steps -= 1
        return 4 if self.steps >= 0 else 0


@pytest.fixture
def scene(clock: FakeClock) -> Scene:
    return Scene(clock)


def test_it_folds_until_nothing_is_due(scene: Scene) -> None:
    assert scene.folder.catch_up() == 12
    assert len(scene.asked) == 4


@pytest.mark.parametrize(
    ("seconds", "hours"),
    [
        pytest.param(0, -1, id="the hour that is just over waits for its last results"),
        pytest.param(149, -1, id="still"),
        pytest.param(150, 0, id="they are written"),
        pytest.param(3599, 0, id="the running hour is left alone"),
    ],
)
def test_an_hour_is_folded_soon_after_it_is_over(scene: Scene, seconds: float, hours: int) -> None:
    scene.clock.advance(seconds)

    scene.folder.catch_up()

    assert scene.asked[0] == START + timedelta(hours=hours)


def test_after_a_step_it_rests_for_many_times_as_long(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float | None] = []
    monkeypatch.setattr(scene.folder._stopped, "wait", rests.append)
    scene.step_seconds = 0.01

    scene.folder.catch_up()
    scene.steps, scene.step_seconds = 1, 10.0
    scene.folder.catch_up()

    assert rests == [pytest.approx(0.32)] * 3 + [0.75]


def test_a_stop_ends_it_after_the_step_under_way(scene: Scene) -> None:
    scene.folder.stop()

    assert scene.folder.catch_up() == 0
    assert scene.asked == []


def test_it_goes_on_after_a_failure(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FIRST_SECONDS", 0.001)
    monkeypatch.setattr(module, "_EVERY_SECONDS", 0.001)
    scene.fails = True
    scene.folder.start()
    wait_until(lambda: len(scene.errors) > 1)

    scene.fails = False
    wait_until(lambda: scene.steps < 0)
    scene.folder.stop()

    assert {str(each) for each in scene.errors} == {"the store is gone"}
