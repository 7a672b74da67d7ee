"""Transitions: each change of state, next to the result that decided it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from monitor.model.health import State, Transition
from monitor.model.result import Result
from monitor.model.triple import Triple
from monitor.store import tables
from monitor.store.upsert import execute_many, insert_many_into


def read_transitions(connection: Connection, vantage: str, since: datetime) -> list[Transition]:
    """Read the changes of state from an instant on, in the order in which they were stored."""
    transition = tables.transition.c
    query = _transitions().where(transition.vantage == vantage, transition.at >= since)
    return [_to_transition(row) for row in connection.execute(query.order_by(transition.id))]


def read_changes(
    connection: Connection, target_id: int, vantage: str, begin_at: datetime, end_at: datetime
) -> list[Transition]:
    """Read what decides in which state a target was when within a span.

    That is, dated as their incidents, the last change up to its begin and those after that one.

    Args:
        connection: In a transaction.
        target_id: The target's number.
        vantage: Where it was seen from.
        begin_at: The first instant.
        end_at: The first instant after it.
    """
    wanted = {"target_id": target_id, "vantage": vantage}
    first = connection.execute(_last_before(), {**wanted, "begin_at": begin_at}).all()
    # What was stored before that one is over by then, or was taken back by a step of the clock.
    after = {"after_id": first[0][0] if first else 0, "end_at": end_at}
    rows = (*first, *connection.execute(_next(), wanted | after))
    return [_to_transition(row[1:]) for row in rows]


def write_transitions(
    connection: Connection, target_ids: Mapping[str, int], triples: Sequence[Triple]
) -> None:
    """Write the transitions of results that were stored in this very transaction."""
    rows = [
        _to_row(triple.transition, triple.result, target_ids)
        for triple in triples
        if triple.transition is not None
    ]
    if rows:
        execute_many(connection, _insert_new(connection.dialect.name), rows)


def _transitions(*first: ColumnElement[Any]) -> Select[Any]:
    transition = tables.transition.c
    return select(
        *first,
        tables.target.c.key,
        transition.vantage,
        transition.at,
        transition.old_state,
        transition.new_state,
        transition.reason,
        transition.incident_at,
        transition.result_id,
    ).join_from(tables.transition, tables.target)


@cache
def _last_before() -> Select[Any]:
    query = _of_target().where(_changed_at() <= bindparam("begin_at"))
    return query.order_by(tables.transition.c.id.desc()).limit(1)


@cache
def _next() -> Select[Any]:
    number = tables.transition.c.id
    query = _of_target().where(number > bindparam("after_id"), _changed_at() < bindparam("end_at"))
    return query.order_by(number)


def _of_target() -> Select[Any]:
    transition = tables.transition.c
    return _transitions(transition.id).where(
        transition.target_id == bindparam("target_id"), transition.vantage == bindparam("vantage")
    )


def _changed_at() -> ColumnElement[datetime]:
    return func.coalesce(tables.transition.c.incident_at, tables.transition.c.at)


@cache
def _insert_new(dialect: str) -> sqlite.Insert | postgresql.Insert:
    table = tables.transition
    key = (table.c.target_id, table.c.vantage, table.c.result_id)
    return insert_many_into(table, dialect).on_conflict_do_nothing(index_elements=key)


def _to_row(
    transition: Transition, result: Result, target_ids: Mapping[str, int]
) -> dict[str, Any]:
    # What decides is the result beside it: that reference cannot be wrong.
    return {
        "target_id": target_ids[result.target],
        "vantage": result.vantage,
        "at": transition.at,
        "old_state": transition.old_state,
        "new_state": transition.new_state,
        "reason": transition.reason,
        "incident_at": transition.incident_at,
        "slot_at": result.slot_at,
        "result_id": result.id,
    }


def _to_transition(row: Sequence[Any]) -> Transition:
    target, vantage, at, old_state, new_state, reason, incident_at, result_id = row
    return Transition(
        target=target,
        vantage=vantage,
        at=at,
        old_state=State(old_state),
        new_state=State(new_state),
        reason=reason,
        incident_at=incident_at,
        result_id=result_id,
    )
