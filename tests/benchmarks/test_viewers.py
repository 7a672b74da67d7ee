"""Two hundred people look at the pages for a minute, while the daemon probes 500 targets.

Of the reads of answers, 99 in 100 wait for us no longer than 5 ms all the while (what each run's
worst one waits is told beside it), and the store is asked for all who look together: each question
once while its answer is young.
"""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from pathlib import Path

import pytest

from monitor.export.pages.places import model_href, target_href
from monitor.health.stats import quantile
from monitor.model.clock import SystemClock
from monitor.scheduling.scheduler import micros
from tests.benchmarks.cores import allowed_cores, pin
from tests.benchmarks.daemon import Daemon, Usage
from tests.benchmarks.effort import effort
from tests.benchmarks.exposition import Buckets
from tests.benchmarks.fleet import Fleet
from tests.benchmarks.script import Script
from tests.benchmarks.server import Row, Server, show, truth_server
from tests.benchmarks.viewing import Look, Viewers

pytestmark = pytest.mark.timeout(1800)

SCRIPT = Script(sends=(1,) * 16)
CORES = allowed_cores()
TARGETS, VIEWERS, SECONDS = effort(500, 50), effort(200, 20), effort(60, 10)
SETTLING_SECONDS = effort(20, 5)
#: Until what was recorded is written.
WRITING_SECONDS = 2.0
MAX_WAIT_MS = 5.0
#: A page asks the store so much at most: days, incidents, runs, and a series of dates.
QUESTIONS_A_PAGE = 4
#: The shortest time for which an answer will do.
FRESH_SECONDS = 5.0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The truth server; it, the viewers and we have the first core, the daemon has the other."""
    with truth_server(llm=SCRIPT) as running:
        pin(CORES[:1])
        yield running


@pytest.fixture(scope="module")
def viewers() -> Iterator[Viewers]:
    ready = Viewers(CORES[:1])
    yield ready
    ready.close()


@pytest.fixture(scope="module")
def fleet(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    made = Fleet(tmp_path_factory.mktemp("viewed"), server.base_url("llm"), TARGETS)
    made.configure()
    made.remember(made.settings(), SCRIPT)
    return made


@pytest.fixture(scope="module")
def daemon(fleet: Fleet) -> Iterator[Daemon]:
    core = CORES[1] if len(CORES) > 1 else None
    with Daemon(fleet.folder, fleet.database, core) as running:
        threading.Event().wait(SETTLING_SECONDS)  # what the start left to do
        yield running


@dataclass(frozen=True)
class Seen:
    """What a minute showed.

    Attributes:
        looks: All pages that were asked for.
        before: What the daemon used up to its begin.
        after: Up to its end.
        waits: Observation delays, of each read of an answer.
        worst: The longest of each run (seconds), ascending.
        reads: Times of the questions that the store answered.
    """

    looks: Sequence[Look]
    before: Usage
    after: Usage
    waits: Buckets
    worst: Sequence[float]
    reads: Buckets

    @property
    def questions(self) -> int:
        """How often the store was asked."""
        return int(self.reads.counts[-1])

    def row(self) -> Row:
        """The columns of a table."""
        took = sorted(look.seconds for look in self.looks)
        seconds = self.after.at - self.before.at
        return {
            "pages": len(self.looks),
            "pages a second": len(self.looks) / seconds,
            "not 200": sum(look.status != 200 for look in self.looks),
            "page median ms": quantile(took, 0.5, 1, unit=1e-3),
            "page p99 ms": quantile(took, 0.99, 1, unit=1e-3),
            "most kB": max((look.size for look in self.looks), default=0) / 1e3,
            "questions to the store": self.questions,
            "runs": len(self.worst),
            "reads": self.waits.counts[-1],
            "observation delay p99, at most ms": self.waits.at_most_ms(0.99),
            "of each run's worst read, p99 ms": quantile(self.worst, 0.99, 1, unit=1e-3),
            "CPU, share of the core": (self.after.cpu_seconds - self.before.cpu_seconds) / seconds,
        }


def _see(daemon: Daemon, fleet: Fleet, viewers: Viewers, paths: Sequence[str]) -> Seen:
    """Let each path be looked at by one viewer; without any, just let the time go by."""
    begin_at = SystemClock().now()
    first, before = daemon.metrics(), daemon.usage()
    begin = time.monotonic()
    looks = viewers.look(daemon.url, paths, SECONDS) if paths else []
    threading.Event().wait(max(begin + SECONDS - time.monotonic(), 0.0))
    after, last, end_at = daemon.usage(), daemon.metrics(), SystemClock().now()
    waits, reads = (_grown(name, first, last) for name in ("observation", "read"))
    threading.Event().wait(WRITING_SECONDS)
    worst = _worst(fleet.file, begin_at, end_at)
    return Seen(looks, before, after, waits, worst, reads)


def _worst(file: Path, begin_at: datetime, end_at: datetime) -> Sequence[float]:
    """Read how long each run's answer had waited at worst."""
    query = "SELECT observation_delay_seconds FROM result WHERE started_at >= ? AND started_at < ?"
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute(query, (micros(begin_at), micros(end_at))).fetchall()
    return sorted(seconds for (seconds,) in rows if seconds is not None)


def _grown(sort: str, first: bytes, last: bytes) -> Buckets:
    name = {"observation": "observation_delay_seconds", "read": "store_read_duration_seconds"}[sort]
    return Buckets.read(last, name).since(Buckets.read(first, name))


def _check(seen: Seen, pages: int) -> None:
    """Nobody was sent away, reads were hardly held up, and each page asked for itself once."""
    assert all(look.status == 200 for look in seen.looks)
    assert seen.waits.at_most_ms(0.99) <= MAX_WAIT_MS
    assert seen.questions <= pages * QUESTIONS_A_PAGE * (ceil(SECONDS / FRESH_SECONDS) + 1)


def test_two_hundred_viewers_of_the_fleet_hold_no_run_up(
    daemon: Daemon, fleet: Fleet, viewers: Viewers
) -> None:
    alone = _see(daemon, fleet, viewers, ())
    seen = _see(daemon, fleet, viewers, ["/"] * VIEWERS)
    show(
        f"{TARGETS} targets, {VIEWERS} viewers of the fleet",
        [{"viewers": 0, **alone.row()}, {"viewers": VIEWERS, **seen.row()}],
    )

    _check(seen, 1)


def test_two_hundred_viewers_of_all_sorts_of_pages_hold_no_run_up(
    daemon: Daemon, fleet: Fleet, viewers: Viewers
) -> None:
    paths = _some_of_each(daemon)
    seen = _see(daemon, fleet, viewers, paths)
    show(
        f"{TARGETS} targets, {VIEWERS} viewers of {len(set(paths))} pages",
        [{"viewers": VIEWERS, **seen.row()}],
    )

    _check(seen, len(set(paths)))


def _some_of_each(daemon: Daemon) -> list[str]:
    """Half look at the fleet, a quarter at ten models, a quarter at ten targets."""
    shown = json.loads(daemon.page("/api/v1/targets"))["targets"][:10]
    models = [model_href(each["group"]) for each in shown]
    targets = [target_href(each["key"]) for each in shown]
    quarter = VIEWERS // 4
    some = [models[n % len(models)] for n in range(quarter)]
    some += [targets[n % len(targets)] for n in range(quarter)]
    return ["/"] * (VIEWERS - len(some)) + some
