"""Windows from rollups and rings equal those from the raw rows, whatever happened in between.

Random pasts with gaps, late and repeated results, folding by bits, and pruning. What comes too late
for an hour that was pruned is lost to the statistics; all else is counted exactly.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.config import main as alembic
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, text

import monitor
from monitor.health.buckets import DAY, HOUR, Resolution, window_begin
from monitor.health.past import fold_columns
from monitor.health.ring import Ring
from monitor.health.rollup import Bucket, Run, fold, merge_buckets, tally
from monitor.health.stats import publish, sample, summarize
from monitor.model.result import Result
from monitor.model.target import Kind
from monitor.model.triple import Triple
from monitor.store import tables
from monitor.store.buckets import read_buckets
from monitor.store.engine import Engine, open_engine
from monitor.store.fleet import fold_rest, read_folded
from monitor.store.migrate import upgrade
from monitor.store.results import write_triples
from monitor.store.rollups import fold_due, seal
from monitor.store.targets import sync_targets
from tests.databases import KINDS, fresh_database
from tests.factories import make_result, make_target
from tests.fakes import START
from tests.histories import assert_stats_agree, results

ROOT = Path(monitor.__file__).parent.parent
KEY = "acme/large"
SPAN_HOURS = 80
MICROSECOND_SECONDS = 1e-6

HOURS = st.integers(0, SPAN_HOURS).map(lambda n: START + n * HOUR)
#: Few, so that an hour often gets more results after it was folded; between them are gaps.
BUSY = st.sampled_from((0, 1, 13, 14, 30, 79))
BATCHES = st.lists(
    st.builds(lambda each, n: replace(each, slot_at=each.slot_at + n * HOUR), results(), BUSY),
    min_size=1,
    max_size=12,
)
LATEST = START + SPAN_HOURS * HOUR
DEEDS = st.one_of(
    st.tuples(st.just("write"), BATCHES),
    st.tuples(st.just("write"), BATCHES),
    st.tuples(st.just("fold"), HOURS),
    st.tuples(st.just("fold"), st.just(LATEST)),
    st.tuples(st.just("prune"), HOURS),
    st.tuples(st.just("replay"), st.none()),
)


class Past:
    """Writes to a store, and remembers by itself what its statistics should count."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._seen: dict[str, Result] = {}
        self._sealed_at = START - DAY
        self.counted: dict[str, Result] = {}
        with engine.begin() as connection:
            self._ids = sync_targets(connection, [make_target(KEY)], START)

    def do(self, deed: str, given_thing: Any) -> None:
        """Do one of `DEEDS`."""
        getattr(self, deed)(given_thing)

    def write(self, batch: Sequence[Result]) -> None:
        fresh = {each.id: each for each in reversed(batch) if each.id not in self._seen}
        with self._engine.begin() as connection:
            write_triples(connection, self._ids, [Triple(result=each) for each in batch])
        self._seen |= fresh
        in_time = {key: each for key, each in fresh.items() if self._is_in_time(each)}
        self.counted |= in_time

    def replay(self, _: None) -> None:
        """Write again what is still there, as after a crash of a spool."""
        self.write([each for each in self._seen.values() if each.slot_at >= self._sealed_at])

    def fold(self, before_at: datetime) -> None:
        with self._engine.begin() as connection:
            fold_due(connection, before_at, limit=20)

    def prune(self, until_at: datetime) -> None:
        with self._engine.begin() as connection:
            allowed_at = seal(connection, until_at)
            connection.execute(delete(tables.result).where(tables.result.c.slot_at < allowed_at))
        self._sealed_at = max(self._sealed_at, allowed_at)

    def _is_in_time(self, result: Result) -> bool:
        return result.slot_at >= self._sealed_at

    def between(self, begin_at: datetime, end_at: datetime) -> list[Result]:
        return [each for each in self.counted.values() if begin_at <= each.slot_at < end_at]


def assert_bucket_agrees(bucket: Bucket, history: Sequence[Result]) -> None:
    samples = [sample(each) for each in history if each.confirm == 0]
    told = publish(tally(bucket), len(samples))
    assert_stats_agree(told, summarize(samples, len(samples)))


