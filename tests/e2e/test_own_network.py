"""Our own network goes: no state changes, no downtime is booked, and everybody can see why."""

import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from monitor.simulator import FaultKind, RunningSimulator, Simulator, run_in_thread
from tests.e2e.far_fleet import PORT, fleet
from tests.e2e.namespaces import FAR, MonitorHere, cable
from tests.e2e.process import MonitorProcess
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e

REPOSITORY = Path(__file__).parents[2]
INTERVAL = 3.0
TARGETS = 6
#: What a run may end in when nobody but ourselves is at fault.
BLAMELESS = {"ok", "inconclusive", "missed"}


def configure(folder: Path, urls: dict[str, str]) -> None:
    settings = {
        "defaults": {
            "interval_seconds": INTERVAL,
            "jitter_seconds": 0.3,
            "deadlines": {"connect_seconds": 0.5, "first_token_seconds": 2, "total_seconds": 2.5},
        },
        "providers": {
            name: {
                "base_url": url,
                "dialect": "openai_chat",
                "headers": {"authorization": "Bearer sim-key"},
                "models": {"small": {"group": "sim/small"}, "large": {"group": "sim/large"}},
            }
            for name, url in urls.items()
        },
    }
    (folder / "monitor.yaml").write_text(yaml.safe_dump(settings))


def wait_for(daemon: MonitorProcess, outcome: str, *, since: int = 0, runs: int = 2) -> None:
    """Wait until each target ended so many runs in that, later than the first so many lines."""

    def is_so() -> bool:
        seen = [each for each in daemon.runs()[since:] if each["outcome"] == outcome]
        counts = Counter(each["target"] for each in seen)
        return len(counts) == TARGETS and min(counts.values()) >= runs

    wait_until(is_so, seconds=60)


def wait_for_down(daemon: MonitorProcess, provider: str) -> None:
    keys = (f"{provider}/small", f"{provider}/large")
    wait_until(lambda: {daemon.states()[key] for key in keys} == {"down"}, seconds=60)


def changes(daemon: MonitorProcess) -> list[str]:
    return [e["event"] for e in daemon.events if e["event"] in ("network_down", "network_up")]


def check_that_nobody_was_blamed(folder: Path, daemon: MonitorProcess) -> None:
    """Look at every surface: the log, the API, the metrics, the store."""
    told = {each["outcome"] for each in daemon.runs()}
    transitions = [each for each in daemon.events if each["event"] == "transition"]
    targets = daemon.targets().values()
    metrics = daemon.get("/metrics")
    daemon.signal(signal.SIGTERM)
    assert daemon.wait() == 0

    assert "inconclusive" in told
    assert told <= BLAMELESS
    assert {each["new_state"] for each in transitions} == {"up"}
    assert {each["state"] for each in targets} == {"up"}
    assert {each["windows"]["5m"]["uptime_ratio"] for each in targets} == {1.0}
    assert all(each["windows"]["5m"]["excluded"] >= 1 for each in targets)
    assert 'outcome="inconclusive"' in metrics
    assert "llmprobe_network_up 1.0" in metrics
    with sqlite3.connect(folder / "monitor.db") as database:
        stored = set(database.execute("select distinct outcome from result"))
        rules = set(database.execute("select distinct rule from result where fault = 'prober'"))
        states = set(database.execute("select distinct new_state from transition"))
    database.close()
    assert {outcome for (outcome,) in stored} <= BLAMELESS
    assert ("prober-network",) in rules
    assert states == {("up",)}


@contextmanager
def far_providers(there: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Serve simulated providers at the other end; give their base URLs."""
    serving = subprocess.Popen(
        [*there, sys.executable, "-m", "tests.e2e.far_fleet", *FAR],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert serving.stdout
        assert serving.stdout.readline() == "open\n"
        yield {f"far{n}": f"http://{address}:{PORT}/v1" for n, address in enumerate(FAR)}
    finally:
        serving.kill()
        serving.communicate()


def test_a_cable_that_is_pulled_is_nobodys_downtime(tmp_path: Path) -> None:
    with cable() as line, far_providers(line.there) as urls:
        configure(tmp_path, urls)
        with MonitorHere(line, tmp_path) as daemon:
            wait_for(daemon, "ok")
            line.pull()
            since = len(daemon.runs())
            wait_for(daemon, "inconclusive", since=since)
            during = daemon.get("/metrics")
            line.plug()
            since = len(daemon.runs())
            wait_for(daemon, "ok", since=since)
            told = changes(daemon)
            check_that_nobody_was_blamed(tmp_path, daemon)

    assert "llmprobe_network_up 0.0" in during
    assert told == ["network_down", "network_up"]


@pytest.fixture
def near_providers() -> Iterator[RunningSimulator]:
    targets = [each for n in range(3) for each in fleet(f"far{n}")]
    with run_in_thread(Simulator(targets)) as running:
        yield running


def shut(running: RunningSimulator, *names: str) -> None:
    """Close all these ports at once."""

    def close() -> None:
        for name in names:
            running.simulator.inject(name, None, FaultKind.REFUSED)

    running.call(close)


def test_all_ports_that_close_at_once_are_nobodys_downtime(
    tmp_path: Path, near_providers: RunningSimulator
) -> None:
    names = near_providers.simulator.providers
    configure(tmp_path, {name: near_providers.base_url(name) for name in names})
    with MonitorProcess(tmp_path) as daemon:
        wait_for(daemon, "ok")
        shut(near_providers, *names)
        since = len(daemon.runs())
        wait_for(daemon, "inconclusive", since=since)
        during = daemon.get("/metrics")
        near_providers.call(near_providers.simulator.clear)
        since = len(daemon.runs())
        wait_for(daemon, "ok", since=since)
        told = changes(daemon)
        check_that_nobody_was_blamed(tmp_path, daemon)

    assert "llmprobe_network_up 0.0" in during
    # What was under way when the ports closed comes to a good end, and is told as such.
    assert (told[0], told[-1]) == ("network_down", "network_up")


def test_a_single_provider_that_closes_is_down(
    tmp_path: Path, near_providers: RunningSimulator
) -> None:
    """And that two of three do so one after the other excuses neither."""
    names = near_providers.simulator.providers
    configure(tmp_path, {name: near_providers.base_url(name) for name in names})
    settings = yaml.safe_load((tmp_path / "monitor.yaml").read_text())
    settings["defaults"]["health"] = {"confirm_seconds": [1, 1]}
    (tmp_path / "monitor.yaml").write_text(yaml.safe_dump(settings))
    with MonitorProcess(tmp_path) as daemon:
        wait_for(daemon, "ok", runs=1)
        for name in names:
            shut(near_providers, name)
            wait_for_down(daemon, name)
        outcomes = {each["outcome"] for each in daemon.runs()}
        told = changes(daemon)

    assert "inconclusive" not in outcomes
    assert told == []
