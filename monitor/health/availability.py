"""Pure: for which share of a time a target was available, by what was believed of it."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from monitor.model.health import State, Transition

#: In these states nobody knows whether the target could have served.
_UNTOLD = (State.UNKNOWN, State.BLOCKED)


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

    available_seconds: float
    unavailable_seconds: float

    @property
    def ratio(self) -> float | None:
        """The share of available time; None if all of it is left out."""
        told = self.available_seconds + self.unavailable_seconds
        return self.available_seconds / told if told else None


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
) -> list[tuple[float, float]]:
    """List the times in which what was believed was stale.

    Args:
        heard: When runs took place, ascending, from *patience_seconds* before *begin* on; in
            seconds since the epoch.
        begin: From when on.
        end: Until when.
        patience_seconds: So long after a run it still tells something: three intervals.
    """
    told = begin
    silent = []
    for at in heard:
        if at > told and at > begin:
            silent.append((told, min(at, end)))
        told = max(told, at + patience_seconds)
    silent.append((told, end))
    return [(first, last) for first, last in silent if first < last]


def availability(known: Sequence[Stay], silent: Sequence[tuple[float, float]] = ()) -> Availability:
    """Add up how long a target was available, and how long it was not.

    Args:
        known: What `stays` gave.
        silent: What `silences` gave: this time is left out.
    """
    available = unavailable = 0.0
    for stay in known:
        if stay.state in _UNTOLD:
            continue
        told = stay.end - stay.begin - _shared(stay, silent)
        if stay.state is State.DOWN:
            unavailable += told
        else:
            available += told
    return Availability(available, unavailable)


def _shared(stay: Stay, silent: Iterable[tuple[float, float]]) -> float:
    overlaps = (min(stay.end, last) - max(stay.begin, first) for first, last in silent)
    return sum(overlap for overlap in overlaps if overlap > 0)
