"""Whatever is stored marks the hours that it bears upon, and nothing else does."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from monitor.health.buckets import HOUR
from monitor.model.health import State, Transition
from monitor.model.result import Result
from monitor.model.target import Kind
from monitor.model.triple import Triple
from monitor.store import tables
from monitor.store.engine import Engine
from monitor.store.results import write_triples
from monitor.store.rollups import fold_due
from monitor.store.targets import sync_targets
from tests.factories import make_result, make_target
from tests.fakes import START
from tests.waiting import wait_until

KEY = "acme/large"


def write(engine: Engine, *triples: Triple | Result) -> None:
    with engine.begin() as connection:
        ids = sync_targets(connection, [make_target(KEY), make_target("b/c")], START)
        whole = [each if isinstance(each, Triple) else Triple(result=each) for each in triples]
        write_triples(connection, ids, whole)


def fold_all(engine: Engine) -> int:
    with engine.begin() as connection:
        return fold_due(connection, START + 90 * HOUR)


def marks(engine: Engine) -> list[tuple[float, str, str, str]]:
    """Give the hours that are due, counted from `START`, with their target, kind and vantage."""
    due, target = tables.rollup_due, tables.target
    query = select(due.c.hour_at, target.c.key, due.c.kind, due.c.vantage)
    with engine.connect() as connection:
        rows = connection.execute(query.join_from(due, target).order_by(*due.primary_key.columns))
        return [((hour_at - START) / HOUR, *whose) for hour_at, *whose in rows]


def down(minute: float, incident: float | None, target: str = KEY) -> Triple:
    """A run that takes the target down since the minute of its incident."""
    result = make_result(minute=minute, target=target)
    change = Transition(
        target=target,
        vantage="here",
        at=result.slot_at,
        old_state=State.UP,
        new_state=State.DOWN,
        reason="test",
        incident_at=None if incident is None else START + timedelta(minutes=incident),
        result_id=result.id,
    )
    return Triple(result=result, transition=change)


def test_a_result_marks_the_hour_of_its_slot(engine: Engine) -> None:
    late_start = make_result(minute=59.9, started_at=START + HOUR)
    write(engine, late_start, make_result(minute=60), make_result(minute=119))
    write(engine, make_result(kind=Kind.THROUGHPUT), make_result(target="b/c", vantage="there"))

    assert marks(engine) == [
        (0, KEY, "completion", "here"),
        (0, KEY, "throughput", "here"),
        (0, "b/c", "completion", "there"),
        (1, KEY, "completion", "here"),
    ]


def test_what_was_there_already_marks_nothing(engine: Engine) -> None:
    write(engine, make_result(), down(1, None))
    fold_all(engine)

    write(engine, make_result(), down(1, None))

    assert marks(engine) == []


def test_marks_are_lost_with_the_results_that_are_not_committed(engine: Engine) -> None:
    with engine.connect() as connection:
        ids = sync_targets(connection, [make_target(KEY)], START)
        write_triples(connection, ids, [Triple(result=make_result())])

    assert marks(engine) == []


@pytest.mark.parametrize(
    ("incident", "hours"),
    [
        pytest.param(None, [4], id="dated as itself"),
        pytest.param(245, [4], id="begun within its hour"),
        pytest.param(119, [1, 2, 4], id="begun in an hour that was folded"),
        pytest.param(-600, [0, 1, 2, 4], id="begun before all that is kept"),
    ],
)
def test_a_change_of_state_marks_all_hours_since_its_incident(
    engine: Engine, incident: float | None, hours: list[int]
) -> None:
    others = [make_result(target="b/c", minute=0), make_result(vantage="there", minute=61)]
    speeds = [make_result(kind=Kind.THROUGHPUT, minute=0)]
    write(engine, *(make_result(minute=each) for each in (0, 61, 122)), *others, *speeds)
    fold_all(engine)

    write(engine, down(250, incident))

    assert marks(engine) == [(hour, KEY, "completion", "here") for hour in hours]


def test_changes_of_several_targets_each_mark_their_own_hours(engine: Engine) -> None:
    minutes = (0, 61)
    write(
        engine, *(make_result(minute=each, target=key) for each in minutes for key in (KEY, "b/c"))
    )
    fold_all(engine)

    write(engine, down(62, 0), down(63, 61, "b/c"))

    assert [each[:2] for each in marks(engine)] == [(0, KEY), (1, KEY), (1, "b/c")]


def is_held_up(engine: Engine) -> bool:
    """Tell whether somebody waits for a lock."""
    if engine.dialect.name == "sqlite":
        return "Current Checked out connections: 2" in engine.pool.status()
    with engine.connect() as connection:
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(connection.execute(waiting).scalar_one())


def test_what_comes_while_its_hour_is_folded_is_due_afterwards(engine: Engine) -> None:
    """Whoever folds does not see it yet, and takes the mark away at the end."""
    write(engine, make_result())
    late = threading.Thread(target=write, args=(engine, make_result(minute=1)))
    with engine.begin() as connection:
        assert fold_due(connection, START + HOUR) == 1
        late.start()
        wait_until(lambda: is_held_up(engine) or not late.is_alive())

    late.join()
    assert marks(engine) == [(0, KEY, "completion", "here")]
