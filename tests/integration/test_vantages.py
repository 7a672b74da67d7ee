"""Daemons of two vantages and readers share one database: each hour is folded once, and right."""

import multiprocessing
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Connection, func, select, text

from monitor.health.buckets import DAY, HOUR, Resolution, Stretch
from monitor.health.rollup import Bucket, Run, fold
from monitor.model.health import Health, State
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.target import Kind
from monitor.model.triple import Triple
from monitor.store import tables
from monitor.store.buckets import Whose, read_buckets, read_stored
from monitor.store.counters import read_totals
from monitor.store.engine import Engine, open_engine, open_reader
from monitor.store.healths import read_healths
from monitor.store.results import write_triples
from monitor.store.rollups import fold_due
from monitor.store.schedules import sync_schedule
from monitor.store.targets import read_target_ids, sync_targets
from tests.databases import fresh_database
from tests.factories import make_probe, make_result
from tests.fakes import START
from tests.waiting import wait_until

VANTAGES = ("fra", "iad")
KEYS = ("acme/large", "bolt/large")
MIDNIGHT = START.replace(hour=0)
SPAN = (MIDNIGHT, MIDNIGHT + 3 * DAY)
RUNS, BATCH = 100, 20
OUTCOMES = (*[Outcome.OK] * 5, Outcome.TIMEOUT, Outcome.RATE_LIMITED)


def life(vantage: str) -> list[Result]:
    """All results of a vantage, of both targets, hours in any order; always the same."""
    random = Random(vantage)  # noqa: S311 - a past, no secret
    minutes = random.sample(range(60 * 60), RUNS)
    return [
        make_result(
            random.choice(OUTCOMES),
            minute=minute,
            target=key,
            vantage=vantage,
            ttft_seconds=random.lognormvariate(-1, 0.5),
            input_tokens=20,
        )
        for minute in minutes
        for key in KEYS
    ]


def configure(engine: Engine, vantage: str) -> dict[str, int]:
    probes = [make_probe(key) for key in KEYS]
    with engine.begin() as connection:
        ids = sync_targets(connection, [each.target for each in probes], START, vantage=vantage)
        sync_schedule(connection, probes, vantage, START)
    return ids


def write(url: str, vantage: str) -> None:
    """Be a daemon that records."""
    engine, results = open_engine(url), life(vantage)
    ids = configure(engine, vantage)
    health = Health(state=State.UP, reason=vantage)
    for first in range(0, len(results), BATCH):
        triples = [Triple(result=each, health=health) for each in results[first : first + BATCH]]
        with engine.begin() as connection:
            write_triples(connection, ids, triples)
    engine.dispose()


def fold_until_done(url: str) -> int:
    """Be a daemon that folds; give how many hours it did."""
    engine, count = open_engine(url), 0
    while True:
        with engine.begin() as connection:
            count += fold_due(connection, SPAN[1], limit=5)
            if not connection.execute(select(func.count(tables.rollup_due.c.kind))).scalar():
                break
    engine.dispose()
    return count


def live(url: str, vantage: str) -> int:
    """Record and fold by turns, as a daemon does that others write beside."""
    write(url, vantage)
    return fold_until_done(url)


@pytest.fixture
def url(migrated_database: str) -> str:
    return migrated_database


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def daemons() -> Iterator[ProcessPoolExecutor]:
    """Processes of their own, which share nothing with us."""
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(len(VANTAGES), mp_context=context) as pool:
        yield pool


def folded(results: list[Result]) -> Bucket:
    return bare(fold(Kind.COMPLETION, map(Run.of, results)))


def bare(bucket: Bucket) -> Bucket:
    """Give what follows from results alone."""
    return Bucket(
        counts=bucket.counts,
        spent=bucket.spent,
        outcomes=bucket.outcomes,
        sketches=bucket.sketches,
    )


def stored(connection: Connection, vantage: str, resolution: Resolution) -> dict[str, list[Bucket]]:
    ids, stretch = read_target_ids(connection), Stretch(resolution, *SPAN)
    return {
        key: [
            bare(each.bucket)
            for each in read_stored(connection, Whose(ids[key], "completion", vantage), stretch)
        ]
        for key in KEYS
    }


def expected(vantage: str, resolution: Resolution) -> dict[str, list[Bucket]]:
    own: dict[str, list[Bucket]] = {}
    for key in KEYS:
        results = [each for each in life(vantage) if each.target == key]
        begins = sorted({resolution.begin_of(each.slot_at) for each in results})
        own[key] = [
            folded([each for each in results if resolution.begin_of(each.slot_at) == begin])
            for begin in begins
        ]
    return own


