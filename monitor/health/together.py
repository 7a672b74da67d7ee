"""Pure: for which share of a time a group was available: at least one of its targets was.

Instants are seconds since the epoch. Time in which nothing is known of any target is left out.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from monitor.health.availability import UNTOLD, Availability, Span, Stay, total
from monitor.model.health import State


class Times(NamedTuple):
    """When a target was what; both in order, and none overlaps another.

    Attributes:
        available: Neither down nor left out.
        unavailable: Down, from the first failure of the streak that led to it.
    """

    available: Sequence[Span] = ()
    unavailable: Sequence[Span] = ()


class Hour(NamedTuple):
    """What rollups say of an hour of a group.

    Attributes:
        begin: Its first instant.
        end: The first instant after it.
        told_seconds: For how long something is known of the target of which most is.
        best_seconds: For how long the target was available that was for longest.
        sum_seconds: For how long the targets were available, added up.
    """

    begin: float
    end: float
    told_seconds: float
    best_seconds: float
    sum_seconds: float


def times(known: Iterable[Stay], silent: Iterable[Span] = ()) -> Times:
    """Say when a target was available and when it was not.

    Args:
        known: What `stays` gave.
        silent: What `silences` gave: this time is left out.
    """
    available: list[Span] = []
    unavailable: list[Span] = []
    gaps = list(silent)
    for stay in known:
        if stay.state in UNTOLD:
            continue
        told = without([(stay.begin, stay.end)], gaps)
        (unavailable if stay.state is State.DOWN else available).extend(told)
    return Times(available, unavailable)


def together(members: Iterable[Times]) -> Times:
    """Say when a group was available, and when it was not though something is known of it."""
    known = list(members)
    available = joined(span for each in known for span in each.available)
    unavailable = joined(span for each in known for span in each.unavailable)
    return Times(available, without(unavailable, available))


def within(group: Times, begin: float, end: float) -> Availability:
    """Say for how long of a time a group was available, and for how long it was not."""
    return total([Availability(*(_covered(each, begin, end) for each in group))])


def of_hour(hour: Hour, group: Times) -> Availability:
    """Say for how long of an hour a group was available.

    Where one target was available throughout, or only one ever was, the rollups alone say it.

    Args:
        hour: What the rollups say.
        group: By its targets' changes of state alone. These tell nothing of silences, so what
            the rollups say bounds what they do.
    """
    by_states = within(group, hour.begin, hour.end).available_seconds
    most = min(hour.sum_seconds, hour.end - hour.begin)
    available = max(min(by_states, most), hour.best_seconds)
    return total([Availability(available, max(hour.told_seconds - available, 0.0))])


def joined(spans: Iterable[Span]) -> list[Span]:
    """Join times that touch or overlap; in order."""
    known: list[Span] = []
    for begin, end in sorted(spans):
        if known and begin <= known[-1][1]:
            known[-1] = known[-1][0], max(known[-1][1], end)
        else:
            known.append((begin, end))
    return known


def without(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """Take times out of times."""
    left = list(spans)
    for first, last in others:
        left = [
            piece
            for begin, end in left
            for piece in ((begin, min(end, first)), (max(begin, last), end))
            if piece[0] < piece[1]
        ]
    return left


def _covered(spans: Iterable[Span], begin: float, end: float) -> float:
    parts = (min(last, end) - max(first, begin) for first, last in spans)
    return sum(part for part in parts if part > 0)
