"""Makes a report from a database; its figures are those that the API gives of the same hours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version

from monitor.app.episodes import read_episodes
from monitor.app.report import Report, TargetReport, Wanted
from monitor.app.report_groups import group_reports
from monitor.app.spans import spans_of, stored_span
from monitor.config.settings import Settings
from monitor.export.queries import Stretch, WindowQuery, window_stretch
from monitor.health.coverage import Span
from monitor.health.rollup import merge_buckets
from monitor.health.series import Point, point
from monitor.model.retention import Retention
from monitor.model.target import Kind
from monitor.store.buckets import read_buckets
from monitor.store.engine import Connection, Engine
from monitor.store.labels import Labels, read_labels
from monitor.store.schedules import ScheduleSpan, read_schedule, read_watched

_PACKAGE = "llm-provider-monitor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a report comes from.

    Attributes:
        reader: Of `open_reader`.
        settings: Count the slots of what they name exactly; others are counted by length.
        now: When it is made.
    """

    reader: Engine
    settings: Settings | None
    now: datetime

    def stretch(self, wanted: Wanted) -> Stretch:
        """Say which whole hours are reported on, as the API widens them.

        Raises:
            UnusableError: There are none, or nothing of them is kept.
        """
        span = {"from": wanted.begin_at, "to": wanted.end_at}
        retention = self.settings.retention if self.settings else Retention()
        return window_stretch(WindowQuery.model_validate(span), self.now, retention)

    def schedules(
        self, vantage: str, history: Sequence[ScheduleSpan]
    ) -> Mapping[str, Sequence[Span]]:
        """Give the schedules of which the very slots are known."""
        if self.settings is None or self.settings.vantage != vantage:
            return {}
        return spans_of(self.settings.probes, history)


def watched(reader: Engine, wanted: Wanted) -> list[tuple[Labels, str]]:
    """List which targets, from which vantages, a report is about."""
    with reader.connect() as connection:
        labels = read_labels(connection)
        seen = ((labels[each.target], each.vantage) for each in read_watched(connection))
        found = [each for each in seen if wanted.asks_for(*each)]
    return sorted(found, key=lambda each: (each[1], each[0].group, each[0].key))


def make_report(
    source: Source,
    wanted: Wanted,
    about: Sequence[tuple[Labels, str]],
    on_target: Callable[[], None] = lambda: None,
) -> Report:
    """Read a report.

    Args:
        source: Where from.
        wanted: What it is asked for.
        about: What `watched` gave.
        on_target: Told after each target.

    Raises:
        UnusableError: Nothing of that time can be told.
    """
    stretch = source.stretch(wanted)
    targets = []
    for labels, vantage in about:
        with source.reader.connect() as connection:
            one = _target(connection, source, labels, vantage, stretch)
        if one.completion.planned or one.episodes or one.throughput:
            targets.append(one)
        on_target()
    return Report(
        wanted=wanted,
        begin_at=stretch.begin_at,
        end_at=min(stretch.end_at, source.now),
        generated_at=source.now,
        version=version(_PACKAGE),
        targets=tuple(targets),
        groups=tuple(group_reports(source.reader, targets, stretch)),
    )


def _target(
    connection: Connection, source: Source, labels: Labels, vantage: str, stretch: Stretch
) -> TargetReport:
    history = read_schedule(connection, vantage, labels.key)
    completions = [row for row in history if row.kind is Kind.COMPLETION]
    speeds = _point(connection, source, labels.key, vantage, Kind.THROUGHPUT, stretch, history)
    held = [
        row.interval_seconds
        for row in completions
        if row.valid_from_at < stretch.end_at
        and (row.valid_to_at is None or row.valid_to_at > stretch.begin_at)
    ]
    past = stretch.begin_at, min(stretch.end_at, source.now)
    return TargetReport(
        labels=labels,
        vantage=vantage,
        since_at=max([stretch.begin_at, *sorted(row.valid_from_at for row in history)[:1]]),
        interval_seconds=tuple(sorted(set(held))),
        completion=_point(
            connection, source, labels.key, vantage, Kind.COMPLETION, stretch, history
        ),
        throughput=speeds if speeds.bucket.counts.samples else None,
        episodes=read_episodes(connection, vantage, labels.key, past),
    )


def _point(
    connection: Connection,
    source: Source,
    target: str,
    vantage: str,
    kind: Kind,
    stretch: Stretch,
    history: Sequence[ScheduleSpan],
) -> Point:
    """Say what the runs of a kind add up to, as the API does of the same hours."""
    buckets = read_buckets(connection, vantage, target, stretch, kind=kind)
    rows = [row for row in history if row.kind is kind]
    holding = (row.interval_seconds for row in rows if row.valid_to_at is None)
    # No run takes longer than its interval.
    settled_at = source.now - timedelta(seconds=max(holding, default=0.0))
    exact = source.schedules(vantage, rows).get(target) if kind is Kind.COMPLETION else None
    spans = exact or [stored_span(row) for row in rows]
    return point(merge_buckets(each.bucket for each in buckets), stretch, spans, settled_at)
