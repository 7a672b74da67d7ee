"""The store at the start: opened, upgraded, brought in line with the configuration, read back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from monitor.app.spans import intervals_of, spans_of
from monitor.config.settings import Settings
from monitor.health.availability import Interval, runup_seconds
from monitor.health.coverage import Span
from monitor.model.health import Health, Transition
from monitor.model.snapshot import Totals
from monitor.model.target import Probe
from monitor.model.triple import Triple
from monitor.model.window import EXACT_WINDOWS
from monitor.probes.budget import Spending
from monitor.probes.discovery import key_prefix
from monitor.recorder.memory import TargetMemory
from monitor.store.counters import read_totals
from monitor.store.engine import Connection, Engine, open_engine
from monitor.store.errors import StoreError
from monitor.store.healths import read_healths
from monitor.store.history import (
    read_costs,
    read_newest,
    read_newest_slot,
    read_samples,
    read_speeds,
    read_traces,
)
from monitor.store.location import where
from monitor.store.migrate import upgrade
from monitor.store.results import write_triples
from monitor.store.schedules import read_schedule, sync_schedule
from monitor.store.targets import read_providers, sync_targets
from monitor.store.transitions import read_changes, read_transitions

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)

#: Given what writes a batch, it writes what waits, and says how many triples that were.
Replay = Callable[[Callable[[Sequence[Triple]], None]], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Persistence:
    """The open store, and what it knew when it was opened.

    Attributes:
        engine: For the writer.
        target_ids: Ids of all targets, by key.
        healths: What was believed of each target before the restart.
        spans: The schedules of each target's completion probe.
        totals: What was counted of each target before the restart.
        newest_slot_at: The newest slot of all targets; None without any.
        spending: What the UTC day has cost so far.
        changes: Of state in the last 24 hours, in order.
        intervals: How often each target was probed, from when on.
        on_duplicates: Told how many results of a batch were there already.
    """

    engine: Engine
    target_ids: dict[str, int]
    healths: Mapping[str, Health]
    spans: Mapping[str, Sequence[Span]]
    totals: Mapping[str, Totals]
    newest_slot_at: datetime | None
    spending: Spending
    changes: Sequence[Transition] = ()
    intervals: Mapping[str, Sequence[Interval]] = field(default_factory=dict)
    on_duplicates: Callable[[int], None] | None = None

    def write(self, triples: Sequence[Triple]) -> None:
        """Write a batch in one transaction."""
        with self.engine.begin() as connection:
            new = write_triples(connection, self.target_ids, triples)
        if new < len(triples) and self.on_duplicates:
            self.on_duplicates(len(triples) - new)


def replace_probes(
    store: Persistence,
    probes: Sequence[Probe],
    vantage: str,
    now: datetime,
    awaited: tuple[str, ...] = (),
) -> Persistence:
    """Bring the store in line with other probes, and read what is known of their targets.

    Args:
        store: As it was.
        probes: All that are to be run.
        vantage: Where they are run from.
        now: From when on.
        awaited: Beginnings of the keys of targets that a list may still name; they stay.

    Raises:
        StoreError: The database is locked, or lost; nothing was changed.
    """
    with _told(store.engine), store.engine.begin() as connection:
        target_ids = _sync(connection, probes, vantage, now, awaited)
        history = read_schedule(connection, vantage)
        replaced = replace(
            store,
            healths=read_healths(connection, vantage),
            spans=spans_of(probes, history),
            intervals=intervals_of(history),
            totals=read_totals(connection, vantage),
        )
    store.target_ids.update(target_ids)
    return replaced


def warm(
    store: Persistence, memories: Mapping[str, TargetMemory], vantage: str, now: datetime
) -> int:
    """Take the last 24 hours into *memories*; give how many results there were.

    Raises:
        StoreError: The database is locked, or lost.
    """
    count = 0
    # A transaction that only reads: the writer does not wait for it.
    with (
        _told(store.engine),
        store.engine.connect().execution_options(begin="BEGIN") as connection,
    ):
        speeds = read_speeds(connection, vantage, now - _DAY)
        for key, memory in memories.items():
            count += _recall(connection, store, memory, vantage, now)
            traces = read_traces(connection, vantage, now - _HOUR, key)
            memory.remember(traces, speeds.get(key, ()))
    return count


def _recall(
    connection: Connection,
    store: Persistence,
    memory: TargetMemory,
    vantage: str,
    now: datetime,
) -> int:
    key = memory.probe.target.key
    number = store.target_ids.get(key)
    begin_at = now - timedelta(seconds=max(EXACT_WINDOWS.values()))
    intervals = store.intervals.get(key, ())
    # Runs from before the windows may tell something of their begin.
    since = begin_at - timedelta(seconds=runup_seconds(intervals, begin_at.timestamp()))
    newest, run = read_newest(connection, vantage, key)
    changes = read_changes(connection, number, vantage, begin_at, now) if number else ()
    samples = read_samples(connection, vantage, since, key)
    return memory.recall(samples, newest, run, changes, intervals)


def open_persistence(
    settings: Settings,
    now: datetime,
    on_duplicates: Callable[[int], None] | None = None,
    replay: Replay | None = None,
) -> Persistence:
    """Open the store of *settings* and read what a restart resumes from.

    Args:
        settings: Where the store is, and what is probed.
        now: From when on.
        on_duplicates: Told how many results of a batch were there already.
        replay: Writes what an earlier life could not write, and says how much that was.

    Raises:
        StoreError: The database cannot be opened, upgraded or written.
    """
    engine = open_engine(settings.database)
    try:
        upgrade(engine)
        with _told(engine):
            store = _resume(engine, settings, now, on_duplicates)
            if replay and replay(store.write):
                store = _resume(engine, settings, now, on_duplicates)
    except BaseException:
        engine.dispose()
        raise
    return store


def _resume(
    engine: Engine,
    settings: Settings,
    now: datetime,
    on_duplicates: Callable[[int], None] | None,
) -> Persistence:
    with engine.begin() as connection:
        awaited = tuple(key_prefix(each.template) for each in settings.discoveries)
        target_ids = _sync(connection, settings.probes, settings.vantage, now, awaited)
        history = read_schedule(connection, settings.vantage)
        return Persistence(
            engine=engine,
            on_duplicates=on_duplicates,
            target_ids=target_ids,
            healths=read_healths(connection, settings.vantage),
            spans=spans_of(settings.probes, history),
            intervals=intervals_of(history),
            totals=read_totals(connection, settings.vantage),
            newest_slot_at=read_newest_slot(connection, settings.vantage),
            spending=_spending(connection, settings.vantage, now),
            changes=read_transitions(connection, settings.vantage, now - _DAY),
        )


def _sync(
    connection: Connection,
    probes: Sequence[Probe],
    vantage: str,
    now: datetime,
    awaited: tuple[str, ...],
) -> dict[str, int]:
    targets = {probe.target.key: probe.target for probe in probes}
    target_ids = sync_targets(connection, targets.values(), now, awaited, vantage)
    sync_schedule(connection, probes, vantage, now, awaited)
    return target_ids


@contextmanager
def _told(engine: Engine) -> Iterator[None]:
    """Tell in words what goes wrong with the store, whatever it is.

    Raises:
        StoreError: In place of what the database or its driver raised.
    """
    try:
        yield
    except Exception as error:
        raise StoreError(
            f"The store does not answer: {error.__cause__ or error!r}",
            where=where(engine.url),
            remedy="Check that it can be reached and written; it is asked again soon",
        ) from error


def _spending(connection: Connection, vantage: str, now: datetime) -> Spending:
    """Sum up the day over all targets of each provider, of those that went too: it was spent."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    providers = read_providers(connection)
    spending = Spending(day=midnight.date())
    for target, cost in read_costs(connection, vantage, midnight).items():
        spending = spending.plus(providers[target], cost, midnight)
    return spending
