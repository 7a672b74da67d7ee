"""A database is copied whole, from either kind to either, and goes on where the other ended."""

import itertools
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from monitor.app.persistence import Persistence, open_persistence
from monitor.cli import app
from monitor.config.settings import Settings
from monitor.health.buckets import HOUR
from monitor.model.health import Health, State, Transition
from monitor.model.outcome import Outcome
from monitor.model.triple import Triple
from monitor.store.engine import open_engine, open_reader
from monitor.store.errors import StoreError
from monitor.store.migrate import upgrade
from monitor.store.rollups import fold_due, seal
from monitor.store.tables import metadata
from monitor.store.transfer import count_rows, transfer
from tests.databases import KINDS, fresh_database
from tests.factories import make_probe, make_result
from tests.fakes import START

WAYS = list(itertools.product(KINDS, KINDS))
PROBES = (make_probe("acme/large"), make_probe("b/c"))


@pytest.fixture(params=WAYS, ids="-to-".join)
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Give the URLs of a database with tables and of one without."""
    for side in ("from", "to"):
        (tmp_path / side).mkdir()
    old, new = request.param
    with (
        fresh_database(old, tmp_path / "from", migrated=True) as source,
        fresh_database(new, tmp_path / "to", migrated=False) as destination,
    ):
        yield source, destination


def opened(url: str) -> Persistence:
    settings = Settings(probes=PROBES, discoveries=(), vantage="here", database=url)
    return open_persistence(settings, START)


def triple(minute: int) -> Triple:
    outcome = Outcome.OK if minute % 3 else Outcome.TIMEOUT
    key = PROBES[minute % 2].target.key
    result = make_result(
        outcome, minute=minute, target=key, ttft_seconds=0.1 * minute, request_id="é\t\\N\n⏳"
    )
    change = Transition(
        target=key,
        vantage="here",
        at=result.at,
        old_state=State.UNKNOWN,
        new_state=State.UP,
        reason="ok",
        incident_at=None,
        result_id=result.id,
    )
    return Triple(result=result, health=Health(state=State.UP, since_at=START), transition=change)


def settle(url: str) -> None:
    """Fold what is over, and say that the first hour may be pruned."""
    engine = open_engine(url)
    with engine.begin() as connection:
        assert fold_due(connection, START + 3 * HOUR, limit=100)
        seal(connection, START + HOUR)
    engine.dispose()


def live(url: str, minutes: range) -> None:
    store = opened(url)
    store.write([triple(minute) for minute in minutes])
    store.engine.dispose()


def content(url: str) -> dict[str, list[Any]]:
    reader = open_reader(url)
    with reader.connect() as connection:
        held = {
            name: sorted(connection.execute(select(table)).all(), key=repr)
            for name, table in metadata.tables.items()
        }
    reader.dispose()
    return held


def test_every_row_of_every_table_is_copied_as_it_was(way: tuple[str, str]) -> None:
    source, destination = way
    live(source, range(0, 400, 10))
    settle(source)
    held = content(source)
    assert all(held.values()), "a table without rows shows nothing"

    ran = CliRunner().invoke(app, ["db", "copy", source, destination])

    assert ran.exit_code == 0, ran.output
    assert "result: 40 rows copied" in ran.output
    assert content(destination) == content(source) == held
    assert len(held["transition"]) == 40


def test_a_program_is_told_what_was_copied_and_a_person_how_far_it_is(
    way: tuple[str, str],
) -> None:
    source, destination = way
    live(source, range(0, 400, 10))
    reader = open_reader(source)
    rows = count_rows(reader)
    reader.dispose()

    ran = CliRunner().invoke(app, ["db", "copy", source, destination, "--json"])

    copied = json.loads(ran.stdout)["copied"]
    assert copied["result"] == 40
    assert sum(copied.values()) == rows
    assert ran.stderr == ""


def test_every_row_is_told_once_while_it_is_copied(way: tuple[str, str]) -> None:
    source, destination = way
    live(source, range(0, 400, 10))
    reader, engine = open_reader(source), open_engine(destination)
    upgrade(engine)
    rows, told = count_rows(reader), list[int]()

    transfer(reader, engine, lambda _table, _rows: None, told.append)

    reader.dispose()
    engine.dispose()
    assert sum(told) == rows


def test_a_daemon_goes_on_where_the_other_database_ended(way: tuple[str, str]) -> None:
    source, destination = way
    live(source, range(40))
    CliRunner().invoke(app, ["db", "copy", source, destination])

    live(destination, range(30, 60))

    held = content(destination)
    assert len(held["result"]) == len(held["transition"]) == 60
    assert len({row.id for row in held["transition"]}) == 60
    assert len(held["target"]) == 2


def test_nothing_is_copied_over_what_is_there(way: tuple[str, str]) -> None:
    source, destination = way
    live(source, range(3))
    CliRunner().invoke(app, ["db", "copy", source, destination])
    before = content(destination)

    ran = CliRunner().invoke(app, ["db", "copy", source, destination])

    assert ran.exit_code == 2
    assert "holds something already" in ran.output
    assert content(destination) == before


def test_a_copy_that_fails_leaves_nothing_behind(way: tuple[str, str]) -> None:
    source, destination = way
    live(source, range(3))
    live(destination, range(0))
    empty = open_engine(destination)
    with empty.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    reader = open_reader(source)

    def give_up(table: str, _rows: int) -> None:
        if table == "result":
            raise StoreError("Enough", where="here", remedy="None")

    with pytest.raises(StoreError, match="Enough"):
        transfer(reader, empty, give_up)

    assert not any(content(destination).values())
    empty.dispose()
    reader.dispose()


def test_a_source_that_is_none_is_told(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["db", "copy", f"sqlite:///{tmp_path}/no.db", "sqlite:///x.db"])
    assert ran.exit_code == 2
    assert "no such database" in ran.output


def test_what_is_written_during_the_copy_stays_behind(way: tuple[str, str]) -> None:
    source, destination = way
    live(source, range(3))
    live(destination, range(0))
    reader, empty, daemon = open_reader(source), open_engine(destination), opened(source)
    with empty.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())

    def write_more(table: str, _rows: int) -> None:
        if table == "target":
            later = triple(0).result.slot_at + timedelta(hours=1)
            daemon.write([Triple(result=make_result(slot_at=later))])

    transfer(reader, empty, write_more)

    held = content(destination)
    assert (len(held["result"]), len(held["transition"])) == (3, 3)
    for each in (reader, empty, daemon.engine):
        each.dispose()
