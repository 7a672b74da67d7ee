"""Marks: which hours are due to be folded, because something in them came after they were."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Table, bindparam, delete, false, select, tuple_, union
from sqlalchemy.dialects import postgresql, sqlite

from monitor.health.buckets import Resolution
from monitor.model.health import Transition
from monitor.model.result import Result
from monitor.model.target import Kind
from monitor.store import tables
from monitor.store.upsert import execute_many, insert_many_into

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class Mark(NamedTuple):
    """An hour of the runs of one kind, of one target from one vantage; named as the columns."""

    hour_at: datetime
    target_id: int
    kind: str
    vantage: str


def mark_due(
    connection: Connection,
    target_ids: Mapping[str, int],
    results: Iterable[Result],
    transitions: Sequence[Transition] = (),
) -> None:
    """Have the hours folded of what was stored in this very transaction.

    A change of state marks all hours from its incident on that were folded, or are about to be:
    for how long the target was available then is known anew.

    Args:
        connection: In a transaction for writing.
        target_ids: What `sync_targets` answered.
        results: Those that were new.
        transitions: Theirs.
    """
    marks = {
        Mark(
            Resolution.HOUR.begin_of(result.slot_at),
            target_ids[result.target],
            result.kind.value,
            result.vantage,
        )
        for result in results
    }
    if transitions:
        marks |= _changed(connection, target_ids, transitions)
    _write(connection, marks, _again(connection.dialect.name))


def mark_waiting(connection: Connection, marks: Iterable[Mark]) -> None:
    """Have hours folded that nobody folds yet, though no result of theirs may ever come."""
    _write(connection, marks, _once(connection.dialect.name))


def marked_among(connection: Connection, marks: Sequence[Mark]) -> set[Mark]:
    """Say which of these hours are due."""
    if not marks:
        return set()
    due = tables.rollup_due.c
    wanted = tuple_(*(due[name] for name in Mark._fields)).in_(marks)
    query = select(*(due[name] for name in Mark._fields)).where(wanted)
    return {Mark(*row) for row in connection.execute(query)}


def unmark(connection: Connection, marks: Sequence[Mark]) -> None:
    """Say that these hours were done with."""
    due = tables.rollup_due
    gone = [{f"its_{name}": value for name, value in mark._asdict().items()} for mark in marks]
    done = (due.c[name] == bindparam(f"its_{name}") for name in Mark._fields)
    if gone:
        connection.execute(delete(due).where(*done), gone)


def _changed(
    connection: Connection, target_ids: Mapping[str, int], transitions: Sequence[Transition]
) -> set[Mark]:
    begins: dict[tuple[int, str], datetime] = {}
    for each in transitions:
        whose = target_ids[each.target], each.vantage
        begin_at = Resolution.HOUR.begin_of(each.incident_at or each.at)
        begins[whose] = min(begins.get(whose, begin_at), begin_at)
    wanted = {
        "begin_at": min(begins.values()),
        "target_ids": sorted({target_id for target_id, _ in begins}),
        "vantages": sorted({vantage for _, vantage in begins}),
    }
    marks = (Mark(*row) for row in connection.execute(_hours_since(), wanted))
    return {mark for mark in marks if mark.hour_at >= begins.get(mark[1::2], _NEVER)}


def _write(
    connection: Connection, marks: Iterable[Mark], insert: sqlite.Insert | postgresql.Insert
) -> None:
    # In one order, so that two who write marks never wait for each other.
    rows = [mark._asdict() for mark in sorted(marks)]
    if rows:
        execute_many(connection, insert, rows)


@cache
def _hours_since() -> Select[Any]:
    """Select folded and due hours at once: one that is being folded is due, until it is folded."""
    rollup, due = tables.rollup, tables.rollup_due
    is_hour = rollup.c.resolution == Resolution.HOUR.value
    folded = _completions_since(rollup, "bucket_at").where(is_hour)
    either = union(folded, _completions_since(due, "hour_at")).subquery()
    return select(either)


def _completions_since(table: Table, begin: str) -> Select[Any]:
    return select(
        table.c[begin].label("hour_at"), table.c.target_id, table.c.kind, table.c.vantage
    ).where(
        table.c.target_id.in_(bindparam("target_ids", expanding=True)),
        table.c.kind == Kind.COMPLETION.value,
        table.c.vantage.in_(bindparam("vantages", expanding=True)),
        table.c[begin] >= bindparam("begin_at"),
    )


@cache
def _again(dialect: str) -> sqlite.Insert | postgresql.Insert:
    insert = insert_many_into(tables.rollup_due, dialect)
    # To pass over a mark that is there would not do in PostgreSQL: whoever folds that hour just
    # now does not see our results yet, and takes the mark away. So it is held, though not written:
    # it is there already but for the first batch of an hour.
    return insert.on_conflict_do_update(
        index_elements=tables.rollup_due.primary_key.columns,
        set_={"hour_at": insert.excluded.hour_at},
        where=false(),
    )


@cache
def _once(dialect: str) -> sqlite.Insert | postgresql.Insert:
    insert = insert_many_into(tables.rollup_due, dialect)
    return insert.on_conflict_do_nothing(index_elements=tables.rollup_due.primary_key.columns)