@contextmanager
def store(kind: str) -> Iterator[Engine]:
    with (
        tempfile.TemporaryDirectory() as folder,
        fresh_database(kind, Path(folder), migrated=True) as url,
    ):
        engine = open_engine(url)
        yield engine
        engine.dispose()


@pytest.mark.parametrize("kind", KINDS)
@given(
    deeds=st.lists(DEEDS, min_size=3, max_size=12), begin_at=HOURS, end_at=HOURS | st.just(LATEST)
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
def test_windows_equal_those_from_raw_rows(
    kind: str, deeds: list[tuple[str, Any]], begin_at: datetime, end_at: datetime
) -> None:
    begin_at, end_at = min(begin_at, end_at), max(begin_at, end_at)
    with store(kind) as engine:
        past = Past(engine)
        for deed, thing in deeds:
            past.do(deed, thing)
        with engine.connect() as connection:
            by_any = {
                resolution: read_buckets(
                    connection, "here", KEY, (begin_at, end_at), resolution=resolution
                )
                for resolution in Resolution
            }
            due = (folded := read_folded(connection, "here", begin_at)[KEY]).due
            rest = fold_rest(connection, "here", {KEY: due})[KEY]
            wide = read_folded(connection, "here", begin_at)[KEY].bucket

    within, since = past.between(begin_at, end_at), past.between(begin_at, START + 90 * DAY)
    for found in by_any.values():
        whole = merge_buckets(each.bucket for each in found)
        assert whole == fold(Kind.COMPLETION, map(Run.of, within))
        assert_bucket_agrees(whole, within)
    assert_bucket_agrees(merge_buckets([folded.bucket, rest]), since)
    left_out = [each for each in since if Resolution.HOUR.begin_of(each.slot_at) in due]
    assert wide.counts.samples == sum(
        1 for each in since if each.confirm == 0 and each not in left_out
    )


@given(history=st.lists(results(minutes=SPAN_HOURS * 60), max_size=60), days=st.integers(1, 3))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
def test_a_long_window_is_made_of_rollups_and_of_the_ring(history: list[Result], days: int) -> None:
    """Only the running hour is not folded; its samples are in memory."""
    now = START + timedelta(hours=SPAN_HOURS - 0.5)
    history = [each for each in history if each.slot_at <= now]
    begin_at = window_begin(now, days * DAY.total_seconds())
    ring = Ring()
    with store("sqlite") as engine:
        past = Past(engine)
        past.write(history)
        for each in past.counted.values():
            if each.confirm == 0:
                ring.add(sample(each))
        while True:
            with engine.begin() as connection:
                if not fold_due(connection, Resolution.HOUR.begin_of(now)):
                    break
        with engine.connect() as connection:
            folded = read_folded(connection, "here", begin_at)[KEY]

    rest = [
        fold_columns(
            [
                ring.cut(
                    hour_at.timestamp() - MICROSECOND_SECONDS,
                    (hour_at + HOUR).timestamp() - MICROSECOND_SECONDS,
                )
            ]
        )
        for hour_at in folded.due
    ]
    assert folded.due in ((), (Resolution.HOUR.begin_of(now),))
    assert_bucket_agrees(
        merge_buckets([folded.bucket, *rest]), past.between(begin_at, START + 90 * DAY)
    )


def test_a_database_from_before_the_rollups_has_all_its_hours_folded(
    empty_database: str,
) -> None:
    engine = open_engine(empty_database)
    upgrade(engine)
    with engine.begin() as connection:
        ids = sync_targets(connection, [make_target(KEY)], START)
        batch = [Triple(result=make_result(minute=each)) for each in (0, 59.99, 60, 150)]
        write_triples(connection, ids, batch)
        connection.execute(text("DELETE FROM rollup_due"))
    _migrate_again(empty_database)

    with engine.begin() as connection:
        assert fold_due(connection, START + DAY) == 3
        (day,) = read_buckets(connection, "here", KEY, (START - DAY / 2, START + DAY / 2))
    assert day.bucket.counts.samples == 4
    engine.dispose()


def _migrate_again(url: str) -> None:
    for words in (("downgrade", "0001"), ("upgrade", "head")):
        alembic(["-c", str(ROOT / "alembic.ini"), "-x", f"url={url}", *words])
