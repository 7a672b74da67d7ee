"""Reads what was recorded, target by target, and replays it with other settings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.config.policy import with_changes
from monitor.config.settings import Settings
from monitor.health.availability import PATIENCE_INTERVALS
from monitor.health.figures import Figures, Terms
from monitor.health.replay import replay
from monitor.model.policy import HealthPolicy
from monitor.model.target import Deadlines, Kind, Probe
from monitor.probes.discovery import key_prefix
from monitor.store.engine import Connection, Engine
from monitor.store.history import read_completions
from monitor.store.schedules import Watched, read_schedule, read_watched

#: Of a probe whose schedule nobody knows.
_INTERVAL_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be replayed, and how.

    Attributes:
        since: The first slot.
        target: The key of the only target; None for all.
        vantage: The only vantage; None for all.
        changes: The other settings; without any there is nothing to compare with.
        false_below_seconds: A target was falsely down if its outage was shorter.
    """

    since: datetime
    target: str | None = None
    vantage: str | None = None
    changes: Mapping[str, Any]
    false_below_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What came of a target from a vantage.

    Attributes:
        watched: Which target, from where.
        is_configured: Its own settings are known; else it was replayed with the usual ones.
        figures: With its own settings, and with the others if there are any.
    """

    watched: Watched
    is_configured: bool
    figures: tuple[Figures, ...]


def watched(reader: Engine, wanted: Wanted) -> list[Watched]:
    """List what there is to replay."""
    with reader.connect() as connection:
        return [
            each
            for each in read_watched(connection)
            if wanted.target in (None, each.target) and wanted.vantage in (None, each.vantage)
        ]


def replay_each(reader: Engine, settings: Settings | None, wanted: Wanted) -> Iterator[Replayed]:
    """Replay one target after the other; those without results in that time are left out.

    Args:
        reader: Of `open_reader`.
        settings: Whose policies they are compared with.
        wanted: What is to be replayed, and how.
    """
    intervals: dict[str, Mapping[str, float]] = {}
    for each in watched(reader, wanted):
        probe = _probe_of(each.target, settings)
        own = probe.policy if probe else HealthPolicy()
        others = (with_changes(own, wanted.changes),) if wanted.changes else ()
        with reader.connect() as connection:
            if each.vantage not in intervals:
                intervals[each.vantage] = _intervals(connection, each.vantage, wanted.since)
            interval = intervals[each.vantage].get(each.target, _INTERVAL_SECONDS)
            terms = Terms(
                false_below_seconds=wanted.false_below_seconds,
                patience_seconds=PATIENCE_INTERVALS * interval,
                deadlines=probe.deadlines if probe else Deadlines(),
            )
            results = read_completions(connection, each.vantage, wanted.since, each.target)
            figures = replay(results, (own, *others), terms)
        if any(told.results for told in figures):
            yield Replayed(watched=each, is_configured=probe is not None, figures=figures)


def _probe_of(key: str, settings: Settings | None) -> Probe | None:
    """Find the completion probe of a target, or the template that it was made from."""
    if settings is None:
        return None
    probes = (each for each in settings.probes if each.kind is Kind.COMPLETION)
    named = (each for each in probes if each.target.key == key)
    templates = (each.template for each in settings.discoveries)
    listed = (each for each in templates if key.startswith(key_prefix(each)))
    return next(named, None) or next(listed, None)


def _intervals(connection: Connection, vantage: str, since: datetime) -> Mapping[str, float]:
    """Give the longest interval that each target's completion probe had in that time."""
    longest: dict[str, float] = {}
    for span in read_schedule(connection, vantage):
        is_over = span.valid_to_at is not None and span.valid_to_at <= since
        if span.kind is Kind.COMPLETION and not is_over:
            known = longest.get(span.target, 0.0)
            longest[span.target] = max(known, span.interval_seconds)
    return longest
