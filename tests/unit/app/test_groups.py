"""The availability of groups: the last day from memory, what was before from the store."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from monitor.app import groups as module
from monitor.app.groups import Groups
from monitor.health.availability import Availability
from monitor.health.coverage import Span, by_interval
from monitor.model.health import Health
from monitor.model.outcome import Outcome
from monitor.recorder.memory import TargetMemory
from monitor.recorder.recorder import Recorder
from tests.factories import make_probe, make_result, make_target
from tests.fakes import FakeClock, ListSink
from tests.waiting import wait_until

EAST, WEST, OTHER = "east/large", "west/large", "east/small"
GROUPS = {EAST: "lab/large", WEST: "lab/large", OTHER: "lab/small"}
SPAN = Span(begin_at=0.0, end_at=None, count=by_interval(60.0))
HOUR_SECONDS = 3600.0


@dataclass
class Scene:
    """Three targets in two groups, and a store that knows of 100 hours, 90 of them available."""

    clock: FakeClock
    asked: list[tuple[Collection[str], datetime, datetime]] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    fails: bool = False

    def __post_init__(self) -> None:
        self.recorder = Recorder(self.memories(*GROUPS), ListSink(), self.clock, "here")
        self.groups = Groups(self.read, self.recorder, self.clock, self.errors.append)

    def memories(self, *keys: str) -> dict[str, TargetMemory]:
        known = {}
        for key in keys:
            probe = make_probe(key)
            target = make_target(key, group=GROUPS[key])
            probe = type(probe)(target=target, interval_seconds=60.0, jitter_seconds=0.0)
            known[key] = TargetMemory(
                probe=probe, health=Health(), spans=(SPAN,), begun_at=self.clock.now()
            )
        return known

    def read(self, targets: Collection[str], begin: datetime, end: datetime) -> Availability:
        if self.fails:
            raise OSError("the store is gone")
        self.asked.append((targets, begin, end))
        return Availability(90 * HOUR_SECONDS, 10 * HOUR_SECONDS)

    def live(self, minutes: int, *failing: str) -> None:
        """Let minutes pass, with a run of each target in each of them."""
        for _ in range(minutes):
            for key in GROUPS:
                outcome = Outcome.OVERLOADED if key in failing else Outcome.OK
                at = self.clock.now()
                self.recorder.record(make_result(outcome, target=key, slot_at=at, started_at=at))
            self.clock.advance(60.0)
        self.recorder.refresh()

    def told(self) -> dict[str, dict[str, float]]:
        self.groups.go_round()
        return {
            group: {window: round(ratio, 4) for window, ratio in ratios.items()}
            for group, ratios in self.groups.ratios.items()
        }


@pytest.fixture
def scene(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(module, "_PAUSE_SECONDS", 0.0)
    return Scene(clock)


def test_a_group_is_available_while_a_target_is(scene: Scene) -> None:
    scene.live(30)
    scene.live(30, EAST)

    told = scene.told()

    assert [told["lab/large"][window] for window in ("5m", "1h", "24h")] == [1.0, 1.0, 1.0]


def test_it_is_not_while_all_are_down(scene: Scene) -> None:
    scene.live(45)
    scene.live(15, EAST, WEST)

    told = scene.told()

    # Both since minute 45, the first failing run.
    assert told["lab/large"] == {"5m": 0.0, "1h": 0.75, "24h": 0.75, "30d": 0.8985}
    assert told["lab/small"]["1h"] == 1.0


def test_what_was_before_the_held_day_is_the_stores(scene: Scene) -> None:
    scene.live(60)
    told = scene.told()

    assert told["lab/large"]["30d"] == round(91 / 101, 4)
    targets, begin, end = scene.asked[0]
    assert sorted(targets) == [EAST, WEST]
    now = scene.clock.now()
    assert begin <= now - timedelta(days=29)
    assert now - timedelta(hours=24) < end <= now - timedelta(hours=21)
    assert (begin.minute, end.minute) == (0, 0)


def test_the_store_is_asked_once_an_hour_for_each_group(scene: Scene) -> None:
    for _ in range(6):
        scene.live(20)
        scene.told()

    assert len(scene.asked) == 2 * 3  # at the start, and when an hour began


def test_of_what_nothing_is_known_nothing_is_told(scene: Scene) -> None:
    scene.fails = True

    assert scene.told() == {"lab/large": {}, "lab/small": {}}


def test_a_store_that_fails_is_asked_once_a_round_and_what_was_told_stays(scene: Scene) -> None:
    scene.live(60)
    before = scene.told()
    scene.fails = True
    scene.live(60)
    after = scene.told()
    scene.told()

    assert len(scene.errors) == 2
    assert after["lab/large"]["30d"] == round(92 / 102, 4)
    assert after["lab/large"].keys() == before["lab/large"].keys()


def test_a_group_of_other_targets_is_asked_for_anew_and_one_that_is_gone_is_forgotten(
    scene: Scene,
) -> None:
    scene.live(10)
    scene.told()
    scene.recorder.replace(scene.memories(EAST))
    scene.recorder.refresh()
    scene.asked.clear()

    assert scene.told().keys() == {"lab/large"}
    assert [targets for targets, _, _ in scene.asked] == [[EAST]]


def test_what_fails_in_a_round_is_told_and_the_thread_goes_on(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_EVERY_SECONDS", 0.0)
    rounds: list[int] = []

    def fail() -> None:
        rounds.append(1)
        raise RuntimeError("a fault of our own")

    monkeypatch.setattr(scene.groups, "go_round", fail)
    scene.groups.start()
    wait_until(lambda: len(rounds) > 2)
    scene.groups.stop()

    assert len(scene.errors) >= 2
    assert not scene.groups._thread.is_alive()


def test_an_end_does_not_wait_for_a_round(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_EVERY_SECONDS", 3600.0)
    scene.live(1)
    scene.groups.start()
    wait_until(lambda: scene.groups.ratios.get("lab/small"))
    scene.groups.stop()

    assert not scene.groups._thread.is_alive()
