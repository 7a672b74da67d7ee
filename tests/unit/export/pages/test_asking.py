"""What the store is asked for the pages: over a real store of either kind."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest

from monitor.export.pages.asking import DATES, RUNS, Chronicle
from monitor.export.pages.strips import DAYS, NO_TREND, first_day, table
from monitor.health.buckets import DAY
from monitor.health.columns import Columns
from monitor.health.coverage import Span, by_interval
from monitor.health.stats import sample
from monitor.health.together import Times
from monitor.model.health import State
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from tests.factories import make_result
from tests.fakes import START, FakeClock
from tests.unit.export.scene import GONE, KEY, MIDNIGHT, ODD, Scene, change

DOWN_SECONDS = 600.0


class Memory:
    """The last day of each target, as a test has it."""

    def __init__(self, *results: Result) -> None:
        self._columns = Columns()
        for each in results:
            self._columns.insert(sample(each))

    def spans(self, target: str) -> Sequence[Span]:
        del target
        return [Span(begin_at=0.0, end_at=None, count=by_interval(60.0))]

    def samples(self, target: str, begin: float, end: float) -> Columns:
        known = self._columns if target == KEY else Columns()
        first, last = (known.after(round(each * 1e6)) for each in (begin - 1e-6, end))
        return known.cut(first, last)

    def times(self, target: str, begin: float, end: float) -> Times:
        if target != KEY:
            return Times()
        return Times([(begin + DOWN_SECONDS, end)], [(begin, begin + DOWN_SECONDS)])


class Scheduled(Memory):
    """One target is probed since an instant, and no other is."""

    def __init__(self, begin_at: datetime) -> None:
        super().__init__()
        self._begin_at = begin_at

    def spans(self, target: str) -> Sequence[Span]:
        at = self._begin_at.timestamp()
        return [Span(begin_at=at, end_at=None, count=by_interval(60.0))] if target == KEY else []


@pytest.fixture
def now(scene: Scene) -> FakeClock:
    """Two days after the story began, at noon."""
    scene.clock.advance(2 * DAY.total_seconds())
    return scene.clock


def story() -> Sequence[Result]:
    """Two hours of runs, half of one of which failed."""
    failing = range(20, 50)
    return [
        make_result(Outcome.OVERLOADED if n in failing else Outcome.OK, minute=n, ttft_seconds=0.25)
        for n in range(120)
    ]


def test_the_days_of_all_targets_come_in_one_question(scene: Scene, now: FakeClock) -> None:
    runs = story()
    scene.write(change(runs[22], State.DOWN, runs[20].slot_at), *runs)
    scene.fold()
    today = [make_result(minute=2 * 1440 - n, ttft_seconds=0.5) for n in range(30)]
    chronicle = Chronicle("here", now, Memory(*today))

    with scene.reader.connect() as connection:
        told = chronicle.fleet(connection, [KEY, ODD])

    rows = {row[0]: row for row in table(told.strips[KEY], first_day(now.now()))}
    assert len(rows) == DAYS
    begun = [cell.replace("\u00a0", " ") for cell in rows[f"{START:%Y-%m-%d}"]]
    assert begun[1:3] == ["75 %", "1"]
    assert begun[4] == "8.33 %"
    latest = [cell.replace("\u00a0", " ") for cell in rows[f"{now.now():%Y-%m-%d}"]]
    assert latest[1:4] == ["100 %", "0", "10 min"]
    assert told.strips[ODD].words == "no data yet"
    assert "newest 500\u00a0ms" in told.trends[KEY].words
    assert told.trends[ODD] == NO_TREND


def test_a_target_has_data_since_its_first_schedule_or_a_day_before_it_that_has_runs(
    scene: Scene, now: FakeClock
) -> None:
    scene.write(*story())
    scene.fold()

    def begins(begin_at: datetime) -> Mapping[str, datetime]:
        chronicle = Chronicle("here", now, Scheduled(begin_at))
        with scene.reader.connect() as connection:
            return chronicle.fleet(connection, [KEY, ODD]).begins

    # The story was on the day before.
    assert begins(START + DAY) == {KEY: MIDNIGHT}
    assert begins(START + timedelta(minutes=5)) == {KEY: START + timedelta(minutes=5)}


def test_an_incident_is_shown_with_its_first_and_its_last_failing_run(
    scene: Scene, now: FakeClock
) -> None:
    runs = story()
    ended = change(runs[50], State.RECOVERING, old=State.DOWN)
    scene.write(*runs[:22], change(runs[22], State.DOWN, runs[20].slot_at), *runs[23:50], ended)
    chronicle = Chronicle("here", now, Memory())

    with scene.reader.connect() as connection:
        ((incident, failures, _),) = chronicle.incidents(connection)
        assert chronicle.incidents(connection, (ODD, GONE)) == []

    assert failures.first is not None
    assert failures.last is not None
    assert failures.first.slot_at == incident.begin_at == runs[20].slot_at
    assert failures.last.slot_at == runs[49].slot_at


def test_an_incident_whose_runs_are_gone_is_told_all_the_same(scene: Scene, now: FakeClock) -> None:
    decided = make_result(minute=3)
    scene.write(change(decided, State.DOWN, START))
    chronicle = Chronicle("here", now, Memory())

    with scene.reader.connect() as connection:
        ((_, failures, _),) = chronicle.incidents(connection, (KEY,))

    assert failures == (None, None)


def test_what_lasts_is_told_first(scene: Scene, now: FakeClock) -> None:
    first, second, third = (make_result(minute=n) for n in (1, 60, 120))
    other = make_result(minute=5, target=ODD)
    scene.write(
        change(first, State.DOWN),
        change(second, State.UP, old=State.DOWN),
        change(third, State.DOWN),
        change(other, State.DOWN),
    )
    scene.write(change(make_result(minute=130), State.UP, old=State.DOWN))
    chronicle = Chronicle("here", now, Memory())

    with scene.reader.connect() as connection:
        told = [each.incident for each in chronicle.incidents(connection, (KEY, ODD))]

    assert [(each.target, each.is_open) for each in told] == [
        (ODD, True),
        (KEY, False),
        (KEY, False),
    ]


def test_each_date_of_a_group_is_told(scene: Scene, now: FakeClock) -> None:
    scene.write(*story())
    scene.fold()
    chronicle = Chronicle("here", now, Memory())

    with scene.reader.connect() as connection:
        told = chronicle.dates(connection, (KEY, ODD))

    days = told.points[KEY]
    assert len(days) == len(told.shares) == DATES
    (begun,) = (each for each in days if each.begin_at == MIDNIGHT)
    assert begun.stats.uptime_ratio == 0.75
    assert days[-1].begin_at == MIDNIGHT + 2 * DAY
    # Of today memory knows: ten minutes of twelve hours.
    assert told.shares[-1] == pytest.approx(1 - DOWN_SECONDS / (12 * 3600))


def test_the_newest_runs_are_told_first_and_no_more_than_are_drawn(
    scene: Scene, now: FakeClock
) -> None:
    scene.write(*story())
    chronicle = Chronicle("here", now, Memory())

    with scene.reader.connect() as connection:
        told = chronicle.runs(connection, KEY)

    assert len(told) == RUNS
    assert told[0].slot_at == START + timedelta(minutes=119)
