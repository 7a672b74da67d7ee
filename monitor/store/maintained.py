"""What single hours of single targets add up to, for uptime without them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain

from sqlalchemy import Connection, select

from monitor.health.buckets import Resolution
from monitor.model.target import Kind
from monitor.store.tables import rollup, target

#: When an hour began, and its good and its valid runs.
Hour = tuple[float, int, int]


def read_hours_alone(
    connection: Connection, vantage: str, hours: Mapping[str, Sequence[datetime]]
) -> dict[str, list[Hour]]:
    """Read the counts of completion runs in folded hours.

    Args:
        connection: In a transaction.
        vantage: Where the runs were seen from.
        hours: The hours that are wanted, by target key: a few targets, in one statement.
    """
    found: dict[str, list[Hour]] = defaultdict(list)
    wanted = set(chain.from_iterable(hours.values()))
    if not wanted:
        return found
    query = (
        select(target.c.key, rollup.c.bucket_at, rollup.c.good, rollup.c.valid)
        .join(target, target.c.id == rollup.c.target_id)
        .where(
            target.c.key.in_(hours),
            rollup.c.kind == Kind.COMPLETION.value,
            rollup.c.vantage == vantage,
            rollup.c.resolution == Resolution.HOUR.value,
            rollup.c.bucket_at.in_(sorted(wanted)),
        )
    )
    for key, bucket_at, good, valid in connection.execute(query):
        if bucket_at in hours[key]:
            found[key].append((bucket_at.timestamp(), good, valid))
    return found
