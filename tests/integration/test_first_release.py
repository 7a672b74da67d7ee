"""A database of the first release is brought up to date: every row stays, and all goes on."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.config import main as alembic
from sqlalchemy import Column, Connection, MetaData, Table, select, text

import monitor
from monitor.app.persistence import open_persistence
from monitor.config.settings import Settings
from monitor.health.buckets import DAY
from monitor.health.rollup import Run, fold, merge_buckets
from monitor.model.health import State
from monitor.model.target import Kind
from monitor.model.triple import Triple
from monitor.store.buckets import read_buckets
from monitor.store.engine import Engine, open_engine
from monitor.store.migrate import upgrade
from monitor.store.results import read_results
from monitor.store.rollups import fold_due
from tests.databases import load_first_release
from tests.factories import make_probe, make_result
from tests.fakes import START

ROOT = Path(monitor.__file__).parent.parent
SPAN = (START - DAY, START + 2 * DAY)
#: What an early checkout did not write yet.
LATER = ("dns_seconds", "first_byte_seconds", "headers_seconds", "observation_delay_seconds")


@pytest.fixture
def url(empty_database: str) -> str:
    load_first_release(empty_database)
    return empty_database


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    yield engine
    engine.dispose()


def run_alembic(url: str, *words: str) -> None:
    alembic(["-c", str(ROOT / "alembic.ini"), "-x", f"url={url}", *words])


def rows_of(connection: Connection, tables: list[Table]) -> dict[str, list[tuple[Any, ...]]]:
    """Read the named columns of the named tables as the database keeps them."""
    return {
        table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
        for table in tables
    }


def first_tables(engine: Engine) -> list[Table]:
    """Describe the tables that are there, without what a later version may add to them."""
    found = MetaData()
    found.reflect(engine)
    return [
        Table(table.name, MetaData(), *(Column(c.name, c.type) for c in table.columns))
        for table in found.sorted_tables
        if table.name != "alembic_version"
    ]


def test_an_upgrade_of_a_database_of_the_first_release_keeps_every_row(
    engine: Engine, url: str
) -> None:
    tables = first_tables(engine)
    with engine.connect() as connection:
        before = rows_of(connection, tables)
    assert {name: len(rows) for name, rows in before.items()} == {
        "target": 2,
        "result": 21,
        "schedule": 4,
        "health": 2,
        "transition": 4,
    }

    upgrade(engine)

    with engine.connect() as connection:
        assert rows_of(connection, tables) == before
        assert len(list(read_results(connection, "here", START))) == 21
    run_alembic(url, "downgrade", "0001")
    with engine.connect() as connection:
        assert rows_of(connection, tables) == before
    upgrade(engine)
    with engine.connect() as connection:
        assert rows_of(connection, tables) == before


def test_what_the_first_release_stored_is_folded(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        results = list(read_results(connection, "here", START - DAY))
    with engine.begin() as connection:
        assert fold_due(connection, SPAN[1], limit=1000) > 0

    counted: Counter[tuple[str, Kind]] = Counter()
    for key, kind in {(each.target, each.kind) for each in results}:
        own = [each for each in results if (each.target, each.kind) == (key, kind)]
        with engine.connect() as connection:
            found = read_buckets(connection, "here", key, SPAN, kind=kind)
        whole, wanted = merge_buckets(each.bucket for each in found), fold(kind, map(Run.of, own))
        assert (whole.counts, whole.spent) == (wanted.counts, wanted.spent)
        assert (whole.outcomes, whole.sketches) == (wanted.outcomes, wanted.sketches)
        counted[key, kind] = len(own)
    assert counted.total() == 21


def test_health_goes_on_and_counters_begin_at_nothing(engine: Engine, url: str) -> None:
    """As after each start of that release: a month at once would be a jump, not a restart."""
    with engine.connect() as connection:
        stored = {each.target for each in read_results(connection, "here", START - DAY)}
    probes = tuple(make_probe(key) for key in sorted(stored))

    store = open_persistence(Settings(probes=probes, vantage="here", database=url), START + DAY)

    assert store.totals == {}
    assert {each.state for each in store.healths.values()} == {State.UP}
    assert store.newest_slot_at is not None
    first = make_result(target=probes[0].target.key, slot_at=START + DAY)
    store.write([Triple(result=first)])
    store.engine.dispose()
    again = open_persistence(Settings(probes=probes, vantage="here", database=url), START + DAY)
    assert again.totals[first.target].valid == {"completion": 1}
    again.engine.dispose()


def test_a_database_from_before_the_first_release_gets_the_columns_that_it_lacks(
    engine: Engine,
) -> None:
    with engine.begin() as connection:
        for name in LATER:
            connection.execute(text(f"ALTER TABLE result DROP COLUMN {name}"))
    tables = first_tables(engine)
    with engine.connect() as connection:
        before = rows_of(connection, tables)

    upgrade(engine)

    with engine.connect() as connection:
        assert rows_of(connection, tables) == before
        results = list(read_results(connection, "here", START - DAY))
    assert len(results) == 21
    assert {each.measurement.dns_seconds for each in results} == {None}
