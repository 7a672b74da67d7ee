"""PostgreSQL with several daemons and readers at once, and with partitions of its operator."""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

import monitor
from monitor.model.retention import Retention
from monitor.store.engine import Engine, open_engine, open_reader
from monitor.store.inventory import take_inventory
from monitor.store.results import read_results, write_triples
from monitor.store.retention import prune
from monitor.store.targets import read_target_ids, sync_targets
from monitor.store.transfer import transfer
from tests.databases import fresh_database
from tests.factories import make_result, make_target
from tests.fakes import START
from tests.integration.test_postgresql import change, counts

#: How the operator is told to divide the results.
_TOLD = (Path(monitor.__file__).parents[1] / "docs" / "operating.md").read_text()
(_DIVIDE,) = re.findall(r"^```sql\n(.+?);\n```$", _TOLD, re.DOTALL | re.MULTILINE)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with fresh_database("postgresql", tmp_path, migrated=True) as url:
        yield url


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    yield engine
    engine.dispose()


def test_several_writers_and_readers_at_once_see_whole_triples(engine: Engine, url: str) -> None:
    vantages = ("fra", "iad", "sin", "syd")
    keys = [f"acme/m{number}" for number in range(20)]
    is_over = threading.Event()

    def daemon(vantage: str) -> None:
        mine = open_engine(url)
        with mine.begin() as connection:
            ids = sync_targets(connection, [make_target(key) for key in keys], START)
        for minute in range(25):
            run = [change(make_result(target=k, vantage=vantage, minute=minute)) for k in keys]
            with mine.begin() as connection:
                write_triples(connection, ids, run)
        mine.dispose()

    def page() -> int:
        looks, mine = 0, open_reader(url)
        while not is_over.is_set() or not looks:
            results, transitions = counts(mine)
            assert results == transitions
            looks += 1
        mine.dispose()
        return looks

    with ThreadPoolExecutor(6) as pool:
        readers = [pool.submit(page) for _ in range(2)]
        list(pool.map(daemon, vantages))
        is_over.set()
        assert all(reader.result() > 0 for reader in readers)
    assert counts(engine) == (2000, 2000)


def test_daemons_that_agree_on_nothing_do_not_block_each_other(engine: Engine, url: str) -> None:
    keys = [f"acme/m{number}" for number in range(30)]

    def configure(number: int) -> None:
        mine = open_engine(url)
        for turn in range(10):
            chosen = [key for place, key in enumerate(keys) if (place + turn) % (number + 2)]
            wanted = [make_target(key) for key in chosen[:: 1 if number % 2 else -1]]
            with mine.begin() as connection:
                sync_targets(connection, wanted, START)
        mine.dispose()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(configure, range(4)))
    with engine.connect() as connection:
        assert read_target_ids(connection).keys() == set(keys)


def test_results_may_be_divided_by_their_slots(engine: Engine, url: str, tmp_path: Path) -> None:
    """All goes on, and what is old may also go partition by partition."""
    with engine.begin() as connection:
        ids = sync_targets(connection, [make_target()], START)
        write_triples(connection, ids, [change(make_result(minute=n)) for n in range(5)])
    with engine.begin() as connection:
        for statement in _DIVIDE.split(";"):
            connection.execute(text(statement))

    days = [change(make_result(minute=n * 1440)) for n in range(60)]
    for _ in range(2):
        with engine.begin() as connection:
            write_triples(connection, ids, [*days, *days])

    assert counts(engine) == (64, 64)
    held = {each.table: each for each in take_inventory(engine).tables}["result"]
    assert (held.rows, held.oldest_at) == (64, START)
    assert held.bytes is not None
    assert held.bytes > 2 * 8192
    now = START + timedelta(days=60)
    assert sum(step.rows for step in prune(engine, Retention(raw_days=10), now)) == 54
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE result_2026_03"))
    with engine.connect() as connection:
        left = list(read_results(connection, "here", START))
    assert len(left) == 10

    with fresh_database("sqlite", tmp_path, migrated=True) as other:
        copy, reader = open_engine(other), open_reader(url)
        transfer(reader, copy, lambda _table, _rows: None)
        with copy.connect() as connection:
            assert list(read_results(connection, "here", START)) == left
        copy.dispose()
        reader.dispose()
