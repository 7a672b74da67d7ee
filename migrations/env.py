"""Runs the migrations: for the daemon over its connection, or from the command line.

On the command line the database is `-x url=...`, else the environment variable
MONITOR_DATABASE, else `sqlite:///monitor.db`.
"""

import os

from alembic import context
from sqlalchemy import Connection

from monitor.store.engine import open_engine
from monitor.store.location import parse_url
from monitor.store.migrate import lock
from monitor.store.tables import metadata


def _url() -> str:
    given: dict[str, str] = context.get_x_argument(as_dictionary=True)
    return given.get("url") or os.environ.get("MONITOR_DATABASE") or "sqlite:///monitor.db"


def _run(connection: Connection) -> None:
    lock(connection)
    # SQLite can change a table only by copying it (batch); a new revision is written that way.
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


def _print() -> None:
    """Write the statements instead of running them (`alembic upgrade head --sql`)."""
    context.configure(url=parse_url(_url()), target_metadata=metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


def _connect_and_run() -> None:
    engine = open_engine(_url())
    with engine.begin() as connection:
        _run(connection)
    engine.dispose()


if context.is_offline_mode():
    _print()
elif "connection" in context.config.attributes:
    _run(context.config.attributes["connection"])
else:
    _connect_and_run()
