"""Brings a database to the tables of this program, with Alembic."""

import threading
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

import monitor
from monitor.store.postgresql import Turn, take_turns, unhurried
from monitor.store.telling import told

#: Alembic keeps "the" migration that runs in globals, so a process runs one at a time.
_ONE_AT_A_TIME = threading.Lock()


def head() -> str:
    """Name the newest revision that this program knows."""
    newest = _scripts().get_current_head()
    return newest or ""


def knows(revision: str) -> bool:
    """Tell whether this program has the migration that led to a revision."""
    return any(script.revision == revision for script in _scripts().walk_revisions())


def current(engine: Engine) -> str | None:
    """Read a database's revision; None if no migration ever ran there."""
    with engine.connect().execution_options(begin="BEGIN") as connection:
        return revision_of(connection)


def revision_of(connection: Connection) -> str | None:
    """Read the revision over an open connection; None if no migration ever ran there."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest revision, whole or not at all.

    Whoever starts second waits for the first and finds the work done.

    Raises:
        StoreError: Another program kept the database locked, or this user may not change it.
    """
    try:
        if current(engine) == head():
            return
        with _ONE_AT_A_TIME, engine.begin() as connection:
            _upgrade(connection)
    except DBAPIError as error:
        remedy = "Stop other programs that use this database, then start again"
        what = "The tables could not be brought up to date"
        raise told(error, what, engine.url, remedy) from error


def lock(connection: Connection) -> None:
    """Keep other migrations out until this transaction ends; waits for one that runs.

    In SQLite the transaction itself is the lock, because it began with BEGIN IMMEDIATE. In
    PostgreSQL the statements of the transaction take as long as they take from here on, but
    wait for the locks of others no longer than those of every transaction: behind a change of
    tables that waits, every other program waits too.
    """
    if connection.dialect.name != "postgresql":
        return
    unhurried(connection)
    take_turns(connection, Turn.MIGRATION)
    connection.execute(text("SET LOCAL lock_timeout TO DEFAULT"))


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_folder()).replace("%", "%%"))
    return config


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory(_folder())


def _folder() -> Path:
    """Find the scripts: inside the package in a wheel, beside it in a source checkout."""
    package = Path(monitor.__file__).parent
    packed = package / "migrations"
    return packed if packed.is_dir() else package.parent / "migrations"
