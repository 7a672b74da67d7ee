"""The daemon tells its past over HTTP, also that of its earlier lives."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.simulator import (
    Behaviour,
    RunningSimulator,
    Script,
    SimulatedTarget,
    Simulator,
    run_in_thread,
)
from tests.e2e.process import MonitorProcess
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e

LARGE = "/api/v1/targets/good%2Forg%2Flarge"


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    behaviour = Behaviour(script=Script(first_token_seconds=0.01, gap_seconds=0.001))
    target = SimulatedTarget(
        provider="good", model="org/large", group="sim/large", behaviour=behaviour
    )
    with run_in_thread(Simulator([target])) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, simulator: RunningSimulator) -> Path:
    provider = {
        "base_url": simulator.base_url("good"),
        "dialect": "openai_chat",
        "api_key": "${PLANTED}",
        "models": {"org/large": {"group": "sim/large"}},
    }
    defaults = {"interval_seconds": 1, "jitter_seconds": 0}
    settings = {"defaults": defaults, "providers": {"good": provider}}
    (tmp_path / "monitor.yaml").write_text(yaml.safe_dump(settings))
    return tmp_path


def start(folder: Path) -> MonitorProcess:
    return MonitorProcess(folder, environ={"PLANTED": "sk-planted-key-4f1d9c7be0"})


def told(daemon: MonitorProcess, path: str) -> Any:
    return json.loads(daemon.get(path))


def test_the_past_is_told_and_outlives_the_process(folder: Path) -> None:
    with start(folder) as first:
        wait_until(lambda: len(first.runs()) >= 3)
        wait_until(lambda: told(first, f"{LARGE}/results?limit=500").get("results"))
        assert told(first, LARGE)["target"]["key"] == "good/org/large"
        assert told(first, "/api/v1/incidents")["incidents"] == []
        first.signal(signal.SIGTERM)
        assert first.wait() == 0
        ids = {run["id"] for run in first.runs()}

    with start(folder) as second:
        wait_until(second.runs)
        page = told(second, f"{LARGE}/results?limit=500")
        assert ids <= {each["id"] for each in page["results"]}
        steps = told(second, f"{LARGE}/series")["steps"]
        window = told(second, f"{LARGE}/window?from=2026-01-01")["window"]
        assert sum(step["good"] for step in steps) >= len(ids)
        assert window["good"] >= len(ids)
        assert window["ttft_median_seconds"] or window["ttft_samples"] < 10
        assert told(second, "/api/v1/targets/no/one/results")["status"] == 404
        assert "/api/v1/incidents" in second.get("/api/docs")
        assert 'store_read_errors_total{reason="other"} 0.0' in second.get("/metrics")
        second.signal(signal.SIGTERM)
        assert second.wait() == 0
