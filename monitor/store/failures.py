"""The first and the last failing run of an incident: what there is to show of it."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select

from monitor.model.incident import Incident
from monitor.model.outcome import Fault
from monitor.model.result import Result
from monitor.model.target import Kind
from monitor.store import tables
from monitor.store.rows import result_columns, to_result


class Failures(NamedTuple):
    """Failing runs of an incident; None where the results were pruned.

    Attributes:
        first: The run that it began with.
        last: The newest one before its end.
    """

    first: Result | None = None
    last: Result | None = None


def read_failures(connection: Connection, incident: Incident, now: datetime) -> Failures:
    """Read the first and the last failing run of an incident.

    Args:
        connection: In a transaction.
        incident: Which.
        now: Where one ends that is open.
    """
    wanted = _of(incident, now)
    rows = [connection.execute(_failing(is_last=each), wanted).first() for each in (False, True)]
    return Failures(*(to_result(row) if row is not None else None for row in rows))


def count_failures(connection: Connection, incident: Incident, now: datetime) -> Mapping[str, int]:
    """Count the failing runs of an incident by outcome, the most frequent first.

    Confirm runs are among them. What was pruned is not counted. Arguments as of `read_failures`.
    """
    outcome, count = tables.result.c.outcome, func.count()
    query = (
        select(outcome, count)
        .where(*_is_failing())
        .group_by(outcome)
        .order_by(count.desc(), outcome)
    )
    rows = connection.execute(query, _of(incident, now))
    return {row[0]: row[1] for row in rows}


def _of(incident: Incident, now: datetime) -> dict[str, object]:
    return {
        "key": incident.target,
        "vantage": incident.vantage,
        "begin_at": incident.begin_at,
        "end_at": incident.end_at or now,
    }


@cache
def _failing(*, is_last: bool) -> Select[Any]:
    result = tables.result.c
    order = (result.slot_at.desc(), result.confirm.desc()) if is_last else (result.slot_at,)
    return (
        select(*result_columns())
        .join_from(tables.result, tables.target)
        .where(*_is_failing())
        .order_by(*order)
        .limit(1)
    )


def _is_failing() -> tuple[ColumnElement[bool], ...]:
    result, known = tables.result.c, tables.target.c
    number = select(known.id).where(known.key == bindparam("key")).scalar_subquery()
    return (
        result.target_id == number,
        result.slot_at >= bindparam("begin_at"),
        result.slot_at <= bindparam("end_at"),
        result.kind == Kind.COMPLETION.value,
        result.vantage == bindparam("vantage"),
        result.fault == Fault.PROVIDER.value,
    )
