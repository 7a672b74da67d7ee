"""Schedules: which interval each probe had and when, from which coverage is reckoned."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from monitor.model.target import Kind, Probe
from monitor.store import tables
from monitor.store.targets import read_target_ids
from monitor.store.upsert import insert_into


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleSpan:
    """A span of time in which a probe was due at one interval.

    Attributes:
        target: The target's key.
        kind: What the probe asks for.
        interval_seconds: From one slot to the next.
        valid_from_at: When the span began.
        valid_to_at: When it ended; None while it lasts.
    """

    target: str
    kind: Kind
    interval_seconds: float
    valid_from_at: datetime
    valid_to_at: datetime | None = None


class Watched(NamedTuple):
    """A target that is or was probed from a vantage.

    Attributes:
        target: Its key.
        vantage: Where from.
    """

    target: str
    vantage: str


def read_watched(connection: Connection) -> list[Watched]:
    """List which targets were ever probed from where, in order."""
    known, span = tables.target.c, tables.schedule.c
    query = select(known.key, span.vantage).join_from(tables.schedule, tables.target).distinct()
    return sorted(Watched(*row) for row in connection.execute(query))


def read_schedule(
    connection: Connection, vantage: str, target: str | None = None
) -> list[ScheduleSpan]:
    """Read the spans of a vantage, open and closed, in the order in which they began.

    Args:
        connection: In a transaction.
        vantage: Where the probes were run from.
        target: The key of the only target wanted.
    """
    span = tables.schedule.c
    query = (
        select(
            tables.target.c.key,
            span.kind,
            span.interval_seconds,
            span.valid_from_at,
            span.valid_to_at,
        )
        .join_from(tables.schedule, tables.target)
        .where(span.vantage == vantage)
        .order_by(span.valid_from_at, span.target_id, span.kind)
    )
    if target is not None:
        query = query.where(tables.target.c.key == target)
    return [
        ScheduleSpan(
            target=target,
            kind=Kind(kind),
            interval_seconds=seconds,
            valid_from_at=valid_from_at,
            valid_to_at=valid_to_at,
        )
        for target, kind, seconds, valid_from_at, valid_to_at in connection.execute(query)
    ]


def sync_schedule(
    connection: Connection,
    probes: Iterable[Probe],
    vantage: str,
    now: datetime,
    awaited: tuple[str, ...] = (),
) -> None:
    """Make the open spans agree with the configuration; call `sync_targets` before.

    A span closes when its interval changed or its probe went; a changed or new probe opens one.
    Where a target's key begins with one of *awaited*, that it went is not known yet.
    """
    wanted = {(probe.target.key, probe.kind): probe.interval_seconds for probe in probes}
    spans = read_schedule(connection, vantage)
    at = _instants(spans, now)
    due = {
        (span.target, span.kind): span.interval_seconds
        for span in spans
        if span.valid_to_at is None
    }
    gone = {key for key in due.keys() - wanted.keys() if not key[0].startswith(awaited)}
    changed = gone | {key for key, seconds in wanted.items() if due.get(key) != seconds}
    ids = read_target_ids(connection)
    rows = [
        {
            "target_id": ids[target],
            "kind": kind,
            "vantage": vantage,
            "interval_seconds": wanted.get((target, kind)),
            "valid_from_at": at.get((target, kind), now),
            "valid_to_at": None,
        }
        for target, kind in sorted(changed)
    ]
    _close(connection, rows)
    _open(connection, [row for row in rows if row["interval_seconds"] is not None])


def _instants(spans: Iterable[ScheduleSpan], now: datetime) -> dict[tuple[str, Kind], datetime]:
    """Say from when on each probe may change: now, unless the clock stepped back since."""
    at: dict[tuple[str, Kind], datetime] = {}
    for span in spans:
        key = (span.target, span.kind)
        at[key] = max(at.get(key, now), span.valid_to_at or span.valid_from_at)
    return at


def _close(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    span = tables.schedule.c
    key = (span.target_id, span.kind, span.vantage)
    closing = update(tables.schedule).where(
        span.valid_to_at.is_(None), *(column == bindparam(f"its_{column.name}") for column in key)
    )
    if rows:
        connection.execute(
            closing.values(valid_to_at=bindparam("ended_at")),
            [
                {f"its_{column.name}": row[column.name] for column in key}
                | {"ended_at": row["valid_from_at"]}
                for row in rows
            ],
        )


def _open(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(_insert(connection.dialect.name), rows)


@cache
def _insert(dialect: str) -> sqlite.Insert | postgresql.Insert:
    insert = insert_into(tables.schedule, dialect)
    # Changed twice in one instant: the span that just closed, empty, opens again.
    return insert.on_conflict_do_update(
        index_elements=tables.schedule.primary_key.columns,
        set_={name: insert.excluded[name] for name in ("interval_seconds", "valid_to_at")},
    )
