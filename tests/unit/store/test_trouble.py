"""Each way in which a store fails has its word; where it can be had, from the real thing."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from monitor.store.engine import Engine, open_engine
from monitor.store.errors import StoreError
from monitor.store.trouble import Trouble, trouble_of
from tests.postgres import server

Provoke = Callable[[Path, Engine], None]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "monitor.db"


@pytest.fixture
def engine(file: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{file}?timeout=0.01")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE big (words TEXT)"))
    yield engine
    engine.dispose()


def write(engine: Engine, before: str = "SELECT 1") -> None:
    with engine.begin() as connection:
        connection.execute(text(before))
        connection.execute(text("INSERT INTO big VALUES (printf('%.1000000c', '*'))"))


@contextmanager
def locked(file: Path) -> Iterator[None]:
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    yield
    holder.close()


def lock(file: Path, engine: Engine) -> None:
    with locked(file):
        write(engine)


@pytest.mark.parametrize(
    ("provoke", "trouble"),
    [
        (lock, Trouble.LOCKED),
        (lambda _, engine: write(engine, "PRAGMA max_page_count = 10"), Trouble.FULL),
        (lambda _, engine: write(engine, "PRAGMA query_only = ON"), Trouble.READ_ONLY),
        (lambda _, engine: write(engine, "SELECT nonsense"), Trouble.OTHER),
    ],
    ids=["locked", "full", "read-only", "a mistake of ours"],
)
def test_sqlite(file: Path, engine: Engine, provoke: Provoke, trouble: Trouble) -> None:
    with pytest.raises(DBAPIError) as told:
        provoke(file, engine)

    assert trouble_of(told.value) is trouble


@pytest.fixture
def postgresql() -> Iterator[Engine]:
    with server().database(migrated=False) as url:
        engine = open_engine(url)
        yield engine
        engine.dispose()


@pytest.mark.parametrize(
    ("statement", "trouble"),
    [
        ("SET statement_timeout = 20; SELECT pg_sleep(9)", Trouble.TIMEOUT),
        ("SELECT pg_terminate_backend(pg_backend_pid())", Trouble.UNREACHABLE),
        ("SET TRANSACTION READ ONLY; CREATE TABLE x (a int)", Trouble.READ_ONLY),
        ("DO $$ BEGIN RAISE SQLSTATE '53100'; END $$", Trouble.FULL),
        ("DO $$ BEGIN RAISE SQLSTATE '53300'; END $$", Trouble.CONNECTIONS),
        ("DO $$ BEGIN RAISE SQLSTATE '55P03'; END $$", Trouble.LOCKED),
        ("DO $$ BEGIN RAISE SQLSTATE '58030'; END $$", Trouble.IO),
        ("DO $$ BEGIN RAISE SQLSTATE '08006'; END $$", Trouble.UNREACHABLE),
        ("DO $$ BEGIN RAISE SQLSTATE '25P03'; END $$", Trouble.TIMEOUT),
        ("SELECT nonsense", Trouble.OTHER),
    ],
)
def test_postgresql(postgresql: Engine, statement: str, trouble: Trouble) -> None:
    with pytest.raises(DBAPIError) as told, postgresql.begin() as connection:
        connection.exec_driver_sql(statement)

    assert trouble_of(told.value) is trouble


def test_a_server_that_has_no_room_is_known_by_its_words() -> None:
    with server().database(migrated=False) as url:
        name = url.partition("?")[0].rpartition("/")[2]
        server().execute("ALTER DATABASE {name} CONNECTION LIMIT 0", name=name)
        server().execute("DROP ROLE IF EXISTS {guest}", guest="guest")
        server().execute("CREATE ROLE {guest} LOGIN", guest="guest")
        with pytest.raises(StoreError) as told:
            open_engine(url.replace("postgres@", "guest@"))

    assert trouble_of(told.value) is Trouble.CONNECTIONS


@pytest.mark.parametrize(
    ("words", "trouble"),
    [
        ("FATAL:  sorry, too many clients already", Trouble.CONNECTIONS),
        ("FATAL:  remaining connection slots are reserved", Trouble.CONNECTIONS),
        ("connection refused", Trouble.UNREACHABLE),
    ],
)
def test_a_connection_that_never_was(words: str, trouble: Trouble) -> None:
    assert trouble_of(OperationalError("", {}, psycopg.OperationalError(words))) is trouble


def test_what_is_told_in_words_has_its_cause() -> None:
    error = StoreError("The store does not answer", where="here", remedy="Wait")
    error.__cause__ = PoolTimeoutError("all in use")

    assert trouble_of(error) is Trouble.CONNECTIONS
    assert trouble_of(ValueError("ours")) is Trouble.OTHER
    assert trouble_of(OperationalError("", {}, psycopg.InterfaceError("odd"))) is Trouble.OTHER
