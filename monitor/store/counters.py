"""Counters: the totals of each target, grown in the very transaction that stores its results.

So a kill counts nothing twice and forgets nothing that was committed. What a daemon had shown but
not stored yet when it was killed (a second, or what the store could not take) is not in them.

They are one row a target and not one a number: a run changes eight numbers, which as rows made a
batch take twice as long to write in SQLite and five times as long in PostgreSQL.
"""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any
from zlib import crc32

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from monitor.health.totals import add
from monitor.model.result import Result
from monitor.model.snapshot import BUCKETS, Histogram, Totals
from monitor.store import tables
from monitor.store.upsert import execute_many, insert_many_into

#: Names our locks among the advisory locks of two numbers; any fixed number would do.
_LOCKS = 0x6C6C6D

#: The upper ends of the buckets, as they are written down.
_ENDS = {name: (*map(str, ends), "inf") for name, ends in BUCKETS.items()}
_PLACES = {name: {end: place for place, end in enumerate(ends)} for name, ends in _ENDS.items()}

_encode = json.JSONEncoder(separators=(",", ":")).encode


def write_counters(
    connection: Connection, target_ids: Mapping[str, int], results: Sequence[Result]
) -> None:
    """Count results that were stored in this very transaction, each of them once."""
    of_vantage: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        of_vantage[result.vantage].append(result)
    for vantage, group in sorted(of_vantage.items()):
        _lock(connection, vantage)
        grown = _read(connection, vantage, {target_ids[each.target] for each in group})
        for result in group:
            number = target_ids[result.target]
            grown[number] = add(grown.get(number, Totals()), result)
        rows = [
            {"target_id": number, "vantage": vantage, "totals": _written(totals)}
            for number, totals in grown.items()
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
    return {key: _to_totals(text) for key, text in connection.execute(query)}


def _lock(connection: Connection, vantage: str) -> None:
    """Keep out whoever else counts for the vantage; SQLite's transaction does so by itself."""
    if connection.dialect.name == "postgresql":
        name = crc32(vantage.encode()) >> 1  # as it must fit into 31 bits
        connection.execute(select(func.pg_advisory_xact_lock(_LOCKS, name)))


def _read(connection: Connection, vantage: str, numbers: Iterable[int]) -> dict[int, Totals]:
    counter = tables.counter_total.c
    query = select(counter.target_id, counter.totals).where(
        counter.vantage == vantage, counter.target_id.in_(sorted(numbers))
    )
    return {number: _to_totals(text) for number, text in connection.execute(query)}


@cache
def _upsert(dialect: str) -> sqlite.Insert | postgresql.Insert:
    table = tables.counter_total
    insert = insert_many_into(table, dialect)
    return insert.on_conflict_do_update(
        index_elements=table.primary_key.columns, set_={"totals": insert.excluded.totals}
    )


def _written(totals: Totals) -> str:
    return _encode(
        {
            "valid": totals.valid,
            "failures": _nested(totals.failures),
            "excluded": _nested(totals.excluded),
            "causes": [[*cause, count] for cause, count in totals.causes.items()],
            "confirms": totals.confirms,
            "tokens": totals.tokens,
            "cost_usd": totals.cost_usd,
            **{name: _by_end(name, each) for name, each in totals.histograms.items()},
        }
    )


def _nested(counts: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    nested: dict[str, dict[str, int]] = defaultdict(dict)
    for (kind, outcome), count in counts.items():
        nested[kind][outcome] = count
    return nested


def _by_end(name: str, histogram: Histogram) -> dict[str, float]:
    # Only what is not 0: most buckets of a target stay empty for ever.
    pairs = zip(_ENDS[name], histogram.counts, strict=True)
    return {**{end: count for end, count in pairs if count}, "sum": histogram.total}


def _to_totals(text: str) -> Totals:
    known = json.loads(text)
    return Totals(
        valid=known["valid"],
        failures=_flat(known["failures"]),
        excluded=_flat(known["excluded"]),
        causes={tuple(cause): count for *cause, count in known.get("causes", ())},
        confirms=known["confirms"],
        tokens=known["tokens"],
        cost_usd=known["cost_usd"],
        histograms={name: _to_histogram(name, known[name]) for name in BUCKETS if name in known},
    )


def _flat(nested: Mapping[str, Mapping[str, int]]) -> dict[tuple[str, str], int]:
    return {(kind, name): count for kind, of in nested.items() for name, count in of.items()}


def _to_histogram(name: str, known: dict[str, Any]) -> Histogram:
    # By their ends, so that they find their place though the buckets are others than they were.
    total, places = known.pop("sum"), _PLACES[name]
    counts = [0] * len(places)
    for end, count in known.items():
        place = places.get(end)
        counts[bisect_left(BUCKETS[name], float(end)) if place is None else place] += count
    return Histogram(counts=tuple(counts), total=total)
