"""What stretches of the rollups of many targets add up to, less what others do."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    LargeBinary,
    Select,
    Table,
    bindparam,
    cast,
    func,
    literal,
    select,
    union_all,
)

from monitor.health.availability import Availability, total
from monitor.health.buckets import Stretch
from monitor.health.rollup import Bucket, Quantity
from monitor.health.sketch import Sketch, merge_less
from monitor.health.stats import Counts
from monitor.store import tables
from monitor.store.buckets import AVAILABILITY, COUNTS
from monitor.store.upsert import among_ids

_NOTHING = Sketch()


def read_sums(
    connection: Connection,
    whose: Mapping[str, Any],
    added: Sequence[Stretch],
    taken: Sequence[Stretch],
    quantities: Sequence[Quantity],
) -> dict[int, Bucket]:
    """Add up the buckets of some stretches, and take those of others off again.

    Args:
        connection: In a transaction.
        whose: The `ids` of the targets, `kind` and `vantage`.
        added: Do not overlap.
        taken: Lie within *added*.
        quantities: Whose sketches are wanted; the others stay empty.
    """
    sums = _read_counts(connection, whose, added, taken)
    merged: dict[Quantity, dict[int, Sketch]] = {}
    for quantity in quantities:
        wanted = {**whose, "quantity": quantity.value}
        stored, less = (_read_sketches(connection, wanted, each) for each in (added, taken))
        merged[quantity] = {
            target_id: merge_less(data, less.get(target_id, ()))
            for target_id, data in stored.items()
        }
    return {
        target_id: Bucket(
            counts=Counts(*numbers[: len(COUNTS)]),
            availability=total([Availability(*numbers[len(COUNTS) :])]),
            sketches={
                quantity: sketch
                for quantity, by_target in merged.items()
                if (sketch := by_target.get(target_id, _NOTHING)).data
            },
        )
        for target_id, numbers in sums.items()
    }


def _read_counts(
    connection: Connection,
    whose: Mapping[str, Any],
    added: Sequence[Stretch],
    taken: Sequence[Stretch],
) -> dict[int, Sequence[Any]]:
    """Add up what was counted, and take off again what should not have been, in one statement."""
    wanted = dict(whose)
    for number, stretch in enumerate((*added, *taken)):
        wanted |= {f"{name}_{number}": value for name, value in stretch._asdict().items()}
    query = _sums(len(added), len(taken), connection.dialect.name)
    rows = connection.execute(query, wanted).all()  # at once: row by row costs a call each
    return {target_id: numbers for target_id, *numbers in rows}


def _read_sketches(
    connection: Connection, wanted: Mapping[str, Any], stretches: Iterable[Stretch]
) -> dict[int, list[bytes]]:
    stored: dict[int, list[bytes]] = defaultdict(list)
    query = _sketches(connection.dialect.name)
    for stretch in stretches:
        for target_id, data in connection.execute(query, {**wanted, **stretch._asdict()}).all():
            stored[target_id].append(bytes.fromhex(data) if isinstance(data, str) else data)
    return stored


@cache
def _sums(added: int, taken: int, dialect: str) -> Select[Any]:
    """Select the sums of so many stretches, less those of so many others."""
    rollup, names = tables.rollup, (*COUNTS, *AVAILABILITY)
    parts = [
        of_all(
            select(rollup.c.target_id, *((sign * rollup.c[name]).label(name) for name in names)),
            rollup,
            dialect,
            f"_{number}",
        )
        for number, sign in enumerate([1] * added + [-1] * taken)
    ]
    whole = union_all(*parts).subquery()
    # Of whole numbers PostgreSQL makes decimals, which are slow to fetch.
    sums = (cast(func.sum(whole.c[name]), rollup.c[name].type) for name in names)
    return select(whole.c.target_id, *sums).group_by(whole.c.target_id)


@cache
def _sketches(dialect: str) -> Select[Any]:
    """Select the sketches of each target in one piece: rows by the thousand are slow to fetch."""
    sketch = tables.rollup_sketch
    if dialect == "postgresql":
        joined = func.string_agg(sketch.c.data, literal(b"", LargeBinary), type_=LargeBinary)
    else:
        joined = func.group_concat(func.hex(sketch.c.data), "")  # bytes it joins up to the first 0
    query = of_all(select(sketch.c.target_id, joined), sketch, dialect)
    return query.where(sketch.c.quantity == bindparam("quantity")).group_by(sketch.c.target_id)


def of_all(query: Select[Any], table: Table, dialect: str, which: str = "") -> Select[Any]:
    """Narrow a query down to a stretch of the targets asked for.

    Args:
        query: Of the table's columns.
        table: Of the rollups, or of their sketches.
        dialect: Names the database.
        which: Ends the names of the stretch's parameters, where there are several.
    """
    return query.where(
        # The list of targets drives the query: a range of the key each, never the whole table.
        among_ids(table.c.target_id, dialect),
        table.c.kind == bindparam("kind"),
        table.c.vantage == bindparam("vantage"),
        table.c.resolution == bindparam(f"resolution{which}"),
        table.c.bucket_at >= bindparam(f"begin_at{which}"),
        table.c.bucket_at < bindparam(f"end_at{which}"),
    )
