"""What the last days of all targets add up to, in two statements: what pages draw as bars."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, func, literal, select

from monitor.health.buckets import Resolution
from monitor.model.health import State
from monitor.model.target import Kind
from monitor.store import tables

#: Outages of so many are counted; a fleet with more of them has other troubles.
_MOST_OUTAGES = 20_000


class DayCounts(NamedTuple):
    """What a UTC day of a target adds up to, as far as it was folded.

    Attributes:
        begin_at: Its midnight.
        good: Scheduled completion runs that were good.
        valid: Those that count in uptime.
        executed: Those that took place and were ours to judge.
        unavailable_seconds: For how long the target was down.
    """

    begin_at: datetime
    good: int
    valid: int
    executed: int
    unavailable_seconds: float


def read_days(
    connection: Connection,
    vantage: str,
    targets: Collection[str],
    begin_at: datetime,
    end_at: datetime,
) -> Mapping[str, Sequence[DayCounts]]:
    """Read the days of some targets, oldest first; a day without a folded run is left out.

    What was not folded yet is missing: the running day for the most part, and the last hours of
    the day before for the minutes until they are folded.

    Args:
        connection: In a transaction.
        vantage: Where the runs were seen from.
        targets: The keys of those wanted.
        begin_at: The first midnight (UTC).
        end_at: The midnight behind the last day.
    """
    keys = _keys(connection, targets)
    wanted = {"ids": list(keys), "vantage": vantage, "begin_at": begin_at, "end_at": end_at}
    days: dict[str, list[DayCounts]] = defaultdict(list)
    for target_id, *counted in connection.execute(_days(), wanted):
        days[keys[target_id]].append(DayCounts(*counted))
    return days


def read_outages(
    connection: Connection, vantage: str, targets: Collection[str], begin_at: datetime
) -> Mapping[str, Sequence[datetime]]:
    """Read when the outages of some targets began, the newest first, as far back as an instant."""
    keys = _keys(connection, targets)
    wanted = {"ids": list(keys), "vantage": vantage, "begin_at": begin_at}
    begins: dict[str, list[datetime]] = defaultdict(list)
    for target_id, at in connection.execute(_outages(), wanted):
        begins[keys[target_id]].append(at)
    return begins


def _keys(connection: Connection, targets: Collection[str]) -> Mapping[int, str]:
    known = tables.target.c
    rows = connection.execute(select(known.id, known.key).where(known.key.in_(targets)))
    return {number: key for number, key in rows}  # noqa: C416 - mypy: dict() knows no Row


@cache
def _days() -> Select[Any]:
    rollup = tables.rollup.c
    counts = (rollup.good, rollup.valid, rollup.executed, rollup.unavailable_seconds)
    return (
        select(rollup.target_id, rollup.bucket_at, *counts)
        .where(
            # The list of targets drives the query: a range of the key each.
            rollup.target_id.in_(bindparam("ids", expanding=True)),
            rollup.kind == Kind.COMPLETION.value,
            rollup.vantage == bindparam("vantage"),
            rollup.resolution == Resolution.DAY.value,
            rollup.bucket_at >= bindparam("begin_at"),
            rollup.bucket_at < bindparam("end_at"),
        )
        .order_by(rollup.target_id, rollup.bucket_at)
    )


@cache
def _outages() -> Select[Any]:
    change = tables.transition.c
    begun_at = func.coalesce(change.incident_at, change.at, type_=change.at.type)
    # Written out, for SQLite to know that its index of such rows will do.
    down = literal(State.DOWN.value, literal_execute=True)
    return (
        select(change.target_id, begun_at)
        .where(
            change.vantage == bindparam("vantage"),
            change.new_state == down,
            change.at >= bindparam("begin_at"),
            change.target_id.in_(bindparam("ids", expanding=True)),
        )
        .order_by(change.id.desc())
        .limit(_MOST_OUTAGES)
    )
