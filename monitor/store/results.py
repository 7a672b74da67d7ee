"""Results: written with what followed from them, and read back."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, Executable, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from monitor.model.result import Result
from monitor.model.triple import Triple
from monitor.store import tables
from monitor.store.counters import write_counters
from monitor.store.errors import UnwritableError
from monitor.store.healths import write_healths
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
    answer = execute_many(connection, _insert_new(connection.dialect.name), rows)
    stored = set(answer.scalars())
    fresh = [triple for triple in triples if triple.result.id in stored]
    once = {triple.result.id: triple.result for triple in reversed(fresh)}
    write_transitions(connection, target_ids, fresh)
    write_healths(connection, target_ids, fresh)
    write_counters(connection, target_ids, list(once.values()))
    return len(stored)


def _passes(error: StatementError) -> bool:
    """Tell the database's own trouble, which passes, from what is wrong with a row for ever."""
    if not isinstance(error, IntegrityError | DataError):
        return isinstance(error, DBAPIError)
    return getattr(error.orig, "sqlstate", None) in _PASSING_VIOLATIONS


@cache
def _insert_new(dialect: str) -> Executable:
    insert = insert_many_into(tables.result, dialect)
    key = tables.result.primary_key.columns
    return insert.on_conflict_do_nothing(index_elements=key).returning(tables.result.c.result_id)


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
