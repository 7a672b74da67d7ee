"""Nothing that was recorded is lost or doubled, whatever happens to the store and the daemon.

`MONITOR_CHAOS_SECONDS=60` makes the outage of PostgreSQL a minute long.
"""

import os
import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor.simulator import RunningSimulator
from tests.e2e.chaos import (
    Chaos,
    failures,
    metric,
    simulated,
    wait_for_calm,
    wait_for_outage,
    wait_for_runs,
)
from tests.e2e.own_postgres import OwnPostgres, own_postgres
from tests.e2e.process import MonitorProcess
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

OUTAGE_SECONDS = float(os.environ.get("MONITOR_CHAOS_SECONDS", "4"))
KILLS = 10
_BALLAST_CHUNKS = (1 << 16, 1 << 12, 1 << 9)


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with simulated() as running:
        yield running


@pytest.fixture
def postgres() -> Iterator[OwnPostgres]:
    with own_postgres() as server:
        yield server


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Another program holds the lock for writing."""
    holder = sqlite3.connect(database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        holder.close()


def test_ten_kills_cost_the_last_second_each(tmp_path: Path, simulator: RunningSimulator) -> None:
    database = tmp_path / "monitor.db"
    chaos = Chaos(tmp_path, simulator, f"sqlite:///{database}?timeout=0.2")
    chaos.configure()
    for number in range(KILLS):
        with chaos.life(signal.SIGKILL) as daemon:
            wait_for_runs(daemon, 10)
            if number % 2:  # half of them die while the store does not take anything
                with locked(database):
                    wait_for_outage(daemon, "locked")
                    wait_for_runs(daemon, 10)
                    chaos.end(daemon, signal.SIGKILL)
    with chaos.life(signal.SIGTERM) as daemon:
        wait_for_runs(daemon, 10)
        wait_for_calm(daemon)
        wait_until(lambda: metric(daemon, "results_pending") == 0)
        coverage = chaos.coverage(daemon)

    chaos.check()
    assert len(coverage) == 20
    assert all(told == pytest.approx(real, abs=0.1) for told, real in coverage.values())
    assert all(told < 1 for told, _ in coverage.values())
    with sqlite3.connect(database) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    file.close()


def test_a_stop_and_a_start_without_the_store_cost_nothing(
    tmp_path: Path, simulator: RunningSimulator
) -> None:
    database, spool = tmp_path / "monitor.db", tmp_path / "monitor.db-spool"
    chaos = Chaos(tmp_path, simulator, f"sqlite:///{database}?timeout=0.2")
    chaos.configure()
    with chaos.life(signal.SIGTERM) as daemon:
        wait_for_runs(daemon, 10)
        with locked(database):
            wait_for_outage(daemon, "locked")
            chaos.end(daemon, signal.SIGTERM)
            last = daemon.events[-1]
            assert (last["event"], last["flushed"], last["lost"]) == ("stopped", False, 0)
            left = {file: file.read_bytes() for file in spool.glob("*/*.jsonl")}
            lines = sum(content.count(b"\n") for content in left.values())
            assert lines == last["spooled"] > 0

            vain = MonitorProcess(tmp_path)
            assert vain.wait(60) == 2
            assert "database is locked" in vain.log
            kept = [each for each in vain.events if each["event"] == "results_wait_in_spool"]
            assert [each["count"] for each in kept] == [lines]
            assert {file: file.read_bytes() for file in spool.glob("*/*.jsonl")} == left

    with chaos.life(signal.SIGTERM) as daemon:
        written, serving = (
            next(each for each in daemon.events if each["event"] == name)
            for name in ("spool_written", "serving")
        )
        assert written["count"] == lines
        assert serving["resumed_results"] >= lines
        wait_for_runs(daemon, 10)
    chaos.check()
    assert not list(spool.glob("*/*"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes; where nobody may mount one, the test below has to do."""
    if os.geteuid() != 0:
        pytest.skip("a small disk can be mounted by root only")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    told = subprocess.run(mount, check=False, capture_output=True, text=True)
    if told.returncode:
        pytest.skip(f"no small disk can be mounted here: {told.stderr}")
    yield folder
    unmount = ["umount", "-l", str(folder)]
    subprocess.run(unmount, check=True)


