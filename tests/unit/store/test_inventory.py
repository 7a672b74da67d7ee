"""What a database holds, table by table."""

import pytest

from monitor.model.triple import Triple
from monitor.store import inventory, tables
from monitor.store.engine import Engine
from monitor.store.errors import StoreError
from monitor.store.inventory import TableInfo, take_inventory
from monitor.store.results import write_triples
from monitor.store.targets import sync_targets
from tests.factories import make_result, make_target
from tests.fakes import START


def infos(engine: Engine) -> dict[str, TableInfo]:
    return {each.table: each for each in take_inventory(engine).tables}


def test_every_table_is_told_of(engine: Engine) -> None:
    assert infos(engine).keys() == tables.metadata.tables.keys()
    assert {each.rows for each in infos(engine).values()} == {0}


def test_rows_bytes_and_the_oldest_are_told(engine: Engine) -> None:
    with engine.begin() as connection:
        ids = sync_targets(connection, [make_target()], START)
        triples = [Triple(result=make_result(minute=minute)) for minute in range(500)]
        write_triples(connection, ids, triples)

    result, counters = infos(engine)["result"], infos(engine)["counter_total"]

    assert (result.rows, result.oldest_at) == (500, START)
    assert result.bytes is None or result.bytes > 500 * 50
    assert counters.oldest_at is None
    assert infos(engine)["target"].oldest_at == START


def test_the_whole_is_no_less_than_its_parts(engine: Engine) -> None:
    whole = take_inventory(engine)

    assert whole.bytes >= sum(each.bytes or 0 for each in whole.tables)
    assert whole.free_bytes == (0 if engine.dialect.name == "sqlite" else None)


def test_a_sqlite_that_cannot_tell_the_size_of_a_table_says_so(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventory, "_SQLITE_SIZES", "SELECT 1, 2 FROM no_such_table")

    told = {each.bytes for each in infos(engine).values()}

    assert (told == {None}) is (engine.dialect.name == "sqlite")


def test_a_database_that_is_lost_is_told_in_words(engine: Engine) -> None:
    with engine.begin() as connection:
        tables.metadata.drop_all(connection)

    with pytest.raises(StoreError, match=r"no such table|does not exist"):
        take_inventory(engine)
