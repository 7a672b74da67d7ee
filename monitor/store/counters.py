"""Counters: the totals of each target, grown in the very transaction that stores its results.

So a kill counts nothing twice and forgets nothing that was committed. What a daemon had shown but
not stored yet when it was killed (a second, or what the store could not take) is not in them.

They are one row a target and not one a number: a run changes eight numbers, which as rows made a
batch take twice as long to write in SQLite and five times as long in PostgreSQL.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any
from zlib import crc32

from sqlalchemy import Connection, Select, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from monitor.model.result import Result
from monitor.model.snapshot import Totals
from monitor.store import tables
from monitor.store.totals import grown, to_totals
from monitor.store.upsert import among_ids, execute_many, insert_many_into

#: Names our locks among the advisory locks of two numbers; any fixed number would do.
_LOCKS = 0x6C6C6D


def write_counters(
    connection: Connection, target_ids: Mapping[str, int], results: Sequence[Result]
) -> None:
    """Count results that were stored in this very transaction, each of them once."""
    of_vantage: dict[str, dict[int, list[Result]]] = defaultdict(lambda: defaultdict(list))
    for result in results:
        of_vantage[result.vantage][target_ids[result.target]].append(result)
    for vantage, of_target in sorted(of_vantage.items()):
        _lock(connection, vantage)
        texts = _read(connection, vantage, of_target)
        rows = [
            {"target_id": number, "vantage": vantage, "totals": grown(texts.get(number), its)}
            for number, its in of_target.items()
        ]
        execute_many(connection, _upsert(connection.dialect.name), rows)


def read_totals(connection: Connection, vantage: str) -> dict[str, Totals]:
    """Read what was counted from a vantage, by target key; retired targets included."""
    counter = tables.counter_total.c
    query = (
        select(tables.target.c.key, counter.totals)
        .join_from(tables.counter_total, tables.target)
        .where(counter.vantage == vantage)
    )
    return {key: to_totals(text) for key, text in connection.execute(query)}


def _lock(connection: Connection, vantage: str) -> None:
    """Keep out whoever else counts for the vantage; SQLite's transaction does so by itself."""
    if connection.dialect.name == "postgresql":
        name = crc32(vantage.encode()) >> 1  # as it must fit into 31 bits
        connection.execute(select(func.pg_advisory_xact_lock(_LOCKS, name)))


def _read(connection: Connection, vantage: str, numbers: Iterable[int]) -> dict[int, str]:
    wanted = {"its_vantage": vantage, "ids": sorted(numbers)}
    rows = connection.execute(_of_targets(connection.dialect.name), wanted)
    return {row.target_id: row.totals for row in rows}


@cache
def _of_targets(dialect: str) -> Select[Any]:
    counter = tables.counter_total.c
    wanted = among_ids(counter.target_id, dialect)
    return select(counter.target_id, counter.totals).where(
        counter.vantage == bindparam("its_vantage"), wanted
    )


@cache
def _upsert(dialect: str) -> sqlite.Insert | postgresql.Insert:
    table = tables.counter_total
    insert = insert_many_into(table, dialect)
    return insert.on_conflict_do_update(
        index_elements=table.primary_key.columns, set_={"totals": insert.excluded.totals}
    )
