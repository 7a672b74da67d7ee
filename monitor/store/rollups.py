"""Rollups: hours are marked with their results, folded later, and their days merged anew.

Folding an hour makes its bucket from all its results, so it may be done again at any time, until
the first of them may have been pruned: then the bucket is sealed.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from monitor.health.buckets import Resolution, Stretch
from monitor.health.rollup import Bucket, merge_buckets
from monitor.model.result import Result
from monitor.store import tables
from monitor.store.buckets import (
    Whose,
    fold_raw,
    read_stored,
    sealed_until,
    to_row,
    to_sketch_rows,
)
from monitor.store.upsert import insert_into

_MARK = ("hour_at", *Whose._fields)
#: Hours that are folded in one transaction: few, because the writer waits meanwhile.
_BATCH = 50


def mark_due(
    connection: Connection, target_ids: Mapping[str, int], results: Iterable[Result]
) -> None:
    """Have the hours of results folded that were stored in this very transaction."""
    hours = {
        (
            Resolution.HOUR.begin_of(result.slot_at),
            target_ids[result.target],
            result.kind.value,
            result.vantage,
        )
        for result in results
    }
    rows = [dict(zip(_MARK, hour, strict=True)) for hour in sorted(hours)]
    if rows:
        connection.execute(_mark(connection.dialect.name), rows)


def fold_due(connection: Connection, before_at: datetime, limit: int = _BATCH) -> int:
    """Fold hours that got results since they were folded, of all vantages, the oldest first.

    Args:
        connection: In a transaction for writing; commit it soon.
        before_at: Only hours that begin before it, such as the running hour's begin.
        limit: The most hours.

    Returns:
        How many hours were done with. 0: there is nothing to do (or others are at it).
    """
    due = tables.rollup_due.c
    query = (
        select(*(due[name] for name in _MARK))
        .where(due.hour_at < before_at)
        .order_by(*(due[name] for name in _MARK))
        .limit(limit)
        # A mark that somebody holds is written, or folded, just now.
        .with_for_update(skip_locked=True)
    )
    marks = [(hour_at, Whose(*whose)) for hour_at, *whose in connection.execute(query)]
    sealed_at = sealed_until(connection)
    whole = [mark for mark in marks if sealed_at is None or mark[0] >= sealed_at]
    for hour_at, whose in whole:
        bucket = fold_raw(connection, whose, hour_at)
        _keep(connection, whose, Resolution.HOUR, hour_at, bucket)
    for day_at, whose in sorted({(Resolution.DAY.begin_of(at), whose) for at, whose in whole}):
        _merge_day(connection, whose, day_at)
    _unmark(connection, marks)
    return len(marks)


def seal(connection: Connection, until_at: datetime) -> datetime:
    """Say that results up to an instant will be pruned: their hours are never folded again.

    To be called in the transaction that deletes them, or in one before it.

    Args:
        connection: In a transaction for writing.
        until_at: Nothing from this instant on will be pruned.

    Returns:
        Up to when results may really be pruned: a whole hour, before all that is due.
    """
    due = tables.rollup_due.c.hour_at
    sealed_at = sealed_until(connection)
    waiting = select(func.min(due))
    if sealed_at is not None:
        # What came too late for its hour is due in vain, and keeps nothing.
        waiting = waiting.where(due >= sealed_at)
    oldest = connection.execute(waiting).scalar()
    wanted = Resolution.HOUR.begin_of(until_at)
    allowed = wanted if oldest is None else min(wanted, oldest)
    if sealed_at is not None and allowed <= sealed_at:
        return min(wanted, sealed_at)
    connection.execute(delete(tables.rollup_seal))
    connection.execute(insert(tables.rollup_seal).values(until_at=allowed))
    return allowed


def _merge_day(connection: Connection, whose: Whose, day_at: datetime) -> None:
    """Make a day of its hours, as far as they were folded."""
    day = Resolution.DAY
    hours = Stretch(Resolution.HOUR, day_at, day_at + day.length)
    buckets = (each.bucket for each in read_stored(connection, whose, hours))
    _keep(connection, whose, day, day_at, merge_buckets(buckets))


def _keep(
    connection: Connection,
    whose: Whose,
    resolution: Resolution,
    begin_at: datetime,
    bucket: Bucket,
) -> None:
    dialect = connection.dialect.name
    row = to_row(whose, resolution, begin_at, bucket)
    connection.execute(_upsert(tables.rollup, dialect), row)
    sketches = to_sketch_rows(whose, resolution, begin_at, bucket)
    if sketches:
        connection.execute(_upsert(tables.rollup_sketch, dialect), sketches)


def _unmark(connection: Connection, marks: Iterable[tuple[datetime, Whose]]) -> None:
    due = tables.rollup_due.c
    gone = [dict(zip(_bound(), (hour_at, *whose), strict=True)) for hour_at, whose in marks]
    done = (due[name] == bindparam(bound) for name, bound in zip(_MARK, _bound(), strict=True))
    if gone:
        connection.execute(delete(tables.rollup_due).where(*done), gone)


def _bound() -> tuple[str, ...]:
    return tuple(f"its_{name}" for name in _MARK)


@cache
def _mark(dialect: str) -> sqlite.Insert | postgresql.Insert:
    insert = insert_into(tables.rollup_due, dialect)
    # To pass over a mark that is there would not do in PostgreSQL: whoever folds that hour just
    # now does not see our results yet, and takes the mark away. Written anew, it is held.
    return insert.on_conflict_do_update(
        index_elements=tables.rollup_due.primary_key.columns,
        set_={"hour_at": insert.excluded.hour_at},
    )


@cache
def _upsert(table: Table, dialect: str) -> sqlite.Insert | postgresql.Insert:
    insert = insert_into(table, dialect)
    key = table.primary_key.columns
    return insert.on_conflict_do_update(
        index_elements=key,
        set_={each.name: insert.excluded[each.name] for each in table.c if each.name not in key},
    )
