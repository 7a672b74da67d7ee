"""Databases for tests: a fresh one for each, of either kind, with tables or without."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

import psycopg
from sqlalchemy import text

from monitor.store import tables
from monitor.store.engine import open_engine
from monitor.store.migrate import upgrade
from tests.postgres import server

KINDS = ("sqlite", "postgresql")
_GOLDEN = Path(__file__).parent / "golden"


@contextmanager
def fresh_database(kind: str, folder: Path, *, migrated: bool) -> Iterator[str]:
    """Make a database of a kind and give its URL; SQLite's is `monitor.db` in *folder*."""
    if kind == "postgresql":
        with server().database(migrated=migrated) as url:
            yield url
    else:
        file = folder / "monitor.db"
        if migrated:
            file.write_bytes(_migrated_file())
        yield f"sqlite:///{file}"


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Let another program hold the lock for writing; who reads is not kept out."""
    holder = open_engine(url)
    with holder.begin() as connection:
        if holder.dialect.name == "postgresql":
            names = ", ".join(f'"{name}"' for name in tables.metadata.tables)
            connection.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
        yield
    holder.dispose()


def impatient(url: str) -> str:
    """Give the URL of a database for one who waits for no lock."""
    if url.startswith("sqlite"):
        return f"{url}?timeout=0.01"
    return f"{url}&options=-c%20lock_timeout%3D10"


def load_first_release(url: str) -> None:
    """Fill a database with what the first release left behind: its tables, and rows of a life."""
    kind, _, rest = url.partition(":///")
    if kind == "sqlite":
        with closing(sqlite3.connect(rest)) as file:
            file.executescript((_GOLDEN / "first-release.sqlite.sql").read_text())
    else:
        with psycopg.connect(url) as server:
            server.execute((_GOLDEN / "first-release.postgresql.sql").read_bytes())


@cache
def _migrated_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "monitor.db"
        engine = open_engine(f"sqlite:///{file}")
        upgrade(engine)
        engine.dispose()
        return file.read_bytes()
