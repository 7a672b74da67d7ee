"""Rollups: hours are marked with their results, folded later, and their days merged anew.

Folding an hour makes its bucket from all its results, so it may be done again at any time, until
the first of them may have been pruned: then the bucket is sealed. For how long a target was
available follows from more than these: from changes of state, which mark all hours from their
incident on, and from the last runs before an hour, which tell something of its begin.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, Table, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from monitor.health.availability import Availability
from monitor.health.buckets import HOUR, Resolution, Stretch, steps
from monitor.health.rollup import Bucket, merge_buckets
from monitor.model.target import Kind
from monitor.store import tables
from monitor.store.availability import reckon
from monitor.store.buckets import (
    Whose,
    fold_runs,
    read_stored,
    sealed_until,
    to_row,
    to_sketch_rows,
)
from monitor.store.marks import Mark, mark_waiting, marked_among, unmark
from monitor.store.postgresql import Turn, has_turn
from monitor.store.upsert import insert_into

#: Hours that are folded in one transaction: few, because the writer waits meanwhile.
_BATCH = 50


def fold_due(connection: Connection, before_at: datetime, limit: int = _BATCH) -> int:
    """Fold hours that got results since they were folded, of all vantages, the oldest first.

    Args:
        connection: In a transaction for writing; commit it soon.
        before_at: Only hours that begin before it, such as the running hour's begin.
        limit: The most hours.

    Returns:
        How many hours were done with. 0: there is nothing to do (or others are at it).
    """
    # Two who folded hours of one day would each make the day without the other's hour.
    if not has_turn(connection, Turn.FOLDING):
        return 0
    due = tables.rollup_due.c
    query = (
        select(*(due[name] for name in Mark._fields))
        .where(due.hour_at < before_at)
        .order_by(*(due[name] for name in Mark._fields))
        .limit(limit)
        # A mark that somebody holds is written just now.
        .with_for_update(skip_locked=True)
    )
    marks = [Mark(*row) for row in connection.execute(query)]
    sealed_at = sealed_until(connection)
    whole = [mark for mark in marks if sealed_at is None or mark.hour_at >= sealed_at]
    later = _reached(connection, _fold(connection, whole, sealed_at), before_at)
    _fold(connection, later, sealed_at)
    days = {(_whose(mark), Resolution.DAY.begin_of(mark.hour_at)) for mark in (*whole, *later)}
    for whose, day_at in sorted(days):
        _merge_day(connection, whose, day_at)
    unmark(connection, marks)
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


def _fold(
    connection: Connection, marks: Iterable[Mark], sealed_at: datetime | None
) -> list[tuple[Mark, datetime]]:
    """Fold hours; give, for those of completions, up to when the runs tell something."""
    told: list[tuple[Mark, datetime]] = []
    for mark in marks:
        whose, hour_at = _whose(mark), mark.hour_at
        bucket = fold_runs(connection, whose, hour_at)
        if whose.kind == Kind.COMPLETION:
            found = reckon(connection, whose.target_id, whose.vantage, hour_at, hour_at + HOUR)
            told.append((mark, found.told_until_at))
            times = found.availability
            if sealed_at is not None and found.since_at < sealed_at:
                times = _kept(connection, whose, hour_at, times)
            bucket = replace(bucket, availability=times)
        _keep(connection, whose, Resolution.HOUR, hour_at, bucket)
    return told


def _kept(
    connection: Connection, whose: Whose, hour_at: datetime, found: Availability
) -> Availability:
    """Give what was reckoned when the runs before the hour were there, if it ever was."""
    hour = Stretch(Resolution.HOUR, hour_at, hour_at + HOUR)
    stored = read_stored(connection, whose, hour)
    return stored[0].bucket.availability if stored else found


def _reached(
    connection: Connection, told: Iterable[tuple[Mark, datetime]], before_at: datetime
) -> list[Mark]:
    """List the hours, to be folded too, of which runs of earlier ones tell something.

    They may have no result of their own, or have been folded without these runs. One that has a
    mark is folded for that; so is the first one that is not over yet, which gets a mark.
    """
    running_at = Resolution.HOUR.end_of(before_at)
    reached, waiting = set(), []
    for mark, until_at in told:
        later = steps(Resolution.HOUR, mark.hour_at + HOUR, min(until_at, running_at))
        reached |= {mark._replace(hour_at=hour_at) for hour_at in later}
        if until_at > running_at:
            waiting.append(mark._replace(hour_at=running_at))
    mark_waiting(connection, waiting)
    return sorted(reached - marked_among(connection, sorted(reached)))


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
    if bucket == Bucket():
        _drop(connection, whose, resolution, begin_at)
        return
    dialect = connection.dialect.name
    row = to_row(whose, resolution, begin_at, bucket)
    connection.execute(_upsert(tables.rollup, dialect), row)
    sketches = to_sketch_rows(whose, resolution, begin_at, bucket)
    if sketches:
        connection.execute(_upsert(tables.rollup_sketch, dialect), sketches)


def _drop(connection: Connection, whose: Whose, resolution: Resolution, begin_at: datetime) -> None:
    """Keep nothing of a span without runs, of which the runs before it tell nothing now."""
    rollup = tables.rollup
    place = {**whose._asdict(), "resolution": resolution.value, "bucket_at": begin_at}
    connection.execute(delete(rollup).where(*(rollup.c[n] == value for n, value in place.items())))


def _whose(mark: Mark) -> Whose:
    return Whose(mark.target_id, mark.kind, mark.vantage)


@cache
def _upsert(table: Table, dialect: str) -> sqlite.Insert | postgresql.Insert:
    insert = insert_into(table, dialect)
    key = table.primary_key.columns
    return insert.on_conflict_do_update(
        index_elements=key,
        set_={each.name: insert.excluded[each.name] for each in table.c if each.name not in key},
    )