def assert_all_is_there(engine: Engine) -> None:
    with engine.connect() as connection:
        for vantage in VANTAGES:
            for resolution in Resolution:
                found = stored(connection, vantage, resolution)
                assert found == expected(vantage, resolution), (vantage, resolution)
            totals = read_totals(connection, vantage)
            assert {key: each.tokens["input"] for key, each in totals.items()} == dict.fromkeys(
                KEYS, 20 * RUNS
            )
            healths = read_healths(connection, vantage)
            assert {key: each.reason for key, each in healths.items()} == dict.fromkeys(
                KEYS, vantage
            )


class Reader(threading.Thread):
    """Looks at a target again and again, until told to stop."""

    def __init__(self, url: str, vantage: str) -> None:
        super().__init__()
        self._engine, self._vantage = open_reader(url), vantage
        self._is_over = threading.Event()
        self.looks = 0
        self.wrong: list[tuple[int, int]] = []

    def run(self) -> None:
        while not self._is_over.is_set():
            with self._engine.connect() as connection:
                self._look(connection)
            self.looks += 1

    def _look(self, connection: Connection) -> None:
        """At every instant, what is folded and what is due are all that was recorded."""
        buckets = read_buckets(connection, self._vantage, KEYS[0], SPAN)
        known, result = tables.target.c, tables.result.c
        query = select(func.count()).join_from(tables.result, tables.target)
        raw = connection.execute(query.where(known.key == KEYS[0], result.vantage == self._vantage))
        told, there = sum(each.bucket.counts.samples for each in buckets), raw.scalar_one()
        if told != there:
            self.wrong.append((told, there))

    def stop(self) -> None:
        self._is_over.set()
        self.join()
        self._engine.dispose()


def test_what_two_daemons_wrote_each_hour_is_folded_by_one_of_them(
    daemons: ProcessPoolExecutor, engine: Engine, url: str
) -> None:
    list(daemons.map(write, [url] * 2, VANTAGES))
    with engine.connect() as connection:
        due = connection.execute(select(func.count(tables.rollup_due.c.kind))).scalar_one()

    counts = list(daemons.map(fold_until_done, [url] * 2))

    assert (
        sum(counts)
        == due
        == sum(
            len(hours)
            for vantage in VANTAGES
            for hours in expected(vantage, Resolution.HOUR).values()
        )
    )
    assert_all_is_there(engine)


def test_readers_see_at_every_instant_what_was_recorded_by_then(
    daemons: ProcessPoolExecutor, engine: Engine, url: str
) -> None:
    readers = [Reader(url, vantage) for vantage in VANTAGES]
    for each in readers:
        each.start()
    list(daemons.map(live, [url] * 2, VANTAGES))
    wait_until(lambda: all(each.looks > 0 for each in readers))
    for each in readers:
        each.stop()

    assert [each.wrong for each in readers] == [[], []]
    assert_all_is_there(engine)


def test_hours_of_one_day_that_two_would_fold_at_once_leave_it_whole(tmp_path: Path) -> None:
    """The second one would make the day without the hour that the first has not committed."""
    both = [make_result(vantage="fra"), make_result(vantage="fra", slot_at=START + HOUR)]
    with fresh_database("postgresql", tmp_path, migrated=True) as url:
        first, second = open_engine(url), open_engine(f"{url}&application_name=second")
        ids = configure(first, "fra")
        with first.begin() as connection:
            write_triples(connection, ids, [Triple(result=each) for each in both])

        def fold_one() -> int:
            with second.begin() as connection:
                return fold_due(connection, SPAN[1], limit=1)

        def waits() -> bool:
            query = "SELECT wait_event_type FROM pg_stat_activity WHERE application_name = 'second'"
            with first.connect() as watching:
                return "Lock" in watching.execute(text(query)).scalars().all()

        with ThreadPoolExecutor(1) as pool:
            with first.begin() as connection:
                assert fold_due(connection, SPAN[1], limit=1) == 1
                other = pool.submit(fold_one)
                wait_until(lambda: other.done() or waits())
            other.result(timeout=60)
        fold_until_done(url)

        with first.connect() as connection:
            days = stored(connection, "fra", Resolution.DAY)
        assert days[KEYS[0]] == [folded(both)]
        first.dispose()
        second.dispose()
