"""What long windows of all targets add up to, from their rollups, in a few statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Table, and_, bindparam, func, select

from monitor.health.buckets import Resolution, Stretch
from monitor.health.rollup import Bucket, Quantity, Spent, merge_buckets
from monitor.health.sketch import Sketch, merge_stored
from monitor.health.stats import Counts
from monitor.model.target import Kind
from monitor.store import tables
from monitor.store.buckets import (
    COUNTS,
    SPENT,
    Whose,
    fold_raw,
    read_settled,
    sealed_until,
)

_FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)
_USD_DECIMALS = 9


class Folded(NamedTuple):
    """What the hours of a window add up to that were folded since their last result.

    Attributes:
        bucket: Without outcomes, and with the sketches that were asked for.
        due: The hours that are not in it, whole UTC hours in order: the running one at least,
            once it has results.
    """

    bucket: Bucket
    due: tuple[datetime, ...]


def read_folded(
    connection: Connection,
    vantage: str,
    begin_at: datetime,
    quantities: Sequence[Quantity] = (Quantity.TTFT, Quantity.DURATION),
    kind: Kind = Kind.COMPLETION,
) -> dict[str, Folded]:
    """Read what a window adds up to that ends now, for each target that was ever seen.

    Args:
        connection: In a transaction.
        vantage: Where the runs were seen from.
        begin_at: A whole UTC hour.
        quantities: Whose sketches are wanted; the others stay empty.
        kind: What the runs asked for.
    """
    due = _read_due(connection, vantage, begin_at, kind)
    patchy = _read_patchy(connection, vantage, begin_at, kind)
    stretches = _stretches(begin_at)
    folded = _read_sums(connection, vantage, kind, stretches, quantities)
    for target_id in patchy:
        whose = Whose(target_id, kind.value, vantage)
        settled = read_settled(connection, whose, stretches, due[target_id])
        folded[target_id] = _asked(merge_buckets(each.bucket for each in settled), quantities)
    keys = connection.execute(select(tables.target.c.id, tables.target.c.key))
    return {
        key: Folded(folded.get(number, Bucket()), tuple(due.get(number, ())))
        for number, key in keys
    }


def fold_rest(
    connection: Connection,
    vantage: str,
    due: Mapping[str, Iterable[datetime]],
    kind: Kind = Kind.COMPLETION,
) -> dict[str, Bucket]:
    """Fold the hours that `read_folded` left out, from the results; to be merged with its answer.

    Args:
        connection: In the transaction of `read_folded`.
        vantage: As for `read_folded`.
        due: The hours, by the target's key.
        kind: As for `read_folded`.
    """
    known = tables.target.c
    rows = connection.execute(select(known.key, known.id).where(known.key.in_(due)))
    ids = {key: number for key, number in rows}  # noqa: C416 - mypy: dict() knows no Row
    return {
        key: merge_buckets(
            fold_raw(connection, Whose(ids[key], kind.value, vantage), hour_at) for hour_at in hours
        )
        for key, hours in due.items()
        if key in ids
    }


def _asked(bucket: Bucket, quantities: Sequence[Quantity]) -> Bucket:
    sketches = {each: bucket.sketch(each) for each in quantities if each in bucket.sketches}
    return Bucket(counts=bucket.counts, spent=bucket.spent, sketches=sketches)


def _stretches(begin_at: datetime) -> list[Stretch]:
    """Cover a window that ends now: what today's day has of today is all that was folded of it."""
    midnight = Resolution.DAY.end_of(begin_at)
    days = Stretch(Resolution.DAY, midnight, _FOR_EVER)
    hours = Stretch(Resolution.HOUR, begin_at, midnight)
    return [hours, days] if begin_at < midnight else [days]


