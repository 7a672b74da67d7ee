"""Thousands of targets each minute, by the daemon as it is run, on one core.

2,000 targets are watched for 10 minutes and 10,000 for 3, because a minute shows each slot of each
target once and what grows shows in ten. `BENCH_MINUTES` sets both; `BENCH_EFFORT=small` asks for
one minute, of a tenth of the targets. All rings are full from the start on: the database remembers
a day of each target.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.benchmarks.cores import allowed_cores, pin
from tests.benchmarks.daemon import Daemon
from tests.benchmarks.effort import IS_SMALL, effort
from tests.benchmarks.fleet import Fleet
from tests.benchmarks.recorded import Recorded, read
from tests.benchmarks.script import Script
from tests.benchmarks.server import Row, Server, show, truth_server
from tests.benchmarks.watching import Watched, watch

pytestmark = pytest.mark.timeout(3600)

SCRIPT = Script(sends=(1,) * 16)
CORES = allowed_cores()
FEW, MANY, MOST = 10, effort(2_000, 200), effort(10_000, 1_000)
DELAY_P99_MS = 50.0
MOST_BYTES = 300e6
#: What the last minute of ten may have more of than the second; by then every target was run.
MAX_GROWTH = 0.03
_MINUTE = 60.0


def _seconds(whole: int) -> float:
    return float(os.environ.get("BENCH_MINUTES", effort(whole))) * _MINUTE


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The truth server; it and we have the first core, so that the daemon has the other."""
    with truth_server(llm=SCRIPT) as running:
        pin(CORES[:1])
        yield running


@dataclass
class Observed:
    """A fleet, and what became of it.

    Attributes:
        watched: While it was probed.
        recorded: In its database afterwards.
        start: What the start took, and how much there was to remember.
    """

    watched: Watched
    recorded: Recorded
    start: Row


def _observe(server: Server, folder: Path, targets: int, seconds: float) -> Observed:
    """Make a fleet with a past, and let the daemon probe it."""
    fleet = Fleet(folder, server.base_url("llm"), targets)
    fleet.configure()
    begin = time.monotonic()
    settings = fleet.settings()
    configured = time.monotonic()
    results = fleet.remember(settings, SCRIPT)
    filled = time.monotonic()
    core = CORES[1] if len(CORES) > 1 else None
    with Daemon(folder, fleet.database, core) as daemon:
        server.told()
        watched = watch(daemon, server, seconds)
    start = {
        "results in the database": results,
        "database MB": fleet.file.stat().st_size / 1e6,
        "filling it s": filled - configured,
        "reading the configuration s": configured - begin,
        "start until it serves s": daemon.start_seconds,
    }
    recorded = read(fleet.file, settings, watched)
    fleet.file.unlink()
    return Observed(watched, recorded, start)


@pytest.fixture(scope="module")
def few(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Observed:
    """A fleet that costs next to nothing, to be taken off what a large one costs."""
    return _observe(server, tmp_path_factory.mktemp("few"), FEW, effort(20, 10))


def _figures(observed: Observed, few: Observed, targets: int) -> Row:
    watched, recorded = observed.watched, observed.recorded
    first, last = _first_and_last(watched)
    base = few.watched.rss_bytes(0.5, 1.0)
    return {
        "targets": targets,
        "minutes": watched.seconds / _MINUTE,
        **observed.start,
        **recorded.row(),
        **watched.row(recorded.rows),
        "RSS of the second tenth MB": first / 1e6,
        "RSS of the last tenth MB": last / 1e6,
        f"RSS with {FEW} targets MB": base / 1e6,
        "bytes per target": (last - base) / (targets - FEW),
        "CPU with few targets, share of the core": few.watched.cpu_seconds / few.watched.seconds,
    }


def _first_and_last(watched: Watched) -> tuple[float, float]:
    """The memory in the second and in the last tenth of the time (bytes)."""
    return watched.rss_bytes(0.1, 0.2), watched.rss_bytes(0.9, 1.0)


def test_2000_targets_keep_their_slots_and_their_memory(
    server: Server, few: Observed, tmp_path: Path
) -> None:
    observed = _observe(server, tmp_path, MANY, _seconds(10))
    figures = _figures(observed, few, MANY)
    show(f"{MANY:,} targets a minute on one core", figures)

    first, last = _first_and_last(observed.watched)
    assert figures["not run"] == 0
    assert figures["schedule delay p99 ms"] <= DELAY_P99_MS
    assert last <= MOST_BYTES
    assert IS_SMALL or last <= first * (1 + MAX_GROWTH)


def test_10000_targets_leave_a_row_for_each_slot(
    server: Server, few: Observed, tmp_path: Path
) -> None:
    observed = _observe(server, tmp_path, MOST, _seconds(3))
    show(f"{MOST:,} targets a minute on one core", _figures(observed, few, MOST))

    assert observed.recorded.rows == observed.recorded.slots
