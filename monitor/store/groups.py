"""For how long the targets of a group were available together, in hours that were folded."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Subquery,
    bindparam,
    func,
    or_,
    select,
)

from monitor.health.availability import Availability, stays, total
from monitor.health.buckets import HOUR, Resolution
from monitor.health.together import Member, Times, of_hour, times
from monitor.model.target import Kind
from monitor.store import tables
from monitor.store.transitions import read_changes

#: Times that differ by less are the same: each is a sum of some that were told to a microsecond.
_SAME_SECONDS = 1e-3


def read_together(
    connection: Connection,
    vantage: str,
    targets: Collection[str],
    begin_at: datetime,
    end_at: datetime,
) -> Availability:
    """Say for how long at least one target was available, and for how long none was.

    Mostly the database adds it up: in most hours one of the targets was available throughout.
    Only for the others the changes of state are read. What was not folded yet is left out.

    Args:
        connection: In a transaction of which all statements see the same.
        vantage: Where the runs were seen from.
        targets: The keys of the group's targets.
        begin_at: A whole UTC hour.
        end_at: As *begin_at*.
    """
    known = tables.target.c
    ids = connection.execute(select(known.id).where(known.key.in_(targets))).scalars().all()
    wanted = {"ids": ids, "vantage": vantage, "begin_at": begin_at, "end_at": end_at}
    plain = connection.execute(_plain(), wanted).one()
    parts = [Availability(*(seconds or 0.0 for seconds in plain))]
    doubtful = connection.execute(_doubtful(), wanted).all()
    if doubtful:
        states = _states(connection, vantage, ids, begin_at, end_at)
        parts += [_of_hour(at, rows, states) for at, rows in groupby(doubtful, itemgetter(0))]
    return total(parts)


def _of_hour(at: datetime, rows: Iterable[Row[Any]], states: Mapping[int, Times]) -> Availability:
    members = [Member(states[row.target_id], Availability(*row[2:])) for row in rows]
    return of_hour(at.timestamp(), (at + HOUR).timestamp(), members)


def _states(
    connection: Connection,
    vantage: str,
    ids: Sequence[int],
    begin_at: datetime,
    end_at: datetime,
) -> Mapping[int, Times]:
    span = begin_at.timestamp(), end_at.timestamp()
    return {
        number: times(stays(read_changes(connection, number, vantage, begin_at, end_at), *span))
        for number in ids
    }


@cache
def _plain() -> Select[Any]:
    hour = _hours()
    unavailable = func.sum(hour.c.told - hour.c.best)
    return select(func.sum(hour.c.best), unavailable).where(_is_plain(hour))


@cache
def _doubtful() -> Select[Any]:
    """Select what is told of each target in the other hours, hour by hour."""
    hour, rollup = _hours(), tables.rollup.c
    doubtful = select(hour.c.bucket_at).where(~_is_plain(hour))
    wanted = (rollup.bucket_at, rollup.target_id, *_told())
    query = select(*wanted).where(*_wanted(), rollup.bucket_at.in_(doubtful))
    return query.order_by(rollup.bucket_at)


def _is_plain(hour: Subquery) -> ColumnElement[bool]:
    """One target was available throughout, or no other one ever was."""
    return or_(hour.c.told - hour.c.best < _SAME_SECONDS, hour.c.sum - hour.c.best < _SAME_SECONDS)


def _hours() -> Subquery:
    rollup = tables.rollup.c
    available, unavailable = _told()
    query = select(
        rollup.bucket_at,
        func.max(available + unavailable).label("told"),
        func.max(available).label("best"),
        func.sum(available).label("sum"),
    )
    return query.where(*_wanted()).group_by(rollup.bucket_at).subquery()


def _told() -> tuple[ColumnElement[float], ColumnElement[float]]:
    return tables.rollup.c.available_seconds, tables.rollup.c.unavailable_seconds


def _wanted() -> tuple[ColumnElement[bool], ...]:
    rollup = tables.rollup.c
    return (
        rollup.target_id.in_(bindparam("ids", expanding=True)),
        rollup.kind == Kind.COMPLETION.value,
        rollup.vantage == bindparam("vantage"),
        rollup.resolution == Resolution.HOUR.value,
        rollup.bucket_at >= bindparam("begin_at"),
        rollup.bucket_at < bindparam("end_at"),
    )
