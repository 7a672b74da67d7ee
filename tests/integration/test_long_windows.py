"""Long windows as they are published equal those from the raw rows, whatever was folded when.

Random pasts with gaps, late results and an interval that changed, on both databases: counts are
the same, times within the sketches' bound, availability that of the whole history.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.health.availability import Interval, availability, stays, tellings, untold
from monitor.health.buckets import DAY, HOUR, Resolution, window_begin
from monitor.health.coverage import Span, by_interval, expected_slots
from monitor.health.past import held_since
from monitor.health.stats import sample, summarize
from monitor.model.health import Health, Transition
from monitor.model.result import Result
from monitor.model.triple import Triple
from monitor.model.window import LONG_WINDOWS, WindowStats
from monitor.recorder.memory import TargetMemory
from monitor.store.engine import Engine, open_engine
from monitor.store.history import read_samples
from monitor.store.pasts import read_pasts
from monitor.store.results import write_triples
from monitor.store.rollups import fold_due
from monitor.store.schedules import sync_schedule
from monitor.store.targets import sync_targets
from monitor.store.transitions import read_changes
from tests.databases import KINDS, fresh_database
from tests.factories import make_probe, make_target
from tests.fakes import START
from tests.histories import assert_stats_agree, results

KEY = "acme/large"
NOW = START + timedelta(minutes=20)
RUNNING_AT = Resolution.HOUR.begin_of(NOW)
BEGUN_AT = NOW - 100 * DAY
CHANGED_AT = NOW - 10 * DAY
PATIENCE_SECONDS = 52.0
#: Intervals, which are longer than an hour here: what a run tells reaches over into later hours.
OLD, NEW = make_probe(interval_seconds=3600.0), make_probe(interval_seconds=1500.0)

#: So many hours before the running one: in memory, at the begin of each window, and in between.
HOURS_AGO = st.sampled_from(
    (0, 1, 2, 12, 20, 21, 22, 23, 24, 30, 167, 168, 169, 400, 719, 720, 721, 2159, 2160, 2161, 2300)
)


def moved(result: Result, hours_ago: int) -> Result:
    """The result, as of so many hours before the running one; it ran at its slot if it ran."""
    at = result.slot_at - hours_ago * HOUR
    return replace(result, slot_at=at, started_at=at if result.started_at else None)


STORED = st.lists(st.builds(moved, results(), HOURS_AGO), max_size=30)
#: Of the hour in which the windows were read, and of the two after it.
LIVE = st.lists(st.builds(moved, results(minutes=180), st.just(0)), max_size=12)


class Scene:
    """A daemon that was started again, and the one before it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.spans = (
            Span(
                begin_at=BEGUN_AT.timestamp(),
                end_at=CHANGED_AT.timestamp(),
                count=by_interval(OLD.interval_seconds),
            ),
            Span(
                begin_at=CHANGED_AT.timestamp(),
                end_at=None,
                count=by_interval(NEW.interval_seconds),
            ),
        )
        self.intervals = (
            Interval(BEGUN_AT.timestamp(), OLD.interval_seconds),
            Interval(CHANGED_AT.timestamp(), NEW.interval_seconds),
        )
        self.memory = self._memory()
        self._before = self._memory()
        self.results: dict[tuple[datetime, int], Result] = {}
        self.changes: list[Transition] = []
        with engine.begin() as connection:
            self._ids = sync_targets(connection, [make_target(KEY)], BEGUN_AT)
            sync_schedule(connection, [OLD], "here", BEGUN_AT)
            sync_schedule(connection, [NEW], "here", CHANGED_AT)

    def _memory(self) -> TargetMemory:
        return TargetMemory(probe=NEW, health=Health(), spans=self.spans, begun_at=NOW)

    def store(self, batch: Sequence[Result]) -> None:
        """Have the daemon before take and write these."""
        triples = self._taken(self._before, batch)
        with self.engine.begin() as connection:
            write_triples(connection, self._ids, triples)

    def fold(self, until_at: datetime, most: int) -> None:
        """Fold some hours, oldest first."""
        with self.engine.begin() as connection:
            fold_due(connection, until_at, most)

    def start(self) -> None:
        """Recall the last day."""
        with self.engine.connect() as connection:
            self.memory.recall(
                read_samples(connection, "here", NOW - DAY - 3 * HOUR, KEY),
                None,
                None,
                read_changes(connection, self._ids[KEY], "here", NOW - DAY, NOW),
                self.intervals,
            )
        self.memory.health = self._before.health

    def take(self, batch: Sequence[Result]) -> None:
        """Take these, which nobody writes."""
        self._taken(self.memory, batch)

    def _taken(self, memory: TargetMemory, batch: Sequence[Result]) -> list[Triple]:
        triples = []
        for each in sorted(batch, key=lambda each: (each.slot_at, each.confirm)):
            scheduled = self.results.get((each.slot_at, 0))
            is_possible = not each.confirm or (scheduled and scheduled.started_at)
            if is_possible and (each.slot_at, each.confirm) not in self.results:
                self.results[each.slot_at, each.confirm] = each
                triples.append(memory.take(each, each.slot_at))
        self.changes += [each.transition for each in triples if each.transition]
        return triples

    def told(self, now: datetime) -> dict[str, WindowStats]:
        windows = self.memory.view(now).windows
        return {name: stats for name, stats in windows.items() if name in LONG_WINDOWS}

    def reckoned(self, name: str, read_at: datetime, now: datetime) -> WindowStats:
        """A window of all results and changes, as if nothing had ever been folded."""
        begin_at = window_begin(read_at, LONG_WINDOWS[name])
        span = begin_at.timestamp(), now.timestamp()
        inside = [each for each in self.results.values() if begin_at <= each.slot_at <= now]
        samples = [sample(each) for each in inside if each.confirm == 0]
        settled = now.timestamp() - PATIENCE_SECONDS
        expected = expected_slots(self.spans, span[0] - 1e-6, settled - 1e-6)
        planned = LONG_WINDOWS[name] / NEW.interval_seconds
        heard = sorted(
            each.slot_at.timestamp() for each in self.results.values() if each.started_at
        )
        told = tellings([at for at in heard if at <= span[1]], self.intervals)
        known = availability(stays(self.changes, *span), untold(told, *span))
        stats = summarize(samples, expected, planned=planned)
        return replace(stats, availability_ratio=known.ratio)


