"""The limits of a configuration, in a daemon whose provider hangs."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from monitor.simulator import (
    Behaviour,
    FaultKind,
    Rule,
    RunningSimulator,
    Script,
    SimulatedTarget,
    Simulator,
    run_in_thread,
)
from tests.e2e.process import MonitorProcess
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e

SCRIPT = Script(first_token_seconds=0.05, gap_seconds=0.002)


def simulated(name: str, behaviour: Behaviour) -> SimulatedTarget:
    return SimulatedTarget(provider=name, model="small", group="sim/small", behaviour=behaviour)


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    hangs = Behaviour(script=SCRIPT, rules=(Rule(FaultKind.SILENT),))
    fleet = [simulated("hangs", hangs), simulated("works", Behaviour(script=SCRIPT))]
    with run_in_thread(Simulator(fleet)) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, simulator: RunningSimulator) -> Path:
    """A folder with a configuration: three targets hang, one at a time, and one works."""
    targets = {"targets": [{"name": name} for name in ("one", "two", "three")]}
    settings = {
        "defaults": {
            "interval_seconds": 1.5,
            "jitter_seconds": 0,
            "deadlines": {"connect_seconds": 0.5, "first_token_seconds": 1.3, "total_seconds": 1.4},
        },
        "providers": {
            "hangs": {
                "base_url": simulator.base_url("hangs"),
                "concurrency": 1,
                "models": {"small": targets},
            },
            "works": {"base_url": simulator.base_url("works"), "models": {"small": None}},
        },
    }
    (tmp_path / "monitor.yaml").write_text(yaml.safe_dump(settings))
    return tmp_path


def test_a_provider_that_hangs_within_its_limit_costs_its_own_slots_only(folder: Path) -> None:
    with MonitorProcess(folder) as daemon:
        wait_until(lambda: len(daemon.runs(rule="missed-concurrency")) >= 3)
        wait_until(lambda: len(daemon.runs(target="works/small", outcome="ok")) >= 3)
        daemon.signal(signal.SIGTERM)
        assert daemon.wait(seconds=10) == 0

    missed = daemon.runs(rule="missed-concurrency")
    assert {each["target"].partition("@")[0] for each in missed} == {"hangs/small"}
    assert {each["schedule_delay_seconds"] < 1.0 for each in daemon.runs(outcome="ok")} == {True}
    ids = [each["id"] for each in daemon.runs()]
    assert len(ids) == len(set(ids))
    assert daemon.events[-1]["flushed"] is True
