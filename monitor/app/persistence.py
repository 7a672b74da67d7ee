"""The store at the start: opened, upgraded, brought in line with the configuration, read back."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.config.settings import Settings
from monitor.health.coverage import SlotCount, Span
from monitor.model.health import Health
from monitor.model.result import Result
from monitor.model.target import Kind, Probe
from monitor.model.triple import Triple
from monitor.model.window import WINDOWS
from monitor.probes.budget import Spending
from monitor.scheduling.grid import Grid
from monitor.store.engine import Engine, open_engine
from monitor.store.healths import read_healths
from monitor.store.migrate import upgrade
from monitor.store.results import read_results, write_triples
from monitor.store.schedules import ScheduleSpan, read_schedule, sync_schedule
from monitor.store.targets import sync_targets

_MICRO = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Persistence:
    """The open store, and what it knew when it was opened.

    Attributes:
        engine: For the writer.
        target_ids: Ids of all targets, by key.
        healths: What was believed of each target before the restart.
        spans: The schedules of each target's completion probe.
        results: Results of the last 24 hours, oldest first.
        spending: What the UTC day has cost so far.
        on_duplicates: Told how many results of a batch were there already.
    """

    engine: Engine
    target_ids: dict[str, int]
    healths: Mapping[str, Health]
    spans: Mapping[str, Sequence[Span]]
    results: Sequence[Result]
    spending: Spending

    on_duplicates: Callable[[int], None] | None = None

    def write(self, triples: Sequence[Triple]) -> None:
        """Write a batch in one transaction."""
        with self.engine.begin() as connection:
            new = write_triples(connection, self.target_ids, triples)
        if new < len(triples) and self.on_duplicates:
            self.on_duplicates(len(triples) - new)


def replace_probes(
    store: Persistence, probes: Sequence[Probe], vantage: str, now: datetime
) -> Persistence:
    """Bring the store in line with other probes, and read what is known of their targets."""
    with store.engine.begin() as connection:
        targets = {probe.target.key: probe.target for probe in probes}
        target_ids = sync_targets(connection, targets.values(), now)
        sync_schedule(connection, probes, vantage, now)
        store.target_ids.update(target_ids)
        return replace(
            store,
            healths=read_healths(connection, vantage),
            spans=_spans(probes, read_schedule(connection, vantage)),
            results=[],
        )


def open_persistence(
    settings: Settings, now: datetime, on_duplicates: Callable[[int], None] | None = None
) -> Persistence:
    """Open the store of *settings* and read what a restart resumes from.

    Raises:
        StoreError: The database cannot be opened or upgraded.
    """
    engine = open_engine(settings.database)
    upgrade(engine)
    with engine.begin() as connection:
        targets = {probe.target.key: probe.target for probe in settings.probes}
        target_ids = sync_targets(connection, targets.values(), now)
        sync_schedule(connection, settings.probes, settings.vantage, now)
        since = now - timedelta(seconds=max(WINDOWS.values()))
        results = list(read_results(connection, settings.vantage, since))
        return Persistence(
            engine=engine,
            on_duplicates=on_duplicates,
            target_ids=target_ids,
            healths=read_healths(connection, settings.vantage),
            spans=_spans(settings.probes, read_schedule(connection, settings.vantage)),
            results=results,
            spending=_spending(settings.probes, results, now),
        )


def _spending(probes: Sequence[Probe], results: Sequence[Result], now: datetime) -> Spending:
    providers = {probe.target.key: probe.target.provider for probe in probes}
    spending = Spending(day=now.date())
    for result in results:
        cost, provider = result.measurement.cost_usd, providers.get(result.target)
        if cost and provider and result.at.date() == now.date():
            spending = spending.plus(provider, cost, result.at)
    return spending


def _spans(
    probes: Sequence[Probe], history: Sequence[ScheduleSpan]
) -> Mapping[str, Sequence[Span]]:
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


def _span(row: ScheduleSpan, grid: Grid) -> Span:
    is_open = row.valid_to_at is None
    return Span(
        begin_at=row.valid_from_at.timestamp(),
        end_at=row.valid_to_at.timestamp() if row.valid_to_at else None,
        count=_on_grid(grid) if is_open else _by_interval(row.interval_seconds),
    )


def _on_grid(grid: Grid) -> SlotCount:
    """Count exactly, for the schedule that holds."""

    def count(begin: float, end: float) -> int:
        return grid.latest(int(end * _MICRO)) - grid.latest(int(begin * _MICRO))

    return count


def _by_interval(interval_seconds: float) -> SlotCount:
    """Count by length, for a schedule whose slots are no longer known; off by one at most."""

    def count(begin: float, end: float) -> int:
        return round((end - begin) / interval_seconds)

    return count
