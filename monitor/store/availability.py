"""For how long a target was available, reckoned from its transitions, its runs and its schedule.

The hours of a target are reckoned one by one, and add up to what would be reckoned of all of them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam, select

from monitor.health.availability import (
    Availability,
    Interval,
    availability,
    runup_seconds,
    stays,
    tellings,
    untold,
)
from monitor.model.target import Kind
from monitor.store import tables
from monitor.store.transitions import read_changes


class Reckoned(NamedTuple):
    """What is known of a span.

    Attributes:
        availability: For how long the target was available.
        since_at: What this was reckoned from begins so early, before the span.
        told_until_at: Up to when the runs of the span, and those before, tell something.
    """

    availability: Availability
    since_at: datetime
    told_until_at: datetime


def reckon(
    connection: Connection, target_id: int, vantage: str, begin_at: datetime, end_at: datetime
) -> Reckoned:
    """Reckon for how long a target was available in a span that is over.

    Args:
        connection: In a transaction.
        target_id: The target's number.
        vantage: Where it was seen from.
        begin_at: The first instant.
        end_at: The first instant after it; what a run tells of later times is left out.
    """
    begin, end = begin_at.timestamp(), end_at.timestamp()
    intervals = _intervals(connection, target_id, vantage)
    since_at = begin_at - timedelta(seconds=runup_seconds(intervals, begin))
    told = tellings(_heard(connection, target_id, vantage, since_at, end_at), intervals)
    known = stays(read_changes(connection, target_id, vantage, begin_at, end_at), begin, end)
    told_seconds = max((until - begin for _, until in told), default=0.0)
    return Reckoned(
        availability(known, untold(told, begin, end)),
        since_at,
        begin_at + timedelta(seconds=told_seconds),
    )


def last_known(
    connection: Connection, target_id: int, vantage: str, begin_at: datetime, end_at: datetime
) -> datetime:
    """Say up to when a span is known that may be running: its end, or else its newest run.

    Args:
        connection: In a transaction.
        target_id: The target's number.
        vantage: Where it was seen from.
        begin_at: The first instant.
        end_at: The first instant after it.
    """
    wanted = {"target_id": target_id, "vantage": vantage}
    if connection.execute(_later_run(), {**wanted, "since_at": end_at}).first():
        return end_at
    within = {**wanted, "since_at": begin_at, "until_at": end_at}
    return max(connection.execute(_runs(), within).scalars(), default=begin_at)


def _intervals(connection: Connection, target_id: int, vantage: str) -> Sequence[Interval]:
    spans = connection.execute(_schedule(), {"target_id": target_id, "vantage": vantage})
    return [Interval(begin_at.timestamp(), seconds) for begin_at, seconds in spans]


def _heard(
    connection: Connection, target_id: int, vantage: str, since_at: datetime, until_at: datetime
) -> list[float]:
    wanted = {"target_id": target_id, "vantage": vantage}
    within = {**wanted, "since_at": since_at, "until_at": until_at}
    return [at.timestamp() for at in connection.execute(_runs(), within).scalars()]


@cache
def _schedule() -> Select[Any]:
    schedule = tables.schedule
    spans = select(schedule.c.valid_from_at, schedule.c.interval_seconds)
    return spans.where(*_completions_of(schedule)).order_by(schedule.c.valid_from_at)


@cache
def _runs() -> Select[Any]:
    return _since().where(tables.result.c.slot_at < bindparam("until_at"))


@cache
def _later_run() -> Select[Any]:
    return _since().limit(1)


def _since() -> Select[Any]:
    """Select the slots whose run took place, confirm runs among them, in their order."""
    result = tables.result
    took_place = result.c.started_at.is_not(None)
    runs = select(result.c.slot_at).where(*_completions_of(result), took_place)
    return runs.where(result.c.slot_at >= bindparam("since_at")).order_by(result.c.slot_at)


def _completions_of(table: Table) -> tuple[ColumnElement[bool], ...]:
    return (
        table.c.target_id == bindparam("target_id"),
        table.c.kind == Kind.COMPLETION.value,
        table.c.vantage == bindparam("vantage"),
    )
