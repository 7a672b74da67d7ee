"""Planned work on targets: told while it is, and left out of one of the uptimes."""

from datetime import datetime, timedelta

import pytest

from monitor.health.past import Past, pack
from monitor.health.rollup import Bucket
from monitor.health.stats import Counts
from monitor.model.maintenance import Maintenance
from monitor.model.outcome import Outcome
from monitor.model.snapshot import TargetView
from monitor.model.window import LONG_WINDOWS
from monitor.recorder.recorder import Recorder
from tests.factories import make_result
from tests.fakes import START, FakeClock, ListSink
from tests.unit.recorder.test_memory import make_memory

MINUTE = timedelta(minutes=1)


def work(begin: float, end: float, target: str = "acme/*") -> Maintenance:
    """From one minute after the start to another."""
    return Maintenance(
        targets=(target,), begin_at=START + begin * MINUTE, end_at=START + end * MINUTE, reason="x"
    )


class Scene:
    """A target that fails from minute 10 to minute 20, of 30."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.recorder = Recorder({"acme/large": make_memory()}, ListSink(), clock, "here")
        for minute in range(30):
            self.clock.advance(60)
            outcome = Outcome.SERVER_ERROR if 10 <= minute < 20 else Outcome.OK
            self.recorder.record(make_result(outcome, minute=minute))

    def view(self) -> TargetView:
        (view,) = self.recorder.refresh().targets
        return view


@pytest.fixture
def scene(clock: FakeClock) -> Scene:
    return Scene(clock)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        pytest.param(work(10, 20), 1.0, id="all failures were planned"),
        pytest.param(work(15, 20), 20 / 25, id="half of them were"),
        pytest.param(work(10, 15), 20 / 25, id="a run at the begin is in it, one at the end not"),
        pytest.param(work(100, 200), 2 / 3, id="it is yet to come"),
        pytest.param(work(-100, 200), None, id="it was all the time"),
    ],
)
def test_uptime_is_told_without_the_work_exactly(
    scene: Scene, rule: Maintenance, expected: float | None
) -> None:
    scene.recorder.maintain([rule])

    view = scene.view()

    assert view.outside_maintenance["24h"] == (expected and pytest.approx(expected))
    assert view.windows["24h"].uptime_ratio == pytest.approx(2 / 3)


def test_work_on_others_changes_nothing(scene: Scene) -> None:
    scene.recorder.maintain([work(10, 20, "other/*")])

    assert scene.view().outside_maintenance == {}
    assert scene.view().maintenance is None


def test_work_is_told_from_its_first_second_to_its_last(scene: Scene) -> None:
    scene.recorder.maintain([work(31, 32)])
    told = []
    for _ in range(140):
        told.append(scene.view().maintenance is not None)
        scene.clock.advance(1)

    assert told == [False] * 60 + [True] * 60 + [False] * 20


def test_long_windows_leave_out_whole_hours_of_what_was_folded_and_of_memory(
    scene: Scene,
) -> None:
    hour = START.timestamp()
    begins = {name: START - timedelta(seconds=each) for name, each in LONG_WINDOWS.items()}
    folded = pack(Bucket(counts=Counts(100, 50, 100, 100, 50, 100)))
    past = Past(
        begins=begins,
        sums=(folded,) * len(begins),
        waiting=((hour, float("inf")),),
        maintained=((hour - 7200, 0, 40), (begins["30d"].timestamp() - 3600, 0, 5)),
    )
    rules = [work(-115, -90), work(5, 6)]
    scene.recorder.maintain(rules)

    scene.recorder.reckon("acme/large", past)
    known = scene.view().outside_maintenance

    assert scene.view().windows["30d"].uptime_ratio == pytest.approx(70 / 130)
    assert known["7d"] == known["30d"] == pytest.approx(50 / 60)
    assert known["90d"] == pytest.approx(50 / 55)


def test_the_hours_to_read_are_whole(scene: Scene) -> None:
    scene.recorder.maintain([work(5, 70)])
    until = (START + timedelta(days=1)).timestamp()

    ((begin, end),) = scene.recorder.maintained("acme/large", 0.0, until)

    assert datetime.fromtimestamp(begin, START.tzinfo) == START
    assert end - begin == 7200
