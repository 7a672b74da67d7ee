"""The schedules of targets, as coverage and availability want them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from monitor.health.availability import Interval
from monitor.health.coverage import SlotCount, Span, by_interval
from monitor.model.target import Kind, Probe
from monitor.scheduling.grid import Grid
from monitor.store.schedules import ScheduleSpan

_MICRO = 1_000_000


def spans_of(
    probes: Sequence[Probe], history: Sequence[ScheduleSpan]
) -> Mapping[str, Sequence[Span]]:
    """Give the schedules of completion probes, by target; those that hold count to the slot."""
    grids = {
        probe.target.key: Grid.of(probe.key, probe.interval_seconds, probe.jitter_seconds)
        for probe in probes
        if probe.kind is Kind.COMPLETION
    }
    spans: dict[str, list[Span]] = defaultdict(list)
    for row in history:
        grid = grids.get(row.target)
        if row.kind is Kind.COMPLETION and grid:
            spans[row.target].append(_span(row, grid))
    return spans


def intervals_of(history: Sequence[ScheduleSpan]) -> Mapping[str, Sequence[Interval]]:
    """Say how often each target was probed, from when on."""
    intervals: dict[str, list[Interval]] = defaultdict(list)
    for row in history:
        if row.kind is Kind.COMPLETION:
            begin = row.valid_from_at.timestamp()
            intervals[row.target].append(Interval(begin, row.interval_seconds))
    return intervals


def stored_span(row: ScheduleSpan, count: SlotCount | None = None) -> Span:
    """Give a schedule as it is stored; unless its slots are known they are counted by length."""
    return Span(
        begin_at=row.valid_from_at.timestamp(),
        end_at=row.valid_to_at.timestamp() if row.valid_to_at else None,
        count=count or by_interval(row.interval_seconds),
    )


def _span(row: ScheduleSpan, grid: Grid) -> Span:
    return stored_span(row, _on_grid(grid) if row.valid_to_at is None else None)


def _on_grid(grid: Grid) -> SlotCount:
    """Count exactly, for the schedule that holds."""

    def count(begin: float, end: float) -> int:
        return grid.latest(int(end * _MICRO)) - grid.latest(int(begin * _MICRO))

    return count
