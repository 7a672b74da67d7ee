"""Buckets as they are stored: laid out as rows, and read back, of one target or of all."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Table, bindparam, select

from monitor.health.availability import Availability
from monitor.health.buckets import HOUR, Resolution, Stretch, cover
from monitor.health.rollup import Bucket, Cause, Dated, Quantity, Run, Spent, fold
from monitor.health.sketch import Sketch
from monitor.health.stats import Counts
from monitor.model.target import Kind
from monitor.store import tables
from monitor.store.availability import last_known, reckon

COUNTS = Counts._fields
SPENT = Spent._fields
AVAILABILITY = Availability._fields


class Whose(NamedTuple):
    """The runs that a bucket is of; named as the columns."""

    target_id: int
    kind: str
    vantage: str


def to_row(
    whose: Whose, resolution: Resolution, begin_at: datetime, bucket: Bucket
) -> dict[str, Any]:
    """Lay a bucket flat, without its sketches."""
    return {
        **_place(whose, resolution, begin_at),
        **bucket.counts._asdict(),
        **bucket.spent._asdict(),
        "outcomes": _nested(bucket.outcomes),
        "confirms": _nested(bucket.confirms),
        **bucket.availability._asdict(),
    }


def to_sketch_rows(
    whose: Whose, resolution: Resolution, begin_at: datetime, bucket: Bucket
) -> list[dict[str, Any]]:
    """Lay the sketches of a bucket flat."""
    place = _place(whose, resolution, begin_at)
    return [
        {**place, "quantity": quantity.value, "data": sketch.data}
        for quantity, sketch in bucket.sketches.items()
    ]


def read_stored(connection: Connection, whose: Whose, stretch: Stretch) -> list[Dated]:
    """Read the buckets of a stretch as they were folded, oldest first."""
    wanted = {**whose._asdict(), **stretch._asdict()}
    sketches: dict[datetime, dict[Quantity, Sketch]] = defaultdict(dict)
    for begin_at, quantity, data in connection.execute(_sketches(), wanted):
        sketches[begin_at][Quantity(quantity)] = Sketch(data)
    return [
        Dated(row[0], _to_bucket(row, sketches[row[0]]))
        for row in connection.execute(_buckets(), wanted)
    ]


def fold_raw(connection: Connection, whose: Whose, hour_at: datetime) -> Bucket:
    """Fold an hour as far as it is stored now; it may be running."""
    bucket = fold_runs(connection, whose, hour_at)
    if whose.kind != Kind.COMPLETION:
        return bucket
    place = whose.target_id, whose.vantage, hour_at
    end_at = last_known(connection, *place, hour_at + HOUR)
    return replace(bucket, availability=reckon(connection, *place, end_at).availability)


def fold_runs(connection: Connection, whose: Whose, hour_at: datetime) -> Bucket:
    """Fold the results of an hour as they are stored now; for how long it was up is left out."""
    wanted = {**whose._asdict(), "begin_at": hour_at, "end_at": hour_at + HOUR}
    return fold(Kind(whose.kind), map(Run._make, connection.execute(_runs(), wanted)))


def read_buckets(
    connection: Connection,
    vantage: str,
    target: str,
    stretch: tuple[datetime, datetime],
    *,
    kind: Kind = Kind.COMPLETION,
    resolution: Resolution = Resolution.DAY,
) -> list[Dated]:
    """Read all that a span of a target's runs adds up to, as of now, oldest first.

    Hours that were not folded since their last result are folded while reading.

    Args:
        connection: In a transaction.
        vantage: Where they were seen from.
        target: The target's key.
        stretch: From when to when; widened to whole hours (UTC).
        kind: What the runs asked for.
        resolution: The longest buckets wanted.

    Returns:
        Buckets that do not overlap: days where all of one is wanted and folded, else hours.
    """
    known = tables.target.c
    target_id = connection.execute(select(known.id).where(known.key == target)).scalar()
    if target_id is None:
        return []
    whose = Whose(target_id, kind.value, vantage)
    hours = Resolution.HOUR.begin_of(stretch[0]), Resolution.HOUR.end_of(stretch[1])
    due = read_due(connection, whose, hours)
    stretches = cover(*hours) if resolution is Resolution.DAY else [Stretch(resolution, *hours)]
    found = read_settled(connection, whose, stretches, due)
    found += [Dated(hour_at, fold_raw(connection, whose, hour_at)) for hour_at in due]
    filled = (each for each in found if each.bucket != Bucket())
    return sorted(filled, key=lambda each: each.begin_at)


def read_due(
    connection: Connection, whose: Whose, hours: tuple[datetime, datetime]
) -> list[datetime]:
    """List the hours between two that got results since they were folded, if they ever were."""
    due = tables.rollup_due.c
    query = select(due.hour_at).where(
        due.hour_at >= hours[0],
        due.hour_at < hours[1],
        *(due[name] == value for name, value in whose._asdict().items()),
    )
    sealed_at = sealed_until(connection)
    found = connection.execute(query.order_by(due.hour_at)).scalars()
    return [hour_at for hour_at in found if sealed_at is None or hour_at >= sealed_at]


def read_settled(
    connection: Connection, whose: Whose, stretches: Iterable[Stretch], due: Sequence[datetime]
) -> list[Dated]:
    """Read what the hours that are not due add up to; a day with one that is, by its hours."""
    broken = sorted({Resolution.DAY.begin_of(hour_at) for hour_at in due})
    found: list[Dated] = []
    for stretch in stretches:
        without: Sequence[datetime] = due
        if stretch.resolution is Resolution.DAY:
            without = broken
            inside = [day for day in broken if stretch.begin_at <= day < stretch.end_at]
            by_hour = [Stretch(Resolution.HOUR, day, day + Resolution.DAY.length) for day in inside]
            found += read_settled(connection, whose, by_hour, due)
        stored = read_stored(connection, whose, stretch)
        found += [each for each in stored if each.begin_at not in without]
    return found


def sealed_until(connection: Connection) -> datetime | None:
    """Say up to when results may have been pruned; None if none ever were."""
    seal = tables.rollup_seal.c.until_at
    return connection.execute(select(seal).order_by(seal.desc()).limit(1)).scalar()


@cache
def _buckets() -> Select[Any]:
    rollup = tables.rollup
    names = ("bucket_at", *COUNTS, *SPENT, "outcomes", "confirms", *AVAILABILITY)
    return _of_stretch(select(*(rollup.c[name] for name in names)), rollup)


@cache
def _sketches() -> Select[Any]:
    sketch = tables.rollup_sketch
    return _of_stretch(select(sketch.c.bucket_at, sketch.c.quantity, sketch.c.data), sketch)


def _of_stretch(query: Select[Any], table: Table) -> Select[Any]:
    place = (*Whose._fields, "resolution")
    return query.where(
        *(table.c[name] == bindparam(name) for name in place),
        table.c.bucket_at >= bindparam("begin_at"),
        table.c.bucket_at < bindparam("end_at"),
    ).order_by(table.c.bucket_at)


@cache
def _runs() -> Select[Any]:
    result = tables.result.c
    return select(*(result[name] for name in Run._fields)).where(
        *(result[name] == bindparam(name) for name in Whose._fields),
        result.slot_at >= bindparam("begin_at"),
        result.slot_at < bindparam("end_at"),
    )


def _place(whose: Whose, resolution: Resolution, begin_at: datetime) -> dict[str, Any]:
    return {**whose._asdict(), "resolution": resolution.value, "bucket_at": begin_at}


def _to_bucket(row: Sequence[Any], sketches: Mapping[Quantity, Sketch]) -> Bucket:
    counted, spent = 1 + len(COUNTS), 1 + len(COUNTS) + len(SPENT)
    return Bucket(
        counts=Counts(*row[1:counted]),
        # A sum that no column could hold is not known.
        spent=Spent(*(value or 0 for value in row[counted:spent])),
        outcomes=dict(_flat(row[spent])),
        confirms=dict(_flat(row[spent + 1])),
        availability=Availability(*row[spent + 2 :]),
        sketches=sketches,
    )


def _nested(counts: Mapping[Cause, int]) -> dict[str, dict[str, int]]:
    nested: dict[str, dict[str, int]] = defaultdict(dict)
    for cause, count in sorted(counts.items()):
        nested[str(cause.outcome)][cause.rule] = count
    return dict(nested)


def _flat(nested: Mapping[str, Mapping[str, int]]) -> Iterator[tuple[Cause, int]]:
    for outcome, rules in nested.items():
        for rule, count in rules.items():
            yield Cause(outcome, rule), count
