"""A daemon whose configuration changes, in public mode; and a first configuration."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.simulator import RunningSimulator, SimulatedTarget, Simulator, run_in_thread
from monitor.simulator.behaviour import Behaviour
from tests.e2e.process import MonitorProcess, monitor
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e

OLD_KEY, NEW_KEY = "sk-planted-old-4f1d9c7be0", "sk-planted-new-8a02cc61d7"
TOKEN = "planted-token-77aa"


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    behaviour = Behaviour(accepted_key=NEW_KEY)
    fleet = [SimulatedTarget(provider="a", model="m", group="g/m", behaviour=behaviour)]
    with run_in_thread(Simulator(fleet)) as running:
        yield running


def settings(simulator: RunningSimulator) -> dict[str, Any]:
    return {
        "token": TOKEN,
        "defaults": {
            "interval_seconds": 1,
            "jitter_seconds": 0,
            "deadlines": {"connect_seconds": 0.3, "total_seconds": 0.9},
        },
        "providers": {
            "a": {
                "base_url": simulator.base_url("a"),
                "dialect": "openai_chat",
                "api_key": "file:a.key",
                "models": {"m": {"group": "g/m"}},
            }
        },
    }


def told(daemon: MonitorProcess) -> dict[str, Any]:
    """What `/readyz` says of the configuration."""
    body: dict[str, Any] = json.loads(daemon.get("/readyz"))["configuration"]
    return body


def test_a_configuration_changes_while_the_daemon_runs(
    tmp_path: Path, simulator: RunningSimulator
) -> None:
    file, key = tmp_path / "monitor.yaml", tmp_path / "a.key"
    content = settings(simulator)
    file.write_text(yaml.safe_dump(content))
    key.write_text(OLD_KEY)
    with MonitorProcess(tmp_path) as daemon:
        wait_until(lambda: daemon.runs(outcome="unauthorized"))
        key.write_text(NEW_KEY)
        wait_until(lambda: daemon.runs(outcome="ok"))

        good = file.read_text()
        file.write_text(good + f"oops: {NEW_KEY}\n")
        daemon.signal(signal.SIGHUP)
        wait_until(lambda: not told(daemon)["last_reload_successful"])
        assert "oops: unknown key" in told(daemon)["problems"][0]
        assert str(tmp_path) not in daemon.get("/readyz")

        content["vantage"] = "elsewhere"
        content["providers"]["a"]["models"]["n"] = {"group": "g/m"}
        file.write_text(yaml.safe_dump(content))
        wait_until(lambda: daemon.runs(target="a/n"))
        assert told(daemon)["at_next_start"] == ["vantage"]
        assert told(daemon)["last_reload_successful"]

        daemon.signal(signal.SIGTERM)
        assert daemon.wait() == 0
    for secret in (OLD_KEY, NEW_KEY, TOKEN):
        assert secret not in daemon.log


def test_in_public_mode_anybody_sees_states_and_nobody_more(
    tmp_path: Path, simulator: RunningSimulator
) -> None:
    (tmp_path / "monitor.yaml").write_text(
        yaml.safe_dump(
            settings(simulator)
            | {
                "public": True,
                "maintenance": [{"providers": ["a"], "weekly": "Mon 00:00-24:00", "reason": "r"}],
            }
        )
    )
    (tmp_path / "a.key").write_text(NEW_KEY)
    with MonitorProcess(tmp_path) as daemon:
        wait_until(lambda: daemon.states() == {"a/m": "up"})
        (target,) = daemon.targets().values()
        badge = daemon.get("/api/v1/badge/a/m.svg")
        feed = daemon.get("/api/v1/incidents.atom")
        page = daemon.get("/")
        assert "401" in daemon.get("/metrics")

    assert target.keys().isdisjoint({"host", "last_result", "dialect"})
    assert "in_maintenance" in target
    assert badge.startswith("<svg ")
    assert "<feed " in feed
    assert "127.0.0.1" not in page


def test_a_first_file_is_written_and_never_over_another(tmp_path: Path) -> None:
    first = monitor("config", "init", folder=tmp_path, OPENAI_API_KEY=OLD_KEY)
    again = monitor("config", "init", folder=tmp_path, OPENAI_API_KEY=OLD_KEY)
    checked = monitor("check-config", folder=tmp_path, OPENAI_API_KEY=OLD_KEY)

    assert (first.returncode, again.returncode, checked.returncode) == (0, 2, 0), checked.stderr
    assert OLD_KEY not in (tmp_path / "monitor.yaml").read_text()
    assert "is there already" in again.stderr
