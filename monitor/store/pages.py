"""Results of one target for those who read: newest first, so many at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.target import Kind
from monitor.store import tables
from monitor.store.rows import result_columns, to_result

#: Rows that are fetched at a time while reading.
_PAGE = 50


class Place(NamedTuple):
    """Where a result stands among those of its target and vantage."""

    slot_at: datetime
    kind: str
    confirm: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which results are wanted.

    Attributes:
        limit: The most.
        before: Only those older than this one.
        since: The first slot.
        until: The first slot that is too late.
        kind: What the runs asked for.
        outcome: What they ended in.
    """

    limit: int
    before: Place | None = None
    since: datetime | None = None
    until: datetime | None = None
    kind: Kind | None = None
    outcome: Outcome | None = None


def read_page(
    connection: Connection, vantage: str, target: str, wanted: Wanted
) -> Iterator[Result]:
    """Read the newest results that are wanted, newest slot first.

    Args:
        connection: Stays in use until the iterator ends.
        vantage: Where they were seen from.
        target: The target's key.
        wanted: Which.
    """
    rows = connection.execute(
        _query(vantage, target, wanted), execution_options={"yield_per": _PAGE}
    )
    for row in rows:
        yield to_result(row)


def _query(vantage: str, target: str, wanted: Wanted) -> Select[Any]:
    result, known = tables.result.c, tables.target.c
    # By the number of the target: then the primary key gives the rows, in order.
    number = select(known.id).where(known.key == target).scalar_subquery()
    in_order = (result.slot_at, result.kind, result.vantage, result.confirm)
    return (
        select(*result_columns())
        .join_from(tables.result, tables.target)
        .where(result.target_id == number, result.vantage == vantage, *_conditions(wanted))
        .order_by(*(each.desc() for each in in_order))
        .limit(wanted.limit)
    )


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    result = tables.result.c
    if wanted.before:
        yield from _older(wanted.before)
    if wanted.since:
        yield result.slot_at >= wanted.since
    if wanted.until:
        yield result.slot_at < wanted.until
    if wanted.kind:
        yield result.kind == wanted.kind
    if wanted.outcome:
        yield result.outcome == wanted.outcome


def _older(place: Place) -> Iterator[ColumnElement[bool]]:
    result = tables.result.c
    yield result.slot_at <= place.slot_at  # a range of the key
    yield or_(
        result.slot_at < place.slot_at,
        result.kind < place.kind,
        and_(result.kind == place.kind, result.confirm < place.confirm),
    )
