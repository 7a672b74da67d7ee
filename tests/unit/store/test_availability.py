"""For how long a target was available in an hour, and what of it other hours tell."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from monitor.health.availability import Availability
from monitor.health.buckets import DAY, HOUR, Resolution
from monitor.model.health import State, Transition
from monitor.model.outcome import Outcome
from monitor.model.target import Kind
from monitor.model.triple import Triple
from monitor.store import tables
from monitor.store.buckets import read_buckets
from monitor.store.engine import Engine
from monitor.store.fleet import fold_rest, read_folded
from monitor.store.results import write_triples
from monitor.store.rollups import fold_due, seal
from monitor.store.schedules import sync_schedule
from monitor.store.targets import read_target_ids, sync_targets
from tests.factories import make_probe, make_result
from tests.fakes import START

KEY = "acme/large"
#: A run each ten minutes; so each tells something for half an hour.
PROBE = make_probe(KEY, interval_seconds=600.0)


@pytest.fixture(autouse=True)
def probed(engine: Engine) -> None:
    with engine.begin() as connection:
        sync_targets(connection, [PROBE.target], START)
        sync_schedule(connection, [PROBE], "here", START)


def run(
    minute: float, state: State | None = None, incident: float | None = None, **given: Any
) -> Triple:
    """A run that may change the state."""
    result = make_result(**{"minute": minute, **given})
    if state is None:
        return Triple(result=result)
    change = Transition(
        target=KEY,
        vantage="here",
        at=result.slot_at,
        old_state=State.UNKNOWN,
        new_state=state,
        reason="test",
        incident_at=None if incident is None else START + timedelta(minutes=incident),
        result_id=result.id,
    )
    return Triple(result=result, transition=change)


def write(engine: Engine, *triples: Triple) -> None:
    with engine.begin() as connection:
        write_triples(connection, read_target_ids(connection), triples)


def fold_all(engine: Engine, hours: int = 12) -> None:
    with engine.begin() as connection:
        while fold_due(connection, START + hours * HOUR):
            pass


def by_hour(engine: Engine) -> dict[float, Availability]:
    """Give the minutes of each hour that is kept or due, by its number from `START`."""
    with engine.connect() as connection:
        found = read_buckets(
            connection, "here", KEY, (START, START + 12 * HOUR), resolution=Resolution.HOUR
        )
    return {
        (begin_at - START) / HOUR: Availability(*(n / 60 for n in bucket.availability))
        for begin_at, bucket in found
    }


UP = run(0, State.UP)


def test_an_hour_has_its_outage_since_the_incident(engine: Engine) -> None:
    write(engine, UP, *(run(each) for each in (10, 20, 30, 40)), run(50, State.DOWN, 30))
    fold_all(engine)

    assert by_hour(engine)[0] == (30, 30)


def test_an_outage_that_began_in_an_hour_that_was_folded_counts_there(engine: Engine) -> None:
    write(engine, UP, *(run(each) for each in (10, 20, 30, 40, 50)))
    fold_all(engine)
    assert by_hour(engine)[0] == (60, 0)

    write(engine, run(60), run(70, State.DOWN, 50))
    fold_all(engine)

    assert by_hour(engine) == {0: (50, 10), 1: (0, 40)}


def test_what_a_run_tells_reaches_into_hours_without_any(engine: Engine) -> None:
    slow = make_probe(KEY, interval_seconds=2700.0)
    with engine.begin() as connection:
        sync_schedule(connection, [slow], "here", START + timedelta(minutes=1))
    write(engine, UP, run(45))
    fold_all(engine, 1)
    assert by_hour(engine)[0] == (30 + 15, 0)

    for hours in (2, 3, 4):
        fold_all(engine, hours)

    assert by_hour(engine) == {0: (45, 0), 1: (60, 0), 2: (60, 0)}


def test_a_late_result_tells_of_the_next_hour_too(engine: Engine) -> None:
    write(engine, UP, run(20), run(80))
    fold_all(engine)
    assert by_hour(engine) == {0: (50, 0), 1: (30, 0)}

    write(engine, run(45))
    fold_all(engine)

    assert by_hour(engine) == {0: (60, 0), 1: (15 + 30, 0)}


def test_an_hour_of_which_nothing_is_told_any_more_is_not_kept(engine: Engine) -> None:
    write(engine, UP, run(45))
    fold_all(engine)
    assert by_hour(engine) == {0: (45, 0), 1: (15, 0)}

    write(engine, run(46, State.BLOCKED))
    fold_all(engine)

    assert list(by_hour(engine)) == [0]


@pytest.mark.parametrize(
    "silent",
    [
        pytest.param(run(20, outcome=Outcome.MISSED, started_at=None), id="missed"),
        pytest.param(run(20, kind=Kind.THROUGHPUT), id="another kind"),
        pytest.param(run(20, vantage="there"), id="another vantage"),
    ],
)
def test_only_completions_that_took_place_tell_something(engine: Engine, silent: Triple) -> None:
    write(engine, UP, silent)
    fold_all(engine)

    assert by_hour(engine)[0] == (30, 0)


def test_confirm_runs_tell_something_too(engine: Engine) -> None:
    write(engine, UP, run(20, confirm=1))
    fold_all(engine)

    assert by_hour(engine)[0] == (50, 0)


def test_the_running_hour_is_told_up_to_its_newest_run(engine: Engine) -> None:
    write(engine, UP, run(10), run(20))

    assert by_hour(engine) == {0: (20, 0)}
    with engine.connect() as connection:
        folded = read_folded(connection, "here", START)[KEY]
        rest = fold_rest(connection, "here", {KEY: folded.due})[KEY]
    assert folded.bucket.availability == Availability()
    assert rest.availability == Availability(1200)


def test_an_hour_that_is_over_is_read_as_it_will_be_folded(engine: Engine) -> None:
    write(engine, UP, run(10), run(50), run(70))

    assert by_hour(engine)[0] == (50, 0)
    fold_all(engine, 1)
    assert by_hour(engine)[0] == (50, 0)


def test_an_hour_keeps_what_was_told_by_runs_that_were_pruned(engine: Engine) -> None:
    write(engine, UP, run(50), run(90))
    fold_all(engine)
    with engine.begin() as connection:
        until_at = seal(connection, START + HOUR)
        result = tables.result.c.slot_at
        connection.execute(delete(tables.result).where(result < until_at))
    before = by_hour(engine)

    write(engine, run(100), run(125))
    fold_all(engine)

    assert before == {0: (40, 0), 1: (50, 0)}
    assert by_hour(engine) == {**before, 2: (35, 0)}


def days(engine: Engine, begin_at: datetime) -> Sequence[Availability]:
    with engine.connect() as connection:
        found = read_buckets(connection, "here", KEY, (begin_at, START + 2 * DAY))
        folded = read_folded(connection, "here", begin_at)[KEY].bucket
    return [*(each.bucket.availability for each in found), folded.availability]


def test_days_and_windows_add_it_up(engine: Engine) -> None:
    write(engine, UP, run(30), run(90, State.DOWN), run(95, State.UP))
    fold_all(engine)

    assert days(engine, START - DAY / 2) == [(5400.0, 300.0)] * 2
    assert days(engine, START + HOUR) == [(1500.0, 300.0), (300.0, 0.0), (1800.0, 300.0)]


def test_results_of_a_target_without_a_schedule_tell_nothing(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(delete(tables.schedule))
    write(engine, UP)
    fold_all(engine)

    assert by_hour(engine)[0] == (0, 0)
