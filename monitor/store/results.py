"""Results: written with what followed from them, and read back."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError
from sqlalchemy.sql.dml import ReturningInsert

from monitor.model.result import Result
from monitor.model.triple import Triple
from monitor.store import tables
from monitor.store.counters import write_counters
from monitor.store.errors import UnwritableError
from monitor.store.healths import write_healths
from monitor.store.marks import mark_due
from monitor.store.rows import result_columns, to_result, to_row
from monitor.store.transitions import write_transitions
from monitor.store.upsert import execute_many, insert_many_into

#: Rows that are fetched at a time while reading.
_PAGE = 1000

#: Violations in PostgreSQL that are not the row's doing, which an INSERT that passes over
#: conflicts cannot commit: a sequence behind its table (unique_violation), and a partition that
#: is missing (check_violation).
_PASSING_VIOLATIONS = ("23505", "23514")


def write_triples(
    connection: Connection, target_ids: Mapping[str, int], triples: Sequence[Triple]
) -> int:
    """Write each triple whole, or not at all where its result is there already.

    So a replay changes nothing. The caller opens the transaction and commits it.

    Args:
        connection: In a transaction.
        target_ids: What `sync_targets` answered.
        triples: In the order in which they happened.

    Returns:
        How many results were new.

    Raises:
        UnwritableError: The database will never take one of them, for what it says.
    """
    try:
        return _write(connection, target_ids, triples) if triples else 0
    except (LookupError, ArithmeticError, ValueError, TypeError) as error:
        raise UnwritableError(f"a result cannot be stored: {error!r}") from error
    except StatementError as error:
        if _passes(error):
            raise
        raise UnwritableError(f"a result cannot be stored: {error.orig!r}") from error


def _write(connection: Connection, target_ids: Mapping[str, int], triples: Sequence[Triple]) -> int:
    rows = [to_row(triple.result, target_ids[triple.result.target]) for triple in triples]
    stored = _insert(connection, rows)
    named = [(row["result_id"], triple) for row, triple in zip(rows, triples, strict=True)]
    fresh = [triple for name, triple in named if name in stored]
    once = {name: triple.result for name, triple in reversed(named) if name in stored}
    write_transitions(connection, target_ids, fresh)
    write_healths(connection, target_ids, fresh)
    write_counters(connection, target_ids, list(once.values()))
    changes = [triple.transition for triple in fresh if triple.transition is not None]
    mark_due(connection, target_ids, once.values(), changes)
    return len(stored)


def _passes(error: StatementError) -> bool:
    """Tell the database's own trouble, which passes, from what is wrong with a row for ever."""
    if not isinstance(error, IntegrityError | DataError):
        return isinstance(error, DBAPIError)
    return getattr(error.orig, "sqlstate", None) in _PASSING_VIOLATIONS


def _insert(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Insert the results that are new, and say by their ids which these were."""
    dialect = connection.dialect.name
    if dialect != "sqlite":
        return set(execute_many(connection, _telling(dialect), rows).scalars())
    # Mostly all of them are new, and to ask which ones takes twice as long. After an error nobody
    # goes back to here: SQLite may have taken back all of the transaction by then.
    attempt = connection.begin_nested()
    if execute_many(connection, _insert_new(dialect), rows).rowcount == len(rows):
        attempt.commit()
        return {row["result_id"] for row in rows}
    attempt.rollback()
    return set(connection.execute(_telling(dialect), rows).scalars())


@cache
def _insert_new(dialect: str) -> sqlite.Insert | postgresql.Insert:
    key = tables.result.primary_key.columns
    return insert_many_into(tables.result, dialect).on_conflict_do_nothing(index_elements=key)


@cache
def _telling(dialect: str) -> ReturningInsert[Any]:
    return _insert_new(dialect).returning(tables.result.c.result_id)


def read_results(
    connection: Connection, vantage: str, since: datetime, target: str | None = None
) -> Iterator[Result]:
    """Read results in the order of their slots, page by page.

    Args:
        connection: Stays in use until the iterator ends.
        vantage: Where they were seen from.
        since: The first slot that is read.
        target: The key of the only target to read; None reads all, retired ones included.
    """
    result, known = tables.result.c, tables.target.c
    # The list of targets drives the query: a range of the key each, never the whole table.
    wanted = select(known.id) if target is None else select(known.id).where(known.key == target)
    query = (
        select(*result_columns())
        .join_from(tables.result, tables.target)
        .where(result.target_id.in_(wanted), result.slot_at >= since, result.vantage == vantage)
        .order_by(result.slot_at, result.target_id, result.kind, result.confirm)
    )
    for row in connection.execute(query, execution_options={"yield_per": _PAGE}):
        yield to_result(row)
