"""The daemon's life as a process against the simulator: signals, kills, restarts, secrets."""

import signal
import sqlite3
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from monitor.simulator import (
    Behaviour,
    FaultKind,
    RunningSimulator,
    Script,
    SimulatedTarget,
    Simulator,
    run_in_thread,
)
from tests.e2e.process import MonitorProcess
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e

PLANTED = "sk-planted-key-4f1d9c7be0"
INTERVAL = 1.5


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    script = Script(first_token_seconds=0.05, gap_seconds=0.002)
    fleet = [
        SimulatedTarget(
            provider=name,
            model="small",
            group="sim/small",
            behaviour=Behaviour(script=script, accepted_key=key),
        )
        for name, key in (("good", PLANTED), ("strict", "sk-another-key-999999"))
    ]
    with run_in_thread(Simulator(fleet)) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, simulator: RunningSimulator) -> Path:
    """A folder with a configuration of both providers, with one key for both."""
    settings = {
        "vantage": "test",
        "defaults": {
            "interval_seconds": INTERVAL,
            "jitter_seconds": 0,
            "deadlines": {"connect_seconds": 0.5, "total_seconds": 1.4},
        },
        "providers": {
            name: {
                "base_url": simulator.base_url(name),
                "dialect": "openai_chat",
                "api_key": "${PLANTED}",
                "models": {"small": {"group": "sim/small"}},
            }
            for name in ("good", "strict")
        },
    }
    (tmp_path / "monitor.yaml").write_text(yaml.safe_dump(settings))
    return tmp_path


def keep_only(folder: Path, provider: str) -> None:
    """Take the other providers out of the configuration, so that a run in flight is this one's."""
    settings = yaml.safe_load((folder / "monitor.yaml").read_text())
    settings["providers"] = {provider: settings["providers"][provider]}
    (folder / "monitor.yaml").write_text(yaml.safe_dump(settings))


def start(folder: Path) -> MonitorProcess:
    return MonitorProcess(folder, environ={"PLANTED": PLANTED})


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / "monitor.db") as database:
        found = database.execute(query).fetchall()
    database.close()
    return found


def test_a_wrong_key_is_unauthorized_and_no_downtime(folder: Path) -> None:
    with start(folder) as daemon:
        wait_until(lambda: len(daemon.runs(target="strict/small")) >= 4)
        wait_until(lambda: daemon.targets()["strict/small"]["windows"]["5m"]["excluded"] >= 3)
        strict = daemon.targets()["strict/small"]
        metrics = daemon.get("/metrics")

    assert {each["outcome"] for each in daemon.runs(target="strict/small")} == {"unauthorized"}
    assert strict["state"] == "blocked"
    assert strict["windows"]["5m"]["uptime_ratio"] is None
    assert 'llmprobe_up{model="small",provider="strict",target="strict/small"} 0.0' in metrics
    assert 'llmprobe_probe_failures_total{kind="completion",outcome="unauthorized"' not in metrics


def test_a_key_is_nowhere_to_be_found(folder: Path, simulator: RunningSimulator) -> None:
    """Provoke what tells most: refused keys, echoes, errors of all kinds; then look everywhere."""
    with start(folder) as daemon:
        wait_until(lambda: daemon.runs(target="strict/small", outcome="unauthorized"))
        for fault in (FaultKind.UNAUTHORIZED, FaultKind.SERVER_ERROR, FaultKind.HTML_502):
            simulator.call(lambda f=fault: simulator.simulator.inject("good", None, f, count=1))  # type: ignore[misc]
        wait_until(lambda: daemon.runs(target="good/small", outcome="gateway_error"))
        told = [daemon.get(path) for path in ("/", "/metrics", "/api/v1/targets", "/readyz")]
        daemon.signal(signal.SIGTERM)
        assert daemon.wait() == 0

    told.append(daemon.log)
    told += [path.read_bytes().decode("latin-1") for path in folder.glob("monitor.db*")]
    for secret in (PLANTED, PLANTED[3:], PLANTED[-12:]):
        assert not any(secret in each for each in told)


