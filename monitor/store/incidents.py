"""Incidents: read from the transitions, newest first, so many at a time."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal, select

from monitor.model.health import State
from monitor.model.incident import Incident
from monitor.model.target import Kind
from monitor.store import tables


def read_incidents(
    connection: Connection,
    vantage: str,
    limit: int,
    target: str | None = None,
    before: int | None = None,
) -> list[Incident]:
    """Read the newest incidents, the newest first.

    Args:
        connection: In a transaction.
        vantage: Where they were seen from.
        limit: The most.
        target: The key of the only target wanted; None reads those of all, retired ones included.
        before: Only those stored before the one that has this id.
    """
    begun = tables.transition.c
    query = _query().where(begun.vantage == vantage)
    if target is not None:
        known = tables.target.c
        number = select(known.id).where(known.key == target).scalar_subquery()
        query = query.where(begun.target_id == number)
    if before is not None:
        query = query.where(begun.id < before)
    rows = connection.execute(query.order_by(begun.id.desc()).limit(limit))
    return [_to_incident(row, vantage) for row in rows]


def _query() -> Select[Any]:
    begun, result, known = tables.transition, tables.result, tables.target
    ended = begun.alias("ended")
    same_run = and_(
        result.c.target_id == begun.c.target_id,
        result.c.slot_at == begun.c.slot_at,
        result.c.kind == Kind.COMPLETION.value,
        result.c.vantage == begun.c.vantage,
        result.c.result_id == begun.c.result_id,
    )
    words = ("rule", "http_status", "provider_code", "message")
    return (
        select(
            begun.c.id,
            known.c.key,
            known.c.retired_at,
            begun.c.at,
            begun.c.incident_at,
            func.coalesce(ended.c.incident_at, ended.c.at, type_=begun.c.at.type),
            begun.c.reason,
            begun.c.result_id,
            *(result.c[name] for name in words),
        )
        .select_from(begun)
        .join(known, known.c.id == begun.c.target_id)
        .outerjoin(ended, ended.c.id == _next(begun))
        .outerjoin(result, same_run)
        .where(_is_outage())
    )


def _next(begun: Any) -> ColumnElement[int]:
    """Find the change of state that followed: who left `down` left it then."""
    later = begun.alias("later")
    return (
        select(func.min(later.c.id))
        .where(
            later.c.target_id == begun.c.target_id,
            later.c.vantage == begun.c.vantage,
            later.c.id > begun.c.id,
        )
        .correlate(begun)
        .scalar_subquery()
    )


def _is_outage() -> ColumnElement[bool]:
    # Written out, for SQLite to know that its index of such rows will do.
    down = literal(State.DOWN.value, literal_execute=True)
    return tables.transition.c.new_state == down


def _to_incident(row: Sequence[Any], vantage: str) -> Incident:
    number, target, retired_at, at, incident_at, end_at, reason, result_id, *words = row
    rule, http_status, provider_code, message = words
    return Incident(
        id=number,
        target=target,
        vantage=vantage,
        begin_at=incident_at or at,
        known_at=at,
        end_at=end_at,
        is_open=end_at is None and retired_at is None,
        retired_at=retired_at if end_at is None else None,
        reason=reason,
        rule=rule,
        http_status=http_status,
        provider_code=provider_code,
        message=message,
        result_id=result_id,
    )
