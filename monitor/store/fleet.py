"""What long windows of all targets add up to, from their rollups, in a few statements."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
)

from monitor.health.buckets import Resolution, Stretch
from monitor.health.rollup import Bucket, Quantity, merge_buckets
from monitor.model.target import Kind
from monitor.store import tables
from monitor.store.buckets import (
    Whose,
    fold_raw,
    read_settled,
)
from monitor.store.sums import of_all, read_sums

_FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)


class Folded(NamedTuple):
    """What the hours of a window add up to that were folded since their last result.

    Attributes:
        bucket: Counts, availability, and the sketches that were asked for.
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
    targets: Collection[str] | None = None,
) -> dict[str, Folded]:
    """Read what a window adds up to that ends now, for each target that was ever seen.

    Args:
        connection: In a transaction.
        vantage: Where the runs were seen from.
        begin_at: A whole UTC hour.
        quantities: Whose sketches are wanted; the others stay empty.
        kind: What the runs asked for.
        targets: The keys of those wanted, if not of all; some at a time want little memory.
    """
    keys = _read_keys(connection, targets)
    due, patchy = _read_due(connection, vantage, begin_at, kind)
    whose = {"vantage": vantage, "kind": kind.value, "ids": list(keys)}
    folded = read_sums(connection, whose, *_least(begin_at), quantities)
    for target_id in patchy & keys.keys():
        one = Whose(target_id, kind.value, vantage)
        settled = read_settled(connection, one, _added(begin_at), due[target_id])
        folded[target_id] = _asked(merge_buckets(each.bucket for each in settled), quantities)
    return {
        key: Folded(folded.get(number, Bucket()), tuple(due.get(number, ())))
        for number, key in keys.items()
    }


def read_hours(
    connection: Connection,
    vantage: str,
    since_at: datetime,
    targets: Collection[str],
    kind: Kind = Kind.COMPLETION,
) -> dict[str, frozenset[datetime]]:
    """List the hours from an instant on that were folded and are not due again.

    Args:
        connection: In the transaction of `read_folded`, whose answer has these hours in it.
        vantage: As for `read_folded`.
        since_at: A whole UTC hour.
        targets: The keys of those wanted.
        kind: As for `read_folded`.
    """
    keys = _read_keys(connection, targets)
    due, _ = _read_due(connection, vantage, since_at, kind)
    hours: dict[str, set[datetime]] = {key: set() for key in keys.values()}
    wanted = {"vantage": vantage, "kind": kind.value, "ids": list(keys)}
    since = Stretch(Resolution.HOUR, since_at, _FOR_EVER)
    query = _hours(connection.dialect.name)
    for target_id, hour_at in connection.execute(query, {**wanted, **since._asdict()}):
        if hour_at not in due.get(target_id, ()):
            hours[keys[target_id]].add(hour_at)
    return {key: frozenset(folded) for key, folded in hours.items()}


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


def _read_keys(connection: Connection, targets: Collection[str] | None) -> dict[int, str]:
    known = tables.target.c
    query = select(known.id, known.key)
    if targets is not None:
        query = query.where(known.key.in_(targets))
    rows = connection.execute(query).all()  # at once: row by row costs a call each
    return {number: key for number, key in rows}  # noqa: C416 - mypy: dict() knows no Row


def _asked(bucket: Bucket, quantities: Sequence[Quantity]) -> Bucket:
    sketches = {each: bucket.sketch(each) for each in quantities if each in bucket.sketches}
    return Bucket(counts=bucket.counts, availability=bucket.availability, sketches=sketches)


def _added(begin_at: datetime) -> list[Stretch]:
    """Cover a window that ends now: what today's day has of today is all that was folded of it."""
    midnight = Resolution.DAY.end_of(begin_at)
    days = Stretch(Resolution.DAY, midnight, _FOR_EVER)
    hours = Stretch(Resolution.HOUR, begin_at, midnight)
    return [hours, days] if begin_at < midnight else [days]


def _least(begin_at: datetime) -> tuple[list[Stretch], list[Stretch]]:
    """Cover the window with the least buckets: those to add, and those to take off again.

    Of a first day that begins before noon the whole is read, less the hours before the window: a
    day is the sum of its hours, to the last run.
    """
    first_at = Resolution.DAY.begin_of(begin_at)
    if first_at < begin_at < first_at + Resolution.DAY.length / 2:
        early = Stretch(Resolution.HOUR, first_at, begin_at)
        return [Stretch(Resolution.DAY, first_at, _FOR_EVER)], [early]
    return _added(begin_at), []


def _read_due(
    connection: Connection, vantage: str, begin_at: datetime, kind: Kind
) -> tuple[Mapping[int, list[datetime]], set[int]]:
    """List the hours that are due, by target; and the targets of which one was folded before."""
    hours: dict[int, list[datetime]] = defaultdict(list)
    patchy = set()
    wanted = {"vantage": vantage, "kind": kind.value, "begin_at": begin_at}
    for target_id, hour_at, was_folded in connection.execute(_due(), wanted).all():
        hours[target_id].append(hour_at)
        if was_folded:
            patchy.add(target_id)
    return hours, patchy


@cache
def _due() -> Select[Any]:
    due, rollup, seal = tables.rollup_due.c, tables.rollup.c, tables.rollup_seal.c
    is_the_same = and_(
        *(rollup[name] == due[name] for name in Whose._fields),
        rollup.resolution == Resolution.HOUR.value,
        rollup.bucket_at == due.hour_at,
    )
    sealed_at = select(func.max(seal.until_at)).scalar_subquery()
    return (
        select(due.target_id, due.hour_at, rollup.target_id.is_not(None))
        .outerjoin_from(tables.rollup_due, tables.rollup, is_the_same)
        .where(
            due.vantage == bindparam("vantage"),
            due.kind == bindparam("kind"),
            due.hour_at >= bindparam("begin_at"),
            or_(sealed_at.is_(None), due.hour_at >= sealed_at),
        )
        .order_by(due.hour_at)
    )


@cache
def _hours(dialect: str) -> Select[Any]:
    rollup = tables.rollup
    return of_all(select(rollup.c.target_id, rollup.c.bucket_at), rollup, dialect)