def test_a_stop_marks_what_is_in_flight_flushes_and_exits_0_in_time(
    folder: Path, simulator: RunningSimulator
) -> None:
    keep_only(folder, "good")
    settings = yaml.safe_load((folder / "monitor.yaml").read_text())
    settings["defaults"] |= {"interval_seconds": 15}
    settings["defaults"]["deadlines"] = {"first_token_seconds": 14, "total_seconds": 14}
    (folder / "monitor.yaml").write_text(yaml.safe_dump(settings))
    simulator.call(lambda: simulator.simulator.inject("good", None, FaultKind.SILENT))

    with start(folder) as daemon:
        wait_until(lambda: "llmprobe_probes_in_flight 1.0" in daemon.get("/metrics"), seconds=40)
        daemon.signal(signal.SIGTERM)
        assert daemon.wait(seconds=10) == 0

    (marked,) = daemon.runs(target="good/small")
    assert (marked["outcome"], marked["rule"]) == ("inconclusive", "prober-shutdown")
    stored = rows(
        folder,
        "select outcome from result join target on target_id = target.id where key = 'good/small'",
    )
    assert stored == [("inconclusive",)]
    assert daemon.events[-1]["flushed"] is True


def test_a_second_signal_exits_at_once(folder: Path, simulator: RunningSimulator) -> None:
    keep_only(folder, "good")
    simulator.call(lambda: simulator.simulator.inject("good", None, FaultKind.SILENT))
    with start(folder) as daemon:
        wait_until(lambda: "llmprobe_probes_in_flight 1.0" in daemon.get("/metrics"))
        daemon.signal(signal.SIGINT)
        wait_until(lambda: any(each["event"] == "stopping" for each in daemon.events))
        daemon.signal(signal.SIGINT)

        assert daemon.wait(seconds=2) in (130, 0)


def test_after_kill_9_it_opens_and_goes_on(folder: Path) -> None:
    with start(folder) as daemon:
        wait_until(lambda: len(daemon.runs(target="good/small")) >= 3)
        wait_until(lambda: "llmprobe_results_pending 0.0" in daemon.get("/metrics"))
        told = {each["id"] for each in daemon.runs()[:-2]}
        daemon.signal(signal.SIGKILL)
        daemon.wait()
    with start(folder) as again:
        first = again.states()
        wait_until(lambda: again.runs(target="good/small"))
        resumed = next(each for each in again.events if each["event"] == "serving")
        assert again.targets()["good/small"]["windows"]["5m"]["valid"] >= 3

    assert first["good/small"] == "up"
    assert resumed["resumed_results"] >= len(told)
    stored = [each for (each,) in rows(folder, "select result_id from result")]
    assert told <= set(stored)
    assert len(stored) == len(set(stored))
    assert rows(folder, "pragma integrity_check") == [("ok",)]


def test_an_outage_is_seen_told_and_survived(folder: Path, simulator: RunningSimulator) -> None:
    with start(folder) as daemon:
        wait_until(lambda: daemon.states()["good/small"] == "up")
        simulator.call(lambda: simulator.simulator.inject("good", None, FaultKind.REFUSED))
        wait_until(lambda: daemon.states()["good/small"] == "down")
        assert daemon.targets()["good/small"]["reason"] == "unreachable"
        simulator.call(lambda: simulator.simulator.clear("good"))
        wait_until(lambda: daemon.states()["good/small"] == "up")
        daemon.signal(signal.SIGTERM)
        assert daemon.wait() == 0

    changes = rows(
        folder,
        "select old_state, new_state from transition where target_id = "
        "(select id from target where key = 'good/small') order by id",
    )
    way = ["unknown", "up", "degraded", "down", "recovering", "up"]
    assert changes == list(pairwise(way))
    orphans = rows(
        folder,
        "select count(*) from transition where result_id not in (select result_id from result)",
    )
    assert orphans == [(0,)]


def test_a_taken_port_is_told_in_words(folder: Path) -> None:
    with start(folder) as daemon:
        address = daemon.address
        with pytest.raises(AssertionError) as told:
            MonitorProcess(folder, "--listen", address, environ={"PLANTED": PLANTED}).__enter__()

    assert f"cannot listen on {address}" in str(told.value)
    assert "--listen HOST:PORT" in str(told.value)
    assert "Traceback" not in str(told.value)