def _read_due(
    connection: Connection, vantage: str, begin_at: datetime, kind: Kind
) -> Mapping[int, list[datetime]]:
    due = tables.rollup_due.c
    query = select(due.target_id, due.hour_at).where(*_is_due(vantage, begin_at, kind))
    sealed_at = sealed_until(connection)
    hours: dict[int, list[datetime]] = defaultdict(list)
    for target_id, hour_at in connection.execute(query.order_by(due.hour_at)):
        if sealed_at is None or hour_at >= sealed_at:
            hours[target_id].append(hour_at)
    return hours


def _read_patchy(
    connection: Connection, vantage: str, begin_at: datetime, kind: Kind
) -> Sequence[int]:
    """List the targets with an hour that was folded before its last result came."""
    due, rollup = tables.rollup_due.c, tables.rollup.c
    is_the_same = and_(
        *(rollup[name] == due[name] for name in Whose._fields),
        rollup.resolution == Resolution.HOUR.value,
        rollup.bucket_at == due.hour_at,
    )
    query = select(due.target_id).join_from(tables.rollup_due, tables.rollup, is_the_same)
    found = connection.execute(query.where(*_is_due(vantage, begin_at, kind)).distinct())
    return found.scalars().all()


def _is_due(vantage: str, begin_at: datetime, kind: Kind) -> tuple[Any, ...]:
    due = tables.rollup_due.c
    return due.vantage == vantage, due.kind == kind.value, due.hour_at >= begin_at


def _read_sums(
    connection: Connection,
    vantage: str,
    kind: Kind,
    stretches: Iterable[Stretch],
    quantities: Sequence[Quantity],
) -> dict[int, Bucket]:
    sums: dict[int, list[Sequence[Any]]] = defaultdict(list)
    stored: dict[Quantity, dict[int, list[bytes]]] = {
        quantity: defaultdict(list) for quantity in quantities
    }
    for stretch in stretches:
        wanted = {"vantage": vantage, "kind": kind.value, **stretch._asdict()}
        for target_id, *numbers in connection.execute(_sums(), wanted):
            sums[target_id].append(numbers)
        for quantity, by_target in stored.items():
            rows = connection.execute(_sketches(), {**wanted, "quantity": quantity.value})
            for target_id, data in rows:
                by_target[target_id].append(data)
    return {
        target_id: _to_bucket(
            numbers, {each: merge_stored(stored[each][target_id]) for each in quantities}
        )
        for target_id, numbers in sums.items()
    }


def _to_bucket(sums: Sequence[Sequence[Any]], sketches: Mapping[Quantity, Sketch]) -> Bucket:
    *totals, cost_usd = (sum(each or 0 for each in column) for column in zip(*sums, strict=True))
    whole = [int(total) for total in totals]
    return Bucket(
        counts=Counts(*whole[: len(COUNTS)]),
        spent=Spent._make([*whole[len(COUNTS) :], round(cost_usd, _USD_DECIMALS)]),
        sketches={quantity: each for quantity, each in sketches.items() if each.count},
    )


@cache
def _sums() -> Select[Any]:
    rollup = tables.rollup
    sums = (func.sum(rollup.c[name]) for name in (*COUNTS, *SPENT))
    return _of_all(select(rollup.c.target_id, *sums), rollup).group_by(rollup.c.target_id)


@cache
def _sketches() -> Select[Any]:
    sketch = tables.rollup_sketch
    query = _of_all(select(sketch.c.target_id, sketch.c.data), sketch)
    return query.where(sketch.c.quantity == bindparam("quantity"))


def _of_all(query: Select[Any], table: Table) -> Select[Any]:
    return query.where(
        # The list of targets drives the query: a range of the key each, never the whole table.
        table.c.target_id.in_(select(tables.target.c.id)),
        table.c.kind == bindparam("kind"),
        table.c.vantage == bindparam("vantage"),
        table.c.resolution == bindparam("resolution"),
        table.c.bucket_at >= bindparam("begin_at"),
        table.c.bucket_at < bindparam("end_at"),
    )
