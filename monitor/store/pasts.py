"""The long windows of some targets at a time, as far as they were folded."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection

from monitor.health.buckets import window_begin
from monitor.health.past import NO_SPEEDS, QUANTITIES, Past, add, held_since, not_in, pack
from monitor.health.rollup import Quantity, quantiles
from monitor.model.target import Kind
from monitor.model.window import LONG_WINDOWS
from monitor.store.fleet import Folded, fold_rest, read_folded, read_hours

#: A target with more hours than this to be folded, which are not in memory, is told when they are.
_MOST_DUE = 3


def read_pasts(
    connection: Connection, vantage: str, targets: Collection[str], now: datetime
) -> dict[str, Past]:
    """Read what was folded of the long windows of targets, those apart that have a lot to fold.

    Args:
        connection: In a transaction of which all statements see the same.
        vantage: Where the runs were seen from.
        targets: The targets' keys; few, because each has some hundred rows.
        now: Where the windows end.
    """
    held_at = held_since(now)
    begins = {name: window_begin(now, seconds) for name, seconds in LONG_WINDOWS.items()}
    windows = []
    for begin_at in begins.values():
        folded = read_folded(connection, vantage, begin_at, QUANTITIES, targets=targets)
        windows.append(_with_rest(connection, vantage, folded, held_at))
    hours = read_hours(connection, vantage, held_at, targets)
    speeds = {
        name: _speeds(connection, vantage, begin_at, targets) for name, begin_at in begins.items()
    }
    # Most targets wait for the same hours: it is told once.
    waiting = {folded: not_in(folded, now) for folded in set(hours.values())}
    return {
        key: Past(
            begins,
            tuple(each[key] for each in windows),
            waiting[hours[key]],
            {name: told[key] for name, told in speeds.items() if key in told} or NO_SPEEDS,
        )
        for key in hours
        if all(key in each for each in windows)
    }


def _with_rest(
    connection: Connection, vantage: str, folded: Mapping[str, Folded], held_at: datetime
) -> dict[str, bytes]:
    """Fold what is due and not in memory: mostly nothing."""
    due = {
        key: [hour_at for hour_at in each.due if hour_at < held_at] for key, each in folded.items()
    }
    few = {key: hours for key, hours in due.items() if len(hours) <= _MOST_DUE}
    rest = fold_rest(connection, vantage, {key: hours for key, hours in few.items() if hours})
    return {
        key: pack(add(folded[key].bucket, rest[key]) if key in rest else folded[key].bucket)
        for key in few
    }


def _speeds(
    connection: Connection, vantage: str, begin_at: datetime, targets: Collection[str]
) -> dict[str, float]:
    """Read the median speed of the throughput runs that were folded, of targets that have one.

    Of thousands of runs, those of the last hour move a median by next to nothing.
    """
    wanted = (Quantity.OUTPUT_SPEED,)
    folded = read_folded(connection, vantage, begin_at, wanted, Kind.THROUGHPUT, targets)
    medians = {
        key: quantiles(each.bucket.sketch(Quantity.OUTPUT_SPEED)).median
        for key, each in folded.items()
    }
    return {key: median for key, median in medians.items() if median is not None}