@contextmanager
def scene(kind: str) -> Iterator[Scene]:
    with (
        tempfile.TemporaryDirectory() as folder,
        fresh_database(kind, Path(folder), migrated=True) as url,
    ):
        engine = open_engine(url)
        yield Scene(engine)
        engine.dispose()


def between(batch: Sequence[Result], begin_at: datetime, end_at: datetime) -> list[Result]:
    return [each for each in batch if begin_at <= each.slot_at <= end_at]


@pytest.mark.parametrize("kind", KINDS)
@given(early=STORED, late=STORED, live=LIVE, folded=st.integers(0, 60), later=st.integers(0, 150))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
def test_long_windows_equal_those_from_raw_rows(
    kind: str,
    early: list[Result],
    late: list[Result],
    live: list[Result],
    folded: int,
    later: int,
) -> None:
    with scene(kind) as past:
        past.store(between(early, BEGUN_AT, NOW))
        past.fold(RUNNING_AT, folded)
        past.store(between(late, BEGUN_AT, NOW))
        # What is not in memory was folded long ago.
        past.fold(held_since(NOW), 1000)
        past.start()
        with past.engine.connect() as connection:
            found = read_pasts(connection, "here", [KEY], NOW)[KEY]

    now = NOW + timedelta(minutes=later)
    for at in (NOW, now):
        before = len(past.changes)
        past.take(between(live, RUNNING_AT, at))
        past.memory.reckon(found, at)
        # An incident that began in an hour that was folded is known when that is read again.
        reaches_back = any(dated(each) < RUNNING_AT for each in past.changes[before:])
        assert_told(past, at, is_whole=not reaches_back)
        if reaches_back:
            return


def dated(change: Transition) -> datetime:
    return change.incident_at or change.at


def assert_told(past: Scene, now: datetime, *, is_whole: bool) -> None:
    """Compare the windows that are told with those of the whole history."""
    told = past.told(now)
    assert told.keys() == LONG_WINDOWS.keys()
    for name, stats in told.items():
        exact = past.reckoned(name, NOW, now)
        ratio = exact.availability_ratio
        if is_whole:
            assert stats.availability_ratio == (
                None if ratio is None else pytest.approx(ratio, abs=1e-6)
            )
        assert_stats_agree(replace(stats, availability_ratio=ratio), exact)
