"""The views of all targets: drawn anew where something moved, and kept where nothing did."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from zlib import crc32

from monitor.model.snapshot import TargetView
from monitor.recorder.calendar import Calendar
from monitor.recorder.memory import TargetMemory

#: A view is drawn anew when a result came, or when its windows moved on by so much.
VIEW_AGE_SECONDS = 15.0
#: After so many views the probing loop gets its turn; else it may wait 5 ms for the interpreter.
_BREATH = 8


class _Hold(NamedTuple):
    """How long a view holds: *since* one instant and before another, unless the version moves."""

    version: int
    since: float
    until: float


class Views:
    """Draws targets, each as seldom as it may; one thread at a time may call it.

    Args:
        calendar: Knows of planned work.
    """

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._keys: Sequence[str] = ()
        self._holds: dict[str, _Hold] = {}
        self._views: dict[str, TargetView] = {}

    def draw(
        self, memories: Mapping[str, TargetMemory], keys: Sequence[str], now: datetime
    ) -> tuple[TargetView, ...]:
        """Give the views of the named targets as they are at an instant, in the same order."""
        at = now.timestamp()
        for number, key in enumerate(self._stale(memories, keys, at), 1):
            memory = memories[key]
            hold = _hold(key, memory.version, at, self._holds.get(key))
            view = self._calendar.dress(memory.view(now), memory, now)
            edge = self._calendar.edge(view.target, at)
            self._holds[key] = hold._replace(until=min(hold.until, edge))
            self._views[key] = view
            if number % _BREATH == 0:
                time.sleep(0)
        if keys != self._keys:
            self._holds = {key: self._holds[key] for key in keys}
            self._views = {key: self._views[key] for key in keys}
            self._keys = keys
        return tuple(self._views.values())

    def _stale(
        self, memories: Mapping[str, TargetMemory], keys: Sequence[str], at: float
    ) -> Sequence[str]:
        stale = []
        for key in keys:
            hold, version = self._holds.get(key), memories[key].version
            if not hold or hold.version != version or not hold.since <= at < hold.until:
                stale.append(key)
        return stale


def _hold(key: str, version: int, at: float, last: _Hold | None) -> _Hold:
    # At the start, or after a step of the clock or a sleep of the machine, all targets are drawn
    # in one second. They share out the next seconds among them, so as not to stay together.
    is_alone = last and last.since <= at < last.until + VIEW_AGE_SECONDS
    return _Hold(version, at, at + VIEW_AGE_SECONDS * (1.0 if is_alone else _share(key)))


def _share(key: str) -> float:
    return (crc32(key.encode()) + 1) / (1 << 32)
