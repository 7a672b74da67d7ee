"""The engines on real databases: who waits for whom, and what an operator is told."""

import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from monitor.model.triple import Triple
from monitor.recorder.writer import Writer
from monitor.store.engine import Engine, open_engine, open_reader
from monitor.store.errors import StoreError
from monitor.store.results import read_results, write_triples
from monitor.store.targets import sync_targets
from tests.databases import impatient, locked
from tests.factories import make_result, make_target
from tests.fakes import START

PATIENCE_SECONDS = 20.0
Opener = Callable[[str], Engine]


@pytest.fixture
def url(migrated_database: str) -> str:
    return migrated_database


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "monitor.db"


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def reader(engine: Engine, url: str) -> Iterator[Engine]:
    reader = open_reader(url)
    yield reader
    reader.dispose()


def sync(engine: Engine) -> dict[str, int]:
    with engine.begin() as connection:
        return sync_targets(connection, [make_target()], START)


def count(engine: Engine) -> int:
    with engine.connect() as connection:
        return len(list(read_results(connection, "here", START)))


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        pytest.param("journal_mode", "wal", id="readers do not wait for the writer"),
        pytest.param("synchronous", 1, id="no fsync for each commit"),
        pytest.param("foreign_keys", 1, id="references are checked"),
        pytest.param("busy_timeout", 5000, id="a lock is waited for"),
    ],
)
def test_a_writers_connection_to_sqlite_is_set_up(file: Path, pragma: str, value: object) -> None:
    engine = open_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA " + pragma)).scalar_one() == value
    engine.dispose()


def test_a_change_of_tables_is_undone_with_its_transaction(engine: Engine) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        connection.execute(text("CREATE TABLE half (done INTEGER)"))
        transaction.rollback()
    assert "half" not in inspect(engine).get_table_names()


def test_readers_see_the_last_commit_while_somebody_writes(engine: Engine, reader: Engine) -> None:
    ids = sync(engine)
    with engine.begin() as connection:
        write_triples(connection, ids, [Triple(result=make_result())])
        assert count(reader) == 0
    assert count(reader) == 1


def test_a_reader_that_takes_its_time_keeps_nobody_from_writing(
    engine: Engine, reader: Engine
) -> None:
    ids = sync(engine)
    with reader.connect() as connection:
        assert list(read_results(connection, "here", START)) == []
        with engine.begin() as writing:
            assert write_triples(writing, ids, [Triple(result=make_result())]) == 1
        assert list(read_results(connection, "here", START)) == []
    assert count(reader) == 1


def test_a_reader_cannot_write(reader: Engine) -> None:
    with pytest.raises(DBAPIError, match=r"read-?only"), reader.begin() as connection:
        sync_targets(connection, [make_target()], START)


def test_readers_are_few_and_one_too_many_is_refused(reader: Engine) -> None:
    with ExitStack() as held:
        for _ in range(5):
            held.enter_context(reader.connect())
        with pytest.raises(PoolTimeoutError):
            reader.connect()


def test_a_locked_database_loses_nothing(engine: Engine, url: str) -> None:
    ids = sync(engine)
    hurried = open_engine(impatient(url))
    failed = threading.Semaphore(0)

    def write(batch: Sequence[Triple]) -> None:
        with hurried.begin() as connection:
            write_triples(connection, ids, batch)

    writer = Writer(write, batch=10, linger_seconds=0.01, on_error=lambda _: failed.release())
    writer.start()
    with locked(url):
        for minute in range(50):
            writer.put(Triple(result=make_result(minute=minute)))
        assert failed.acquire(timeout=PATIENCE_SECONDS)
        assert failed.acquire(timeout=PATIENCE_SECONDS)
        assert "lock" in str(writer.last_error)
        assert writer.pending == 50
    assert writer.stop(PATIENCE_SECONDS)
    assert (count(engine), writer.written, writer.last_error) == (50, 50, None)
    hurried.dispose()


@pytest.mark.parametrize("opens", [open_engine, open_reader])
def test_a_file_that_is_no_database_is_refused_and_left_alone(file: Path, opens: Opener) -> None:
    words = b"this is a letter to my mother, and no database at all" * 100
    file.write_bytes(words)
    with pytest.raises(StoreError, match="file is not a database") as caught:
        opens(f"sqlite:///{file}")
    assert caught.value.where == str(file)
    assert file.read_bytes() == words


@pytest.mark.parametrize("opens", [open_engine, open_reader])
def test_a_database_of_a_newer_version_is_refused(engine: Engine, url: str, opens: Opener) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer version"):
        opens(url)


def test_a_reader_refuses_a_database_without_our_tables(file: Path, empty_database: str) -> None:
    sqlite3.connect(file).close()
    with pytest.raises(StoreError, match="monitor db upgrade"):
        open_reader(empty_database)


@pytest.mark.parametrize("opens", [open_engine, open_reader])
def test_a_missing_driver_is_told_with_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, opens: Opener
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r'pip install "llm-provider-monitor\[postgresql\]"'):
        opens("postgresql://user@localhost/name")
