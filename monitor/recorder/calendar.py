"""Planned work on the targets: who is worked on now, and what uptime is without those times."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from monitor.health.columns import Columns
from monitor.health.maintenance import Span, hours, next_edge, ongoing, spans
from monitor.health.past import Past
from monitor.health.sliding import count_flags
from monitor.health.stats import Counts
from monitor.model.maintenance import Maintenance
from monitor.model.snapshot import TargetView
from monitor.model.target import Target
from monitor.model.window import EXACT_WINDOWS, WindowStats
from monitor.recorder.memory import TargetMemory

#: The first instant of a span is in it; a ring's span begins after one.
_BEFORE = 1e-6

Ratios = Mapping[str, float | None]


class Calendar:
    """Knows when there is work on which targets, in the past as in the time to come.

    Uptime without it is exact for the windows of up to 24 hours; the longer ones leave out each
    hour (UTC) in which there was any.
    """

    def __init__(self) -> None:
        self._all: tuple[Maintenance, ...] = ()
        self._long: dict[str, Ratios] = {}

    def replace(self, rules: Iterable[Maintenance]) -> None:
        """Go by these from now on."""
        self._all, self._long = tuple(rules), {}

    def dress(self, view: TargetView, memory: TargetMemory, now: datetime) -> TargetView:
        """Add to a view whether there is work, and the uptime without it."""
        rules, at = self._rules(view.target), now.timestamp()
        if not rules:
            return view
        exact = {
            name: _ratio(view.windows[name], memory.cut(_cuts(rules, at - seconds, at)))
            for name, seconds in EXACT_WINDOWS.items()
        }
        known = self._long.get(view.target.key, {})
        long = {name: known.get(name) for name in view.windows if name not in exact}
        return replace(view, maintenance=ongoing(rules, at), outside_maintenance=exact | long)

    def reckon(
        self, memory: TargetMemory, windows: Mapping[str, WindowStats], past: Past, now: datetime
    ) -> None:
        """Reckon the uptime of the long windows without the hours in which there was work.

        Args:
            memory: The target's.
            windows: As they are with them.
            past: What they are made of.
            now: Where they end.
        """
        target, at = memory.probe.target, now.timestamp()
        rules = self._rules(target)
        if not rules:
            return
        told: dict[str, float | None] = {}
        for name, stats in windows.items():
            begin = past.begins[name].timestamp()
            work = hours(rules, begin, at)
            live = [
                (max(first, since) - _BEFORE, min(last, until, at) - _BEFORE)
                for first, last in work
                for since, until in past.waiting
                if max(first, since) < min(last, until, at)
            ]
            folded = (each for each in past.maintained if each[0] >= begin)
            told[name] = _ratio(stats, memory.cut(live), folded)
        self._long[target.key] = told

    def hours_of(self, target: Target, begin: float, end: float) -> Sequence[Span]:
        """List the whole hours (UTC) in which there was work on a target."""
        return hours(self._rules(target), begin, end)

    def edge(self, target: Target, at: float) -> float:
        """Say until when nothing changes for a target."""
        return next_edge(self._rules(target), at)

    def _rules(self, target: Target) -> tuple[Maintenance, ...]:
        return tuple(each for each in self._all if each.covers(target))


def _cuts(rules: Sequence[Maintenance], begin: float, end: float) -> list[Span]:
    return [(first - _BEFORE, last - _BEFORE) for first, last in spans(rules, begin, end)]


def _ratio(
    stats: WindowStats,
    inside: Iterable[Columns],
    folded: Iterable[tuple[float, int, int]] = (),
) -> float | None:
    """Give the uptime of a window without what was inside."""
    known: Counts = count_flags(Counter(chain.from_iterable(each.flags for each in inside)))
    good, valid = stats.good - known.good, stats.valid - known.valid
    for _, hour_good, hour_valid in folded:
        good, valid = good - hour_good, valid - hour_valid
    return min(max(good / valid, 0.0), 1.0) if valid > 0 else None
