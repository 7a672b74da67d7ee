"""The first and the last failing run of an incident: what there is to show of it."""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, select

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
    wanted = {
        "key": incident.target,
        "vantage": incident.vantage,
        "begin_at": incident.begin_at,
        "end_at": incident.end_at or now,
    }
    rows = [connection.execute(_failing(is_last=each), wanted).first() for each in (False, True)]
    return Failures(*(to_result(row) if row is not None else None for row in rows))


@cache
def _failing(*, is_last: bool) -> Select[Any]:
    result, known = tables.result.c, tables.target.c
    number = select(known.id).where(known.key == bindparam("key")).scalar_subquery()
    order = (result.slot_at.desc(), result.confirm.desc()) if is_last else (result.slot_at,)
    return (
        select(*result_columns())
        .join_from(tables.result, tables.target)
        .where(
            result.target_id == number,
            result.slot_at >= bindparam("begin_at"),
            result.slot_at <= bindparam("end_at"),
            result.kind == Kind.COMPLETION.value,
            result.vantage == bindparam("vantage"),
            result.fault == Fault.PROVIDER.value,
        )
        .order_by(*order)
        .limit(1)
    )
