"""Pure: what was believed of one target in the last hours, and when nothing was heard of it.

Instants are seconds since the epoch.
"""

import math
from collections.abc import Iterable, Iterator

from monitor.health.availability import Availability, Span, Stay, availability, stays
from monitor.health.together import Times, times
from monitor.model.health import Transition


class Track:
    """Remembers changes of state and silences; mostly there are none, and then all is quick."""

    __slots__ = ("_changed", "_silences", "_told", "_transitions")

    def __init__(self) -> None:
        self._transitions: tuple[Transition, ...] = ()
        #: From when on the newest state holds.
        self._changed = math.inf
        #: Those that ended, in order.
        self._silences: list[Span] = []
        #: Until when the runs tell something.
        self._told = -math.inf

    def hear(self, begin: float, end: float) -> None:
        """Note that a run tells something from its begin on; runs may come in any order."""
        if begin > self._told:
            self._silences.append((self._told, begin))
        elif self._silences and begin < self._silences[-1][1]:
            self._silences = list(_without(self._silences, begin, end))
        self._told = max(self._told, end)

    def learn(self, transitions: Iterable[Transition]) -> None:
        """Note changes of state, in the order in which they happened."""
        for each in transitions:
            self._transitions += (each,)
            self._changed = (each.incident_at or each.at).timestamp()

    def forget(self, before: float) -> None:
        """Let go of what says nothing of the time from an instant on."""
        if self._silences and self._silences[0][1] <= before:
            self._silences = [each for each in self._silences if each[1] > before]
        while len(self._transitions) > 1 and self._transitions[1].at.timestamp() <= before:
            self._transitions = self._transitions[1:]

    def availability(self, begin: float, end: float) -> Availability:
        """Say how long the target was available, and how long it was not."""
        return availability(self._stays(begin, end), list(self._silent(begin, end)))

    def times(self, begin: float, end: float) -> Times:
        """Say when the target was available, and when it was not."""
        return times(self._stays(begin, end), self._silent(begin, end))

    def _stays(self, begin: float, end: float) -> list[Stay]:
        if self._changed <= begin:
            return [Stay(begin, end, self._transitions[-1].new_state)] if begin < end else []
        return stays(self._transitions, begin, end)

    def _silent(self, begin: float, end: float) -> Iterator[Span]:
        if self._silences and self._silences[-1][1] > begin:
            for first, last in self._silences:
                if first < end and last > begin:
                    yield max(first, begin), min(last, end)
        if self._told < end:
            yield max(self._told, begin), end


def _without(silences: Iterable[Span], begin: float, end: float) -> Iterator[Span]:
    """Take a time out of silences."""
    for first, last in silences:
        if last <= begin or end <= first:
            yield first, last
            continue
        if first < begin:
            yield first, begin
        if end < last:
            yield end, last
