"""Targets: their row outlives renamed labels and absence from the configuration."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from monitor.model.target import Target
from monitor.store import tables
from monitor.store.postgresql import Turn, take_turns
from monitor.store.upsert import insert_into

_DESCRIPTIVE = ("provider", "model", "group", "region", "dialect", "host", "simulated")


def sync_targets(
    connection: Connection,
    targets: Iterable[Target],
    now: datetime,
    awaited: tuple[str, ...] = (),
    vantage: str = "",
) -> dict[str, int]:
    """Make the table agree with the configuration.

    New targets get a row, listed ones their labels of today, and those no longer listed are
    retired until they are listed again, unless another vantage still probes them.

    Args:
        connection: In a transaction.
        targets: The listed ones.
        now: From when on it holds.
        awaited: Beginnings of the keys that a list may still name; what is known of those
            targets stays as it is until that list has come.
        vantage: Whose configuration it is.

    Returns:
        The ids of all targets ever seen, by key: a result of a target that was retired a moment
        ago is still to be written.
    """
    take_turns(connection, Turn.CONFIGURATION)
    listed = {target.key: _to_row(target, now) for target in targets}
    if listed:
        connection.execute(_upsert(connection.dialect.name), list(listed.values()))
    probed = _probed_elsewhere(connection, vantage)
    _retire(connection, probed.union(listed), now, awaited)
    return read_target_ids(connection)


def read_target_ids(connection: Connection) -> dict[str, int]:
    """Read the ids of all targets ever seen, by key."""
    rows = connection.execute(select(tables.target.c.key, tables.target.c.id))
    return {key: target_id for key, target_id in rows}  # noqa: C416 - mypy: dict() knows no Row


def read_providers(connection: Connection) -> dict[str, str]:
    """Read the providers of all targets ever seen, by key."""
    rows = connection.execute(select(tables.target.c.key, tables.target.c.provider))
    return {key: provider for key, provider in rows}  # noqa: C416 - as above


def _to_row(target: Target, now: datetime) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(target, name) for name in _DESCRIPTIVE}
    return row | {"key": target.key, "first_seen_at": now, "retired_at": None}


@cache
def _upsert(dialect: str) -> sqlite.Insert | postgresql.Insert:
    insert = insert_into(tables.target, dialect)
    return insert.on_conflict_do_update(
        index_elements=[tables.target.c.key],
        set_={name: insert.excluded[name] for name in (*_DESCRIPTIVE, "retired_at")},
    )


def _probed_elsewhere(connection: Connection, vantage: str) -> set[str]:
    """Name the targets that a schedule of another vantage holds for; that one may be stopped."""
    span = tables.schedule.c
    query = (
        select(tables.target.c.key)
        .join_from(tables.schedule, tables.target)
        .where(span.valid_to_at.is_(None), span.vantage != vantage)
    )
    return set(connection.execute(query).scalars())


def _retire(
    connection: Connection, kept: Iterable[str], now: datetime, awaited: tuple[str, ...]
) -> None:
    known = tables.target.c
    active = connection.execute(select(known.key).where(known.retired_at.is_(None))).scalars()
    unlisted = set(active).difference(kept)
    gone = [{"gone": key} for key in unlisted if not key.startswith(awaited)]
    if gone:
        retire = update(tables.target).where(known.key == bindparam("gone"))
        connection.execute(retire.values(retired_at=now), gone)
