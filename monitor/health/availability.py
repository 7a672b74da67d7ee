"""Pure: for which share of a time a target was available, by what was believed of it."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from monitor.model.health import State, Transition

#: In these states nobody knows whether the target could have served.
UNTOLD = (State.UNKNOWN, State.BLOCKED)

#: So many intervals after a run it still tells something; what is believed then is stale.
PATIENCE_INTERVALS = 3

#: Times are told to a microsecond, so that they add up to the same in any order.
_DECIMALS = 6

#: From when until when, in seconds since the epoch.
Span = tuple[float, float]


class Stay(NamedTuple):
    """A time in one state.

    Attributes:
        begin: Seconds since the epoch.
        end: As *begin*; the first instant of the next.
        state: The state.
    """

    begin: float
    end: float
    state: State


class Availability(NamedTuple):
    """How long a target was what.

    Attributes:
        available_seconds: Neither down nor left out.
        unavailable_seconds: Down, from the first failure of the streak that led to it.
    """

    available_seconds: float = 0.0
    unavailable_seconds: float = 0.0

    @property
    def ratio(self) -> float | None:
        """The share of available time; None if all of it is left out."""
        told = self.available_seconds + self.unavailable_seconds
        return self.available_seconds / told if told else None


class Interval(NamedTuple):
    """How often a target was probed, from an instant on.

    Attributes:
        begin: Seconds since the epoch.
        seconds: From one slot to the next.
    """

    begin: float
    seconds: float


def stays(transitions: Iterable[Transition], begin: float, end: float) -> list[Stay]:
    """Say what a target's state was when, in order and without a gap.

    A change is dated as its incident where it has one: who goes down has been down since the
    first failure, whatever was believed in the meantime.

    Args:
        transitions: Of one target from one vantage, in the order in which they happened, from
            before *begin* on: without one the state is unknown.
        begin: Seconds since the epoch.
        end: As *begin*.
    """
    changes = [(begin, State.UNKNOWN)]
    for transition in transitions:
        at = (transition.incident_at or transition.at).timestamp()
        while len(changes) > 1 and changes[-1][0] >= at:
            changes.pop()
        changes.append((at, transition.new_state))
    bounds = [min(max(at, begin), end) for at, _ in changes]
    return [
        Stay(first, last, state)
        for (first, last), (_, state) in zip(pairwise([*bounds, end]), changes, strict=True)
        if first < last
    ]


def silences(
    heard: Iterable[float], begin: float, end: float, patience_seconds: float
) -> list[Span]:
    """List the times in which what was believed was stale.

    Args:
        heard: When runs took place, ascending, from *patience_seconds* before *begin* on; in
            seconds since the epoch.
        begin: From when on.
        end: Until when.
        patience_seconds: So long after a run it still tells something: three intervals.
    """
    return untold(((at, at + patience_seconds) for at in heard), begin, end)


def untold(told: Iterable[tuple[float, float]], begin: float, end: float) -> list[Span]:
    """List the times of which no run tells anything.

    Args:
        told: From when until when each run tells something, in the order of the runs.
        begin: Seconds since the epoch, as all instants here.
        end: As *begin*.
    """
    known = begin
    silent = []
    for first, last in told:
        if first > known:
            silent.append((known, min(first, end)))
        known = max(known, last)
    silent.append((known, end))
    return [(first, last) for first, last in silent if first < last]


def tellings(heard: Iterable[float], intervals: Sequence[Interval]) -> list[Span]:
    """Say from when until when each run tells something: for three intervals.

    Args:
        heard: When the runs took place, in seconds since the epoch.
        intervals: In their order. Each holds until the next begins, and the first one before it
            too; without any, nothing is told.
    """
    begins = [each.begin for each in intervals[1:]]
    lasting = [PATIENCE_INTERVALS * each.seconds for each in intervals]
    return [(at, at + lasting[bisect_right(begins, at)]) for at in heard if lasting]


def runup_seconds(intervals: Sequence[Interval], begin: float) -> float:
    """Say how long before an instant a run may have been that still tells something then.

    Args:
        intervals: As for `tellings`.
        begin: Seconds since the epoch.
    """
    ends = [each.begin for each in intervals[1:]]
    lasting = (PATIENCE_INTERVALS * each.seconds for each in intervals)
    spans = zip(lasting, [*ends, begin], strict=True) if intervals else ()
    return max((patience for patience, end in spans if end + patience > begin), default=0.0)


def availability(known: Sequence[Stay], silent: Sequence[Span] = ()) -> Availability:
    """Add up how long a target was available, and how long it was not.

    Args:
        known: What `stays` gave.
        silent: What `silences` gave: this time is left out.
    """
    available = unavailable = 0.0
    for stay in known:
        if stay.state in UNTOLD:
            continue
        told = stay.end - stay.begin - _shared(stay, silent)
        if stay.state is State.DOWN:
            unavailable += told
        else:
            available += told
    return Availability(round(available, _DECIMALS), round(unavailable, _DECIMALS))


def total(parts: Iterable[Availability]) -> Availability:
    """Add up what was reckoned of times that do not overlap."""
    columns = zip(Availability(), *parts, strict=True)
    return Availability(*(round(math.fsum(column), _DECIMALS) for column in columns))


def _shared(stay: Stay, silent: Iterable[Span]) -> float:
    overlaps = (min(stay.end, last) - max(stay.begin, first) for first, last in silent)
    return sum(overlap for overlap in overlaps if overlap > 0)
