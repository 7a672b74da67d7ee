"""The last days of all targets, and when their outages began."""

from dataclasses import replace

from monitor.health.buckets import DAY, Resolution
from monitor.model.health import State, Transition
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.target import Kind
from monitor.model.triple import Triple
from monitor.store.days import DayCounts, read_days, read_outages
from monitor.store.engine import Engine
from monitor.store.results import write_triples
from monitor.store.targets import sync_targets
from tests.factories import make_result, make_target
from tests.fakes import START
from tests.unit.store.test_rollups import KEY, fold_all, write

MIDNIGHT = Resolution.DAY.begin_of(START)


def test_a_day_tells_what_counts_and_nothing_of_others(engine: Engine) -> None:
    good = [make_result(minute=each) for each in range(6)]
    bad = make_result(Outcome.TIMEOUT, minute=6)
    left = make_result(Outcome.RATE_LIMITED, minute=7)
    missed = make_result(Outcome.MISSED, minute=8)
    others = (
        make_result(kind=Kind.THROUGHPUT),
        make_result(vantage="there"),
        make_result(target="b/c", minute=9),
        make_result(minute=3 * 1440),
    )
    write(engine, *good, bad, left, missed, *others)
    fold_all(engine, START + 5 * DAY)

    with engine.connect() as connection:
        told = read_days(connection, "here", [KEY], MIDNIGHT, MIDNIGHT + DAY)

    (day,) = told[KEY]
    assert day == DayCounts(MIDNIGHT, 6, 7, 8, day.unavailable_seconds)
    assert told.keys() == {KEY}


def test_days_come_in_order_and_those_without_a_run_are_left_out(engine: Engine) -> None:
    write(engine, *(make_result(minute=1440 * day) for day in (2, 0, 5)))
    fold_all(engine, START + 7 * DAY)

    with engine.connect() as connection:
        told = read_days(connection, "here", [KEY], MIDNIGHT, MIDNIGHT + 5 * DAY)

    assert [day.begin_at for day in told[KEY]] == [MIDNIGHT, MIDNIGHT + 2 * DAY]


def _down(result: Result, *, is_dated: bool) -> Triple:
    transition = Transition(
        target=result.target,
        vantage=result.vantage,
        at=result.at,
        old_state=State.UP,
        new_state=State.DOWN,
        reason="timeout",
        incident_at=result.at - DAY / 24 if is_dated else None,
        result_id=result.id,
    )
    return Triple(result=result, transition=transition)


def test_an_outage_begins_with_its_first_failure(engine: Engine) -> None:
    runs = [make_result(minute=each) for each in (0, 1440, 2880)]
    up = _down(runs[2], is_dated=False)
    assert up.transition
    up = replace(up, transition=replace(up.transition, new_state=State.UP))
    with engine.begin() as connection:
        ids = sync_targets(connection, [make_target(KEY)], START)
        downs = [_down(runs[0], is_dated=False), _down(runs[1], is_dated=True)]
        write_triples(connection, ids, [*downs, up])

    with engine.connect() as connection:
        told = read_outages(connection, "here", [KEY], START)
        late = read_outages(connection, "here", [KEY], START + DAY / 2)
        other = read_outages(connection, "here", ["b/c"], START)

    assert told == {KEY: [runs[1].at - DAY / 24, START]}
    assert late == {KEY: [runs[1].at - DAY / 24]}
    assert other == {}
