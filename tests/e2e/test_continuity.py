"""Exported counters go on over stops and kills of the process."""

import re
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

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

#: Completions and listings of every target, whatever they ended in.
_RUNS = re.compile(r"^llmprobe_(?:probes|probes_excluded)_total\{.*\} ([\d.]+)$", re.MULTILINE)


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    behaviour = Behaviour(script=Script(first_token_seconds=0.01, gap_seconds=0.001))
    target = SimulatedTarget(provider="good", model="small", group="sim/small", behaviour=behaviour)
    with run_in_thread(Simulator([target])) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, simulator: RunningSimulator) -> Path:
    provider = {
        "base_url": simulator.base_url("good"),
        "dialect": "openai_chat",
        "api_key": "${PLANTED}",
        "models": {"small": {"group": "sim/small"}},
    }
    defaults = {"interval_seconds": 1, "jitter_seconds": 0}
    settings = {"defaults": defaults, "providers": {"good": provider}}
    (tmp_path / "monitor.yaml").write_text(yaml.safe_dump(settings))
    return tmp_path


def start(folder: Path) -> MonitorProcess:
    return MonitorProcess(folder, environ={"PLANTED": "sk-planted-key-4f1d9c7be0"})


def shown(daemon: MonitorProcess) -> int:
    return round(sum(float(count) for count in _RUNS.findall(daemon.get("/metrics"))))


def stored(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "monitor.db")) as database:
        (count,) = database.execute("SELECT count(*) FROM result WHERE confirm = 0").fetchone()
        return int(count)


def test_counters_go_on_after_a_stop_and_lose_at_most_a_batch_in_a_kill(folder: Path) -> None:
    with start(folder) as first:
        wait_until(lambda: shown(first) >= 3)
        before = shown(first)
        first.signal(signal.SIGTERM)
        assert first.wait() == 0

    with start(folder) as second:
        assert shown(second) >= before
        wait_until(lambda: shown(second) >= before + 2)
        before = shown(second)
        second.signal(signal.SIGKILL)
        second.wait()
    kept = stored(folder)

    with start(folder) as third:
        assert shown(third) >= kept >= before - 1
        wait_until(lambda: shown(third) > kept)
        third.signal(signal.SIGTERM)
        third.wait()
        assert stored(folder) > kept
