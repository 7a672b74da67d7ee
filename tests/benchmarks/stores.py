"""Databases as an operator has them: durable, and with room to work."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from urllib.parse import quote

from sqlalchemy import event, text

from monitor.store.engine import Engine, open_engine
from monitor.store.migrate import upgrade
from monitor.store.retention import empty_log
from tests.e2e.own_postgres import own_postgres

_POSTGRESQL = ("shared_buffers=256MB", "max_wal_size=4GB", "work_mem=64MB")
#: Nobody looks whether each row's target exists: the rows are copies of good ones.
_HURRY = "-c session_replication_role=replica -c synchronous_commit=off -c statement_timeout=0"


@contextmanager
def store(kind: str, folder: Path) -> Iterator[str]:
    """Make a database with all tables; give its URL."""
    if kind == "sqlite":
        yield _made(f"sqlite:///{folder}/monitor.db")
        return
    with own_postgres(_POSTGRESQL) as server:
        with server.connected() as connection:
            connection.execute("ALTER ROLE monitor SUPERUSER")
        yield _made(server.url)


@contextmanager
def hurried(url: str) -> Iterator[Engine]:
    """Open a database to fill it; what is filled in is flushed at the end only."""
    is_sqlite = url.startswith("sqlite")
    engine = open_engine(url if is_sqlite else f"{url}&options={quote(_HURRY)}")
    if is_sqlite:
        event.listen(engine, "connect", _hurry)
        engine.dispose()  # so that the connection is made anew
    yield engine
    if is_sqlite:
        empty_log(engine)
    else:
        _settle(engine)
    engine.dispose()


def _made(url: str) -> str:
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    return url


def _hurry(connection: SqliteConnection, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -500000")


def _settle(engine: Engine) -> None:
    """Do what autovacuum and the checkpointer would do by and by."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in ("VACUUM ANALYZE", "CHECKPOINT"):
            connection.execute(text(statement))