def fill(disk: Path) -> Path:
    """Leave no room on a disk."""
    ballast = disk / "ballast"
    with ballast.open("ab", buffering=0) as file:
        for chunk in _BALLAST_CHUNKS:
            try:
                while True:
                    file.write(b"\0" * chunk)
            except OSError:
                continue
    return ballast


@pytest.mark.parametrize("is_apart", [True, False], ids=["spool apart", "spool on it too"])
def test_a_full_disk_costs_nothing(
    tmp_path: Path, small_disk: Path, simulator: RunningSimulator, *, is_apart: bool
) -> None:
    chaos = Chaos(tmp_path, simulator, f"sqlite:///{small_disk}/monitor.db")
    chaos.configure(**({"spool": {"path": str(tmp_path / "spool")}} if is_apart else {}))
    with chaos.life(signal.SIGTERM) as daemon:
        wait_for_runs(daemon, 10)
        ballast = fill(small_disk)
        if is_apart:
            wait_for_outage(daemon, "full", "io")
        else:
            wait_until(lambda: metric(daemon, "spool_writable") == 0)
            wait_until(lambda: metric(daemon, "results_pending") > 10)
            wait_for_runs(daemon, 10)
        ballast.unlink()
        wait_for_calm(daemon)
        wait_until(lambda: metric(daemon, "results_pending") < 10)
        wait_until(lambda: metric(daemon, "spool_writable") == 1)

    chaos.check()


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
def test_a_daemon_that_may_write_no_file_costs_nothing(
    tmp_path: Path, simulator: RunningSimulator
) -> None:
    chaos = Chaos(tmp_path, simulator, f"sqlite:///{tmp_path}/monitor.db")
    chaos.configure()
    with chaos.life(signal.SIGTERM) as daemon:
        wait_for_runs(daemon, 10)
        before = resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (0, before[1]))
        wait_until(lambda: failures(daemon, "io", "full"))
        wait_until(lambda: metric(daemon, "spool_writable") == 0)
        wait_until(lambda: metric(daemon, "results_pending") > 10)
        resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, before)
        wait_for_calm(daemon)
        wait_until(lambda: metric(daemon, "results_pending") < 10)
        wait_until(lambda: metric(daemon, "spool_writable") == 1)

    chaos.check()


def go_through_outages(daemon: MonitorProcess, postgres: OwnPostgres) -> None:
    """Stop the server for a while, kill it twice, and let others have all its connections."""
    stopped_at = time.monotonic()
    postgres.stop()
    wait_for_outage(daemon, "unreachable")
    wait_until(lambda: time.monotonic() - stopped_at > OUTAGE_SECONDS, OUTAGE_SECONDS + 30)
    postgres.start()
    wait_for_calm(daemon)
    for _ in range(2):
        postgres.kill()
        wait_for_outage(daemon, "unreachable")
        postgres.start()
        wait_for_calm(daemon)
    with postgres.crowded():
        wait_for_outage(daemon, "connections")
    wait_for_calm(daemon)


def test_postgresql_may_stop_die_freeze_and_be_crowded(
    tmp_path: Path, simulator: RunningSimulator, postgres: OwnPostgres
) -> None:
    chaos = Chaos(tmp_path, simulator, f"{postgres.url}&options=-c%20statement_timeout%3D500ms")
    chaos.configure()
    with chaos.life(signal.SIGTERM) as daemon:
        wait_for_runs(daemon, 10)
        go_through_outages(daemon, postgres)
        with postgres.frozen():
            wait_until(lambda: metric(daemon, "results_spooled"))
            wait_for_runs(daemon, 10)
            chaos.end(daemon, signal.SIGTERM)  # a stop does not wait for an answer
    postgres.stop()
    vain = MonitorProcess(tmp_path)
    assert vain.wait(60) == 2
    assert "Check that the server runs" in vain.log
    postgres.start()
    with chaos.life(signal.SIGKILL) as daemon, postgres.busy("result"):
        wait_for_outage(daemon, "timeout")
        chaos.end(daemon, signal.SIGKILL)  # what is in the spool is for the next life
    with chaos.life(signal.SIGTERM) as daemon:
        wait_for_runs(daemon, 10)

    chaos.check()
    assert not list((tmp_path / "monitor-spool").glob("*/*"))
