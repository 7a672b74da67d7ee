"""Healths: the machine's state per target and vantage, so that a restart resumes."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from monitor.model.health import Health, State
from monitor.model.triple import Triple
from monitor.store import tables
from monitor.store.upsert import execute_many, insert_many_into

_FIELDS = tuple(field.name for field in fields(Health))
_fields_of = attrgetter(*_FIELDS)


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
    """Keep the health after the last of *triples*, which come in the order of their runs.

    Not the one with the latest instant: after a step back of the clock that is an old one.
    """
    newest = {
        (triple.result.target, triple.result.vantage): triple.health
        for triple in triples
        if triple.health is not None
    }
    rows = [
        {"target_id": target_ids[target], "vantage": vantage} | _to_row(health)
        for (target, vantage), health in newest.items()
    ]
    if rows:
        execute_many(connection, _upsert(connection.dialect.name), rows)


@cache
def _upsert(dialect: str) -> sqlite.Insert | postgresql.Insert:
    insert = insert_many_into(tables.health, dialect)
    return insert.on_conflict_do_update(
        index_elements=tables.health.primary_key.columns,
        set_={name: insert.excluded[name] for name in _FIELDS},
    )


def _to_row(health: Health) -> dict[str, Any]:
    return dict(zip(_FIELDS, _fields_of(health), strict=True))


def _to_health(values: Sequence[Any]) -> Health:
    row = dict(zip(_FIELDS, values, strict=True))
    row["state"] = State(row["state"])
    row["blocked_from"] = State(row["blocked_from"]) if row["blocked_from"] else None
    return Health(**row)
