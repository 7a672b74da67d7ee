"""Pure: for which share of a time a group was available: at least one of its targets was.

Instants are seconds since the epoch. Time in which nothing is known of any target is left out.
"""

from bisect import bisect_left
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


class Member(NamedTuple):
    """What is known of a target in an hour that was folded.

    Attributes:
        states: When it was available, by its changes of state alone.
        told: For how long it was, by the rollup, which leaves silences out.
    """

    states: Times
    told: Availability


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


def of_hour(begin: float, end: float, members: Sequence[Member]) -> Availability:
    """Say for how long of an hour a group was available, of rollups and of changes of state.

    The changes tell nothing of silences; how much time the silences took from each target, its
    rollup tells. Mostly they are those of all targets, when nothing was probed at all, and while
    they last no state changes: then what is told is exact, as it is without any.

    Args:
        begin: Of the hour.
        end: The first instant after it.
        members: The targets of which something is told in it.
    """
    clipped = [Times(*(_clipped(each, begin, end) for each in one.states)) for one in members]
    by_states = within(together(clipped), begin, end)
    lost = [
        [round(had - has, 6) for had, has in zip(within(times, begin, end), one.told, strict=True)]
        for times, one in zip(clipped, members, strict=True)
    ]
    available_sum, unavailable_sum = total([one.told for one in members])
    best = max(one.told.available_seconds for one in members)
    # Who is available through a silence loses all of it, and so does the group; what else is lost
    # was lost while nobody was available.
    silent, silent_available = max(map(sum, lost)), max(each[0] for each in lost)
    available = by_states.available_seconds - silent_available
    available = min(max(available, best), available_sum, end - begin)
    unavailable = by_states.unavailable_seconds - (silent - silent_available)
    unavailable = min(max(unavailable, 0.0), unavailable_sum, end - begin - available)
    return Availability(available, unavailable)


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
    """Take times out of times; both in order, and none overlaps another of its kind."""
    left: list[Span] = []
    gone, done = list(others), 0
    for begin, end in spans:
        while done < len(gone) and gone[done][1] <= begin:
            done += 1
        known, place = begin, done
        # The last of those in this one may reach into the next, so `done` stays where it is.
        while place < len(gone) and gone[place][0] < end:
            first, last = gone[place]
            if known < first:
                left.append((known, first))
            known, place = max(known, last), place + 1
        if known < end:
            left.append((known, end))
    return left


def _covered(spans: Sequence[Span], begin: float, end: float) -> float:
    return sum(last - first for first, last in _clipped(spans, begin, end))


def _clipped(spans: Sequence[Span], begin: float, end: float) -> list[Span]:
    """Give what lies between two instants; of many spans only those near are looked at."""
    first = max(bisect_left(spans, (begin, begin)) - 1, 0)
    last = bisect_left(spans, (end, end), lo=first)
    clipped = ((max(each[0], begin), min(each[1], end)) for each in spans[first:last])
    return [each for each in clipped if each[0] < each[1]]
