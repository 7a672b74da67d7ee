"""Opens a database: one engine that writes, and one with a small pool that reads."""

from sqlite3 import Connection as SqliteConnection
from sqlite3 import OperationalError
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import ArgumentError, DBAPIError

from monitor.store.errors import StoreError
from monitor.store.location import check_file, parse_url, where
from monitor.store.migrate import head, knows, revision_of
from monitor.store.postgresql import (
    check_encoding,
    connecting,
    receive_binary,
    send_lists_unescaped,
)
from monitor.store.telling import told

__all__ = ["Connection", "Engine", "open_engine", "open_reader"]

#: How long SQLite waits for another program's lock, unless the URL says `?timeout=`.
_BUSY_SECONDS = 5

#: How often the switch to a write-ahead log may find another daemon opening the same new file.
_WAL_ATTEMPTS = 20

#: A page that finds this many readers at work gives up at once and shows its last answer.
_READERS = 5
_READER_WAIT_SECONDS = 1.0

_UNOPENED = "The database cannot be opened"


def open_engine(url: str) -> Engine:
    """Open a database for writing; SQLite's file is created where there is none.

    A transaction takes SQLite's write lock at its start, so it never fails half-way for want of
    it and includes changes of tables.

    Raises:
        StoreError: It cannot be opened, is none of ours, or was written by a newer version.
    """
    parsed = parse_url(url)
    if parsed.drivername == "sqlite":
        check_file(parsed)
    engine = _build(parsed, reads=False, pool_size=2, max_overflow=2)
    revision = _revision(engine)
    if revision is not None and not knows(revision):
        raise _newer(engine)
    return engine


def open_reader(url: str) -> Engine:
    """Open a database that is up to date for reading; its transactions lock nobody out.

    Raises:
        StoreError: It cannot be opened, or its tables are not those of this version.
    """
    parsed = parse_url(url)
    if parsed.drivername == "sqlite":
        check_file(parsed, create=False)
    engine = _build(
        parsed, reads=True, pool_size=_READERS, max_overflow=0, pool_timeout=_READER_WAIT_SECONDS
    )
    revision = _revision(engine)
    if revision is not None and not knows(revision):
        raise _newer(engine)
    if revision != head():
        engine.dispose()
        raise StoreError(
            "The database has no tables yet, or those of an older version",
            where=where(engine.url),
            remedy="Bring it up to date with `monitor db upgrade`",
        )
    return engine


def _build(url: URL, *, reads: bool, **pool: Any) -> Engine:
    if url.drivername == "sqlite":
        return _build_sqlite(url, "BEGIN" if reads else "BEGIN IMMEDIATE", **pool)
    shown, arguments = connecting(url, reads=reads)
    # As in SQLite, what a transaction reads is the state of one instant.
    isolation = {"isolation_level": "REPEATABLE READ"} if reads else {}
    try:
        engine = create_engine(
            shown,
            connect_args=arguments,
            pool_pre_ping=True,
            hide_parameters=True,
            **isolation,
            **pool,
        )
    except ArgumentError as error:
        remedy = "Check the parameters of the URL, behind its question mark"
        raise told(error, _UNOPENED, url, remedy) from error
    except ImportError as error:
        raise StoreError(
            f"The database driver is missing: {error}",
            where=where(url),
            remedy='Install it with `pip install "llm-provider-monitor[postgresql]"`',
        ) from error
    event.listen(engine, "connect", send_lists_unescaped)
    if reads:
        event.listen(engine, "connect", receive_binary)
    return engine


def _build_sqlite(url: URL, begin: str, **pool: Any) -> Engine:
    waits = {} if "timeout" in url.query else {"timeout": _BUSY_SECONDS}
    engine = create_engine(url, connect_args=waits, hide_parameters=True, **pool)
    event.listen(engine, "connect", _set_up_reader if begin == "BEGIN" else _set_up_writer)

    def start(connection: Connection) -> None:
        options = connection.get_execution_options()
        connection.exec_driver_sql(options.get("begin", begin))

    event.listen(engine, "begin", start)
    return engine


def _set_up_writer(connection: SqliteConnection, _record: object) -> None:
    _set_up(connection)
    _switch_to_wal(connection)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _set_up_reader(connection: SqliteConnection, _record: object) -> None:
    _set_up(connection)
    connection.execute("PRAGMA query_only = ON")


def _set_up(connection: SqliteConnection) -> None:
    # Transactions begin where we say so: the module's own habit of beginning them before the
    # first INSERT would leave changes of tables outside.
    connection.isolation_level = None


def _switch_to_wal(connection: SqliteConnection) -> None:
    for _ in range(_WAL_ATTEMPTS):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except OperationalError:
            # Another daemon opens the same file. The switch never waits for it, but this does.
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
        else:
            return
    connection.execute("PRAGMA journal_mode = WAL")


def _revision(engine: Engine) -> str | None:
    try:
        with engine.connect().execution_options(begin="BEGIN") as connection:
            if connection.dialect.name == "postgresql":
                check_encoding(connection)
            return revision_of(connection)
    except StoreError:
        engine.dispose()
        raise
    except DBAPIError as error:
        engine.dispose()
        remedy = "Check that it is a database of the monitor and that it can be reached"
        raise told(error, _UNOPENED, engine.url, remedy) from error


def _newer(engine: Engine) -> StoreError:
    engine.dispose()
    return StoreError(
        "The database was written by a newer version of the monitor",
        where=where(engine.url),
        remedy="Install that version, or restore a backup from before the upgrade",
    )
