"""Under a steady load the file stops growing, and nobody who writes waits for the pruning."""

import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import pytest
from sqlalchemy import func, select, text

from monitor.model.retention import Retention
from monitor.model.triple import Triple
from monitor.store import tables
from monitor.store.engine import Engine, open_engine
from monitor.store.inventory import take_inventory
from monitor.store.results import write_triples
from monitor.store.retention import empty_log, prune
from monitor.store.targets import sync_targets
from tests.factories import make_result, make_target
from tests.fakes import START

KEYS = tuple(f"acme/model-{n}" for n in range(10))
#: In few hours, because each takes longer to fold than its results to write.
PER_DAY, EVERY_MINUTES = 96, 2.5
RETENTION = Retention(raw_days=2)


@pytest.fixture
def engine(migrated_database: str) -> Iterator[Engine]:
    engine = open_engine(migrated_database)
    yield engine
    engine.dispose()


def day_of(number: int) -> Sequence[Triple]:
    """All results of a day."""
    return [
        Triple(
            result=make_result(
                minute=number * 1440 + slot * EVERY_MINUTES,
                target=key,
                ttft_seconds=0.3,
                cost_usd=1e-5,
            )
        )
        for slot in range(PER_DAY)
        for key in KEYS
    ]


def live(engine: Engine, ids: dict[str, int], number: int) -> None:
    with engine.begin() as connection:
        write_triples(connection, ids, day_of(number))


def make_room(engine: Engine) -> None:
    """Do what PostgreSQL does by itself in time, but not in tests."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM " + ", ".join(tables.metadata.tables)))


def test_the_database_stops_growing_under_a_steady_load(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        ids = sync_targets(connection, [make_target(key) for key in KEYS], START)
    base, sizes = take_inventory(engine).bytes, []
    for number in range(14):
        live(engine, ids, number)
        for _ in prune(engine, RETENTION, START + timedelta(days=number + 1)):
            pass
        empty_log(engine)
        make_room(engine)
        whole = take_inventory(engine)
        held = {each.table: each for each in whole.tables}
        rollups = sum(held[name].bytes or 0 for name in ("rollup", "rollup_sketch"))
        # These are kept for longer, so they go on growing; all else must not.
        sizes.append(whole.bytes - rollups - base)

    with engine.connect() as connection:
        rows = connection.execute(select(func.count()).select_from(tables.result)).scalar_one()
    assert rows <= 4 * PER_DAY * len(KEYS)
    assert sizes[-1] < 1.1 * sizes[5]
    log = tmp_path / "monitor.db-wal"
    assert engine.dialect.name == "postgresql" or log.stat().st_size == 0


def test_who_writes_waits_for_one_step_at_most(engine: Engine) -> None:
    with engine.begin() as connection:
        ids = sync_targets(connection, [make_target(key) for key in KEYS], START)
    for number in range(3):
        live(engine, ids, number)
    steps, waits, is_over = [], [], threading.Event()

    def sweep() -> None:
        for step in prune(engine, RETENTION, START + timedelta(days=20), 100):
            steps.append(step.rows)
            is_over.wait(0.001)
        is_over.set()

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    minute = 20 * 1440
    while not is_over.is_set():
        minute += 1
        begun = perf_counter()
        with engine.begin() as connection:
            write_triples(
                connection, ids, [Triple(result=make_result(minute=minute, target=KEYS[0]))]
            )
        waits.append(perf_counter() - begun)
    sweeper.join()

    assert sum(steps) == 3 * PER_DAY * len(KEYS)
    assert max(steps) <= 100
    assert sorted(waits)[len(waits) * 9 // 10] < 2.0  # a machine may stand still once
