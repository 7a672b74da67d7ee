"""What is old goes, step by step; what is young, and what must outlive it, stays."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Table, func, select

from monitor.model.health import Health, State, Transition
from monitor.model.retention import Retention
from monitor.model.triple import Triple
from monitor.store import tables
from monitor.store.counters import read_totals
from monitor.store.engine import Engine, open_engine
from monitor.store.errors import StoreError
from monitor.store.healths import read_healths
from monitor.store.results import read_results, write_triples
from monitor.store.retention import Pruned, empty_log, kept_since, prune
from monitor.store.rollups import fold_due
from monitor.store.schedules import sync_schedule
from monitor.store.targets import sync_targets
from monitor.store.transitions import read_transitions
from monitor.store.trouble import Trouble, trouble_of
from tests.databases import impatient, locked
from tests.factories import make_probe, make_result, make_target
from tests.fakes import START

DAY = 24 * 60
KEEPS_TWO = Retention(raw_days=2)
NOW = START + timedelta(days=10)
#: `START` is a noon: what the two days before today begin with.
KEPT_SINCE = datetime(2026, 3, 9, tzinfo=START.tzinfo)


@pytest.fixture
def ids(engine: Engine) -> dict[str, int]:
    with engine.begin() as connection:
        return sync_targets(connection, [make_target("acme/large"), make_target("b/c")], START)


def fill(engine: Engine, ids: dict[str, int], minutes: range, vantage: str = "here") -> None:
    """Store a result of each target at these minutes; the first one changes its state."""
    triples = []
    for minute in minutes:
        for key in ids:
            result = make_result(minute=minute, target=key, vantage=vantage, ttft_seconds=0.3)
            change = Transition(
                target=key,
                vantage=vantage,
                at=result.at,
                old_state=State.UNKNOWN,
                new_state=State.UP,
                reason="ok",
                incident_at=None,
                result_id=result.id,
            )
            first = minute == minutes.start
            health = Health(state=State.UP, last_result_at=result.at)
            triples.append(
                Triple(result=result, health=health, transition=change if first else None)
            )
    with engine.begin() as connection:
        write_triples(connection, ids, triples)


def fold_all(engine: Engine) -> None:
    with engine.begin() as connection:
        fold_due(connection, NOW, limit=1000)


def slots(engine: Engine, vantage: str = "here") -> set[datetime]:
    with engine.connect() as connection:
        return {each.slot_at for each in read_results(connection, vantage, START)}


def test_results_before_the_days_that_are_kept_go(engine: Engine, ids: dict[str, int]) -> None:
    fill(engine, ids, range(0, 10 * DAY, 60))

    steps = list(prune(engine, KEEPS_TWO, NOW))

    assert min(slots(engine)) == KEPT_SINCE
    assert max(slots(engine)) == NOW - timedelta(hours=1)
    assert sum(step.rows for step in steps) == 2 * (12 + 7 * 24)
    assert {step.table for step in steps if step.rows} == {"result"}


@pytest.mark.parametrize("step_rows", [1, 7, 10, 1000])
def test_a_step_is_one_small_transaction(
    engine: Engine, ids: dict[str, int], step_rows: int
) -> None:
    fill(engine, ids, range(10))
    fold_all(engine)

    steps = list(prune(engine, KEEPS_TWO, NOW, step_rows))

    assert all(0 < step.rows <= step_rows for step in steps)
    assert sum(step.rows for step in steps) == 20
    assert slots(engine) == set()


def test_whoever_stops_between_two_steps_loses_nothing(engine: Engine, ids: dict[str, int]) -> None:
    fill(engine, ids, range(10))
    fold_all(engine)

    assert next(prune(engine, KEEPS_TWO, NOW, 4)) == Pruned(table="result", rows=4)

    with engine.connect() as connection:
        left = connection.execute(select(func.count()).select_from(tables.result)).scalar_one()
    assert left == 16
    assert sum(step.rows for step in prune(engine, KEEPS_TWO, NOW, 4)) == 16


def test_all_vantages_are_pruned_though_one_is_gone(engine: Engine, ids: dict[str, int]) -> None:
    fill(engine, ids, range(5))
    fill(engine, ids, range(5), "there")

    assert sum(step.rows for step in prune(engine, KEEPS_TWO, NOW, 3)) == 20
    assert slots(engine, "there") == set()


def buckets(engine: Engine, table: Table, resolution: str) -> set[datetime]:
    query = select(table.c.bucket_at).where(table.c.resolution == resolution)
    with engine.connect() as connection:
        return set(connection.execute(query).scalars())


@pytest.fixture
def folded(engine: Engine, ids: dict[str, int]) -> None:
    """Three days of results, a run each six hours, that are due to be folded."""
    fill(engine, ids, range(0, 3 * DAY, 360))
    with engine.begin() as connection:
        sync_schedule(connection, [make_probe(key) for key in ids], "here", START)


def test_what_goes_was_folded_before(engine: Engine, folded: None) -> None:
    steps = list(prune(engine, KEEPS_TWO, NOW, 5))

    assert slots(engine) == set()
    assert len(buckets(engine, tables.rollup, "hour")) == 12
    assert len(buckets(engine, tables.rollup, "day")) == 4
    assert sum(step.rows for step in steps) == 24


@pytest.mark.parametrize("table", [tables.rollup, tables.rollup_sketch], ids=lambda each: each.name)
def test_hours_go_later_than_results_and_days_stay(
    engine: Engine, folded: None, table: Table
) -> None:
    list(prune(engine, KEEPS_TWO, NOW))
    old = START + timedelta(days=92)

    list(prune(engine, Retention(raw_days=2, hourly_days=91), old, 3))

    assert min(buckets(engine, table, "hour")) == datetime(2026, 3, 2, tzinfo=UTC)
    assert len(buckets(engine, table, "day")) == 4


def test_days_go_where_it_is_wished(engine: Engine, folded: None) -> None:
    kept = Retention(raw_days=2, hourly_days=91, daily_days=91)

    list(prune(engine, kept, START + timedelta(days=93), 3))

    third = {datetime(2026, 3, day, tzinfo=UTC) for day in (3, 4)}
    assert buckets(engine, tables.rollup, "day") == third
    assert buckets(engine, tables.rollup_sketch, "day") == third


def test_an_hour_that_could_be_folded_again_stays(engine: Engine, folded: None) -> None:
    """Its day is made of all its hours, so a late result would make it smaller."""
    fold_all(engine)
    kept = Retention(raw_days=200, hourly_days=91, daily_days=91)

    assert list(prune(engine, kept, START + timedelta(days=150))) == []


def test_where_nothing_is_old_nothing_is_locked_or_deleted(
    engine: Engine, ids: dict[str, int]
) -> None:
    fill(engine, ids, range(10))

    assert list(prune(engine, Retention(raw_days=30), NOW)) == []
    assert len(slots(engine)) == 10


def test_counters_health_and_history_outlive_their_results(
    engine: Engine, ids: dict[str, int]
) -> None:
    fill(engine, ids, range(10))

    list(prune(engine, KEEPS_TWO, NOW))

    with engine.connect() as connection:
        assert read_totals(connection, "here")["b/c"].valid == {"completion": 10}
        assert read_healths(connection, "here").keys() == ids.keys()
        assert len(read_transitions(connection, "here", START)) == 2


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(datetime(2026, 3, 31, 0, 30, tzinfo=UTC), id="in UTC"),
        pytest.param(
            datetime(2026, 3, 31, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")),
            id="two days after a day of 23 hours",
        ),
        pytest.param(
            datetime(2026, 3, 30, 20, 30, tzinfo=ZoneInfo("America/New_York")),
            id="on another day there",
        ),
    ],
)
def test_days_are_those_of_utc(now: datetime) -> None:
    assert kept_since(now, 2) == datetime(2026, 3, 29, tzinfo=UTC)


def test_a_day_of_25_local_hours_is_kept_as_any_other() -> None:
    for hour in range(48):
        now = datetime(2026, 10, 25, tzinfo=UTC) + timedelta(hours=hour)
        local = now.astimezone(ZoneInfo("Europe/Berlin"))
        assert kept_since(local, 30) == kept_since(now, 30)


def test_the_log_can_be_emptied_while_somebody_reads(engine: Engine, ids: dict[str, int]) -> None:
    with engine.connect().execution_options(begin="BEGIN") as reading:
        list(read_results(reading, "here", START))
        fill(engine, ids, range(3))
        empty_log(engine)
    empty_log(engine)
    assert len(slots(engine)) == 3


def test_several_prune_at_once_and_each_row_goes_once(engine: Engine, ids: dict[str, int]) -> None:
    fill(engine, ids, range(0, 10 * DAY, 60))

    def sweep(_: int) -> int:
        return sum(step.rows for step in prune(engine, KEEPS_TWO, NOW, 10))

    with ThreadPoolExecutor(3) as janitors:
        gone = list(janitors.map(sweep, range(3)))

    assert sum(gone) == 2 * (12 + 7 * 24)
    assert min(slots(engine)) == KEPT_SINCE


def test_a_store_that_is_locked_is_told_in_words(
    engine: Engine, ids: dict[str, int], migrated_database: str
) -> None:
    hurried = open_engine(impatient(migrated_database))

    with locked(migrated_database), pytest.raises(StoreError, match="lock") as caught:
        list(prune(hurried, KEEPS_TWO, NOW))

    assert trouble_of(caught.value) is Trouble.LOCKED
    hurried.dispose()
