"""Retention: what is old goes in small steps, each a short transaction of its own.

So the writer never waits longer than for one step. Only results and rollups go: targets, health,
transitions, schedules and counters stay. No result goes before its hour is folded, and no hour that
could be folded again, because its day is made of all its hours. SQLite fills the pages that become
free again, so that its file stops growing; PostgreSQL's autovacuum does the like.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Engine, Table, delete, exists, select
from sqlalchemy.exc import DBAPIError

from monitor.health.buckets import Resolution
from monitor.health.rollup import Quantity
from monitor.model.retention import Retention
from monitor.store import tables
from monitor.store.postgresql import Turn, take_turns
from monitor.store.rollups import fold_due, seal
from monitor.store.telling import told

#: Rows of one step: some milliseconds. A slot that several vantages share goes as a whole.
STEP_ROWS = 1000

#: Hours that are folded in one step, before their results go; as long as deleting takes.
_STEP_HOURS = 4

#: How long emptying SQLite's log may wait for somebody who reads; the writer waits with it.
_LOG_WAIT_MS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """One step, which is committed.

    Attributes:
        table: Whose rows went.
        rows: How many; 0 where hours were folded first.
    """

    table: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Old:
    """Rows of a table that are older than they need be.

    Attributes:
        table: Whose rows.
        whose: The beginning of its key: the rows of one value of it lie in the order of *at*.
        listed: Where all values of that are listed, under the same names but for the id.
        at: Their age.
        conditions: What makes them old.
    """

    table: Table
    whose: tuple[str, ...]
    listed: Table
    at: Column[Any]
    conditions: tuple[ColumnElement[bool], ...]


def kept_since(now: datetime, days: int) -> datetime:
    """Say from when on rows are kept: a midnight of UTC, so that no day is kept by half.

    >>> from datetime import UTC
    >>> kept_since(datetime(2026, 3, 31, 12, 30, tzinfo=UTC), 30).isoformat()
    '2026-03-01T00:00:00+00:00'
    """
    return Resolution.DAY.begin_of(now) - timedelta(days=days)


def prune(
    engine: Engine, retention: Retention, now: datetime, step_rows: int = STEP_ROWS
) -> Iterator[Pruned]:
    """Delete what is older than it need be, of all vantages; pause between the steps at will.

    Args:
        engine: For writing.
        retention: How much is kept.
        now: Decides what is old.
        step_rows: About how many rows one step deletes.

    Yields:
        Each step once it is committed.

    Raises:
        StoreError: The database is locked, or lost; what was yielded is done.
    """
    try:
        yield from _steps(engine, retention, now, step_rows)
    except DBAPIError as error:
        remedy = "Try again when it can be reached and written; what is left goes then"
        raise told(error, "Not all that is old was deleted", engine.url, remedy) from error


def _steps(engine: Engine, retention: Retention, now: datetime, step_rows: int) -> Iterator[Pruned]:
    since = kept_since(now, retention.raw_days)
    while _fold(engine, since):
        yield Pruned(table=tables.rollup.name, rows=0)
    with engine.begin() as connection:
        take_turns(connection, Turn.PRUNING)
        sealed_at = seal(connection, since)
    for old in _all_old(retention, now, sealed_at):
        for whose in _holders(engine, old):
            rows = step_rows
            while rows >= step_rows:
                with engine.begin() as connection:
                    take_turns(connection, Turn.PRUNING)
                    rows = _delete(connection, old, whose, step_rows)
                if rows:
                    yield Pruned(table=old.table.name, rows=rows)


def empty_log(engine: Engine) -> None:
    """Give back the room of SQLite's write-ahead log, if nobody reads just now."""
    if engine.dialect.name != "sqlite":
        return
    with closing(engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        waits = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {_LOG_WAIT_MS}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {waits}")


def _fold(engine: Engine, before_at: datetime) -> int:
    """Fold hours that are about to lose their results; the daemon has done that long before."""
    with engine.begin() as connection:
        return fold_due(connection, before_at, _STEP_HOURS)


def _all_old(retention: Retention, now: datetime, sealed_at: datetime) -> Iterator[_Old]:
    result = tables.result
    yield _Old(
        table=result,
        whose=("target_id",),
        listed=tables.target,
        at=result.c.slot_at,
        conditions=(result.c.slot_at < sealed_at,),
    )
    for resolution, days in (
        (Resolution.HOUR, retention.hourly_days),
        (Resolution.DAY, retention.daily_days),
    ):
        if days is not None:
            yield from _old_rollups(resolution, min(kept_since(now, days), sealed_at))


def _old_rollups(resolution: Resolution, before_at: datetime) -> Iterator[_Old]:
    sketches = ({"quantity": each.value} for each in Quantity)
    parts = [(tables.rollup, {}), *((tables.rollup_sketch, each) for each in sketches)]
    for table, part in parts:
        wanted = part | {"resolution": resolution.value}
        yield _Old(
            table=table,
            whose=("target_id", "kind", "vantage"),
            listed=tables.schedule,
            at=table.c.bucket_at,
            conditions=(
                *(table.c[name] == value for name, value in wanted.items()),
                table.c.bucket_at < before_at,
            ),
        )


def _holders(engine: Engine, old: _Old) -> Sequence[Mapping[str, Any]]:
    """List whose rows are old, by one look into the key for each; locks nobody out."""
    names = {name: "id" if old.listed is tables.target else name for name in old.whose}
    listed = {name: old.listed.c[its] for name, its in names.items()}
    same = (old.table.c[name] == its for name, its in listed.items())
    query = (
        select(*(its.label(name) for name, its in listed.items()))
        .where(exists().where(*same, *old.conditions))
        .distinct()
        .order_by(*listed.values())
    )
    with engine.connect().execution_options(begin="BEGIN") as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def _delete(connection: Connection, old: _Old, whose: Mapping[str, Any], step_rows: int) -> int:
    """Delete the oldest rows: a range of the key, up to the last one of the step."""
    rows = (*(old.table.c[name] == value for name, value in whose.items()), *old.conditions)
    last = select(old.at).where(*rows).order_by(old.at).offset(step_rows - 1).limit(1)
    until = connection.execute(last).scalar()
    statement = delete(old.table).where(*rows)
    if until is not None:
        statement = statement.where(old.at <= until)
    return connection.execute(statement).rowcount
