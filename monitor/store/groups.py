"""For how long the targets of a group were available together, in hours that were folded."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Subquery, bindparam, func, or_, select

from monitor.health.availability import Availability, stays, total
from monitor.health.buckets import HOUR, Resolution
from monitor.health.together import Hour, Times, of_hour, times, together
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
    hours = [
        Hour(at.timestamp(), (at + HOUR).timestamp(), *seconds)
        for at, *seconds in connection.execute(_doubtful(), wanted)
    ]
    parts = [Availability(*(seconds or 0.0 for seconds in plain))]
    if hours:
        group = _by_states(connection, vantage, ids, begin_at, end_at)
        parts += [of_hour(hour, group) for hour in hours]
    return total(parts)


def _by_states(
    connection: Connection,
    vantage: str,
    ids: Sequence[int],
    begin_at: datetime,
    end_at: datetime,
) -> Times:
    span = begin_at.timestamp(), end_at.timestamp()
    return together(
        times(stays(read_changes(connection, number, vantage, begin_at, end_at), *span))
        for number in ids
    )


@cache
def _plain() -> Select[Any]:
    hour = _hours()
    unavailable = func.sum(hour.c.told - hour.c.best)
    return select(func.sum(hour.c.best), unavailable).where(_is_plain(hour))


@cache
def _doubtful() -> Select[Any]:
    hour = _hours()
    query = select(hour.c.bucket_at, hour.c.told, hour.c.best, hour.c.sum)
    return query.where(~_is_plain(hour)).order_by(hour.c.bucket_at)


def _is_plain(hour: Subquery) -> ColumnElement[bool]:
    """One target was available throughout, or no other one ever was."""
    return or_(hour.c.told - hour.c.best < _SAME_SECONDS, hour.c.sum - hour.c.best < _SAME_SECONDS)


def _hours() -> Subquery:
    rollup = tables.rollup.c
    told = rollup.available_seconds + rollup.unavailable_seconds
    query = select(
        rollup.bucket_at,
        func.max(told).label("told"),
        func.max(rollup.available_seconds).label("best"),
        func.sum(rollup.available_seconds).label("sum"),
    ).where(
        rollup.target_id.in_(bindparam("ids", expanding=True)),
        rollup.kind == Kind.COMPLETION.value,
        rollup.vantage == bindparam("vantage"),
        rollup.resolution == Resolution.HOUR.value,
        rollup.bucket_at >= bindparam("begin_at"),
        rollup.bucket_at < bindparam("end_at"),
    )
    return query.group_by(rollup.bucket_at).subquery()
