"""Healths: the machine's state per target and vantage, so that a restart resumes."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any

from sqlalchemy import Connection, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from monitor.model.health import Health, State
from monitor.model.triple import Triple
from monitor.store import tables
from monitor.store.upsert import insert_into

_FIELDS = tuple(field.name for field in fields(Health))


def read_healths(connection: Connection, vantage: str) -> dict[str, Health]:
    """Read what is believed from a vantage, by target key; retired targets included."""
    columns = (tables.health.c[name] for name in _FIELDS)
    query = (
        select(tables.target.c.key, *columns)
        .join_from(tables.health, tables.target)
        .where(tables.health.c.vantage == vantage)
    )
    return {key: _to_health(values) for key, *values in connection.execute(query)}


def write_healths(
    connection: Connection, target_ids: Mapping[str, int], triples: Sequence[Triple]
) -> None:
    """Keep the newest health of each target; one that rests on an older result changes nothing."""
    newest: dict[tuple[str, str], Health] = {}
    for triple in triples:
        key = (triple.result.target, triple.result.vantage)
        if triple.health is not None and _is_as_new(triple.health, newest.get(key)):
            newest[key] = triple.health
    rows = [
        {"target_id": target_ids[target], "vantage": vantage} | _to_row(health)
        for (target, vantage), health in newest.items()
    ]
    if rows:
        connection.execute(_upsert_newer(connection.dialect.name), rows)


def _is_as_new(health: Health, known: Health | None) -> bool:
    if known is None or known.last_result_at is None:
        return True
    return health.last_result_at is not None and health.last_result_at >= known.last_result_at


@cache
def _upsert_newer(dialect: str) -> sqlite.Insert | postgresql.Insert:
    insert = insert_into(tables.health, dialect)
    known, given = tables.health.c.last_result_at, insert.excluded.last_result_at
    return insert.on_conflict_do_update(
        index_elements=tables.health.primary_key.columns,
        set_={name: insert.excluded[name] for name in _FIELDS},
        where=or_(known.is_(None), given >= known),
    )


def _to_row(health: Health) -> dict[str, Any]:
    return {name: getattr(health, name) for name in _FIELDS}


def _to_health(values: Sequence[Any]) -> Health:
    row = dict(zip(_FIELDS, values, strict=True))
    row["state"] = State(row["state"])
    return Health(**row)
