"""The historian goes round, and whatever happens to the store, the windows stay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from monitor.app import historian as module
from monitor.app.historian import Historian
from monitor.health.coverage import Span, by_interval
from monitor.health.past import Past, not_in, pack
from monitor.health.rollup import Run, fold
from monitor.model.health import Health
from monitor.model.snapshot import TargetView
from monitor.model.target import Kind
from monitor.model.window import LONG_WINDOWS, WINDOWS
from monitor.recorder.memory import TargetMemory
from monitor.recorder.recorder import Recorder
from tests.factories import make_probe, make_result
from tests.fakes import START, FakeClock, ListSink
from tests.waiting import wait_until

KEYS = tuple(f"acme/m{number:02}" for number in range(45))
FOLDED = pack(fold(Kind.COMPLETION, [Run.of(make_result())] * 7))
SPAN = Span(begin_at=0.0, end_at=None, count=by_interval(60.0))


@dataclass
class Scene:
    """A recorder, and a store that knows seven runs of each window."""

    clock: FakeClock
    asked: list[Sequence[str]] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    fails: bool = False
    unknown: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.recorder = Recorder(self.memories(*KEYS), ListSink(), self.clock, "here")
        self.historian = Historian(self.read, self.recorder, self.clock, self.errors.append)

    def memories(self, *keys: str) -> dict[str, TargetMemory]:
        return {
            key: TargetMemory(probe=make_probe(key), health=Health(), spans=(SPAN,), begun_at=START)
            for key in keys
        }

    def read(self, targets: Sequence[str], now: datetime) -> Mapping[str, Past]:
        self.asked.append(targets)
        if self.fails:
            raise OSError("the store is gone")
        begins = dict.fromkeys(LONG_WINDOWS, START - timedelta(days=7))
        return {
            key: Past(begins, (FOLDED,) * len(begins), not_in((), now))
            for key in targets
            if key not in self.unknown
        }

    def record(self, minute: float = 0, target: str = KEYS[0]) -> None:
        self.recorder.record(make_result(minute=minute, target=target))

    def views(self) -> dict[str, TargetView]:
        """What is shown once all was drawn anew."""
        self.clock.advance(60.0)
        return {view.target.key: view for view in self.recorder.refresh().targets}

    def valid(self) -> dict[str, int]:
        """How many runs each target's longest window has, if it has one."""
        views = self.views().values()
        return {
            view.target.key: view.windows["90d"].valid for view in views if "90d" in view.windows
        }


@pytest.fixture
def scene(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(module, "_PAUSE_SECONDS", 0.0)
    return Scene(clock)


def test_long_windows_have_what_was_folded_and_what_was_not(scene: Scene) -> None:
    scene.record()
    assert scene.views()[KEYS[0]].windows.keys() < WINDOWS.keys()

    scene.historian.go_round()

    view = scene.views()[KEYS[0]]
    assert list(view.windows) == list(WINDOWS)
    assert view.windows["7d"].valid == 8
    assert view.windows["7d"].expected == 7 * 1440
    assert view.windows["24h"].valid == 1


def test_the_first_round_reads_all_and_each_later_one_some(scene: Scene) -> None:
    scene.historian.go_round()
    assert [key for some in scene.asked for key in some] == list(KEYS)
    scene.asked.clear()

    for _ in range(10):
        scene.historian.go_round()

    assert sorted(key for some in scene.asked for key in some) == list(KEYS)
    assert max(map(len, scene.asked)) < len(KEYS)


def test_what_was_not_read_again_grows_by_what_is_in_memory(scene: Scene) -> None:
    scene.historian.go_round()
    for minute in range(1, 4):
        scene.record(minute)
    scene.clock.advance(180.0)
    scene.asked.clear()
    scene.fails = True

    scene.historian.go_round()

    assert scene.valid()[KEYS[0]] == 10


def test_a_store_that_fails_is_asked_once_a_round_and_all_stays(scene: Scene) -> None:
    scene.historian.go_round()
    known, scene.fails = scene.valid(), True
    scene.asked.clear()

    for _ in range(10):
        scene.historian.go_round()

    assert scene.valid() == known
    assert len(scene.errors) == len(scene.asked) == 3


def test_one_that_failed_from_the_start_is_asked_again_each_round(scene: Scene) -> None:
    scene.fails = True
    scene.historian.go_round()
    scene.historian.go_round()
    assert (len(scene.asked), scene.valid()) == (2, {})

    scene.fails = False
    scene.historian.go_round()

    assert scene.valid() == dict.fromkeys(KEYS, 7)


def test_a_target_whose_past_is_still_to_be_folded_waits_and_holds_nobody_up(scene: Scene) -> None:
    scene.unknown = frozenset(KEYS[:1])
    scene.historian.go_round()
    assert scene.valid() == dict.fromkeys(KEYS[1:], 7)
    scene.asked.clear()

    scene.historian.go_round()
    assert KEYS[:20] not in scene.asked

    scene.unknown = frozenset()
    for _ in range(10):
        scene.historian.go_round()
    assert scene.valid() == dict.fromkeys(KEYS, 7)


def test_targets_come_and_go_with_their_windows(scene: Scene) -> None:
    scene.historian.go_round()

    scene.recorder.replace(scene.memories("a/new", *KEYS[1:]))
    scene.historian.go_round()
    assert scene.valid() == dict.fromkeys(("a/new", *KEYS[1:]), 7)

    scene.recorder.replace(scene.memories(*KEYS))
    assert scene.valid().keys() == set(KEYS[1:])


def test_a_stop_ends_a_round_after_the_target_under_way(scene: Scene) -> None:
    scene.historian.stop()

    scene.historian.go_round()

    assert scene.valid().keys() == {KEYS[0]}


def test_it_goes_round_by_itself_and_on_after_a_fault(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_EVERY_SECONDS", 0.001)
    broken = [ValueError("ours")]

    def shown() -> tuple[str, ...]:
        if broken:
            raise broken.pop()
        return KEYS

    monkeypatch.setattr(Recorder, "shown", property(lambda _: shown()))
    scene.historian.start()
    wait_until(lambda: len(scene.asked) > 5)
    scene.historian.stop()

    assert [str(each) for each in scene.errors] == ["ours"]
    assert scene.valid() == dict.fromkeys(KEYS, 7)
