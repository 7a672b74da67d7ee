"""A small fleet for the pages to show: two that answer, and one that is hostile and down."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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
from tests.hostile_provider import TURNS, hostile_provider
from tests.waiting import wait_until

#: Answers until it is told not to.
AMBER = "amber/small"
BASALT = "basalt/small"
HOSTILE = f"hostile/{TURNS}"
PAGES = {"fleet": "/", "model": "/models/sim/small", "target": f"/targets/{HOSTILE}"}
PLANTED = "sk-planted-key-77ac01d5e4"
_PRICES = {"input_usd_per_million": 0.15, "output_usd_per_million": 0.6}


@dataclass(frozen=True)
class Shown:
    """The fleet, and the daemon that probes it."""

    daemon: MonitorProcess
    simulator: RunningSimulator

    def url(self, path: str) -> str:
        return f"http://{self.daemon.address}{path}"

    def fail(self, provider: str) -> None:
        """Let a provider answer nothing but the emblem."""
        self.simulator.call(
            lambda: self.simulator.simulator.inject(provider, None, FaultKind.EMBLEM)
        )

    def heal(self, provider: str) -> None:
        self.simulator.call(lambda: self.simulator.simulator.clear(provider))


@contextmanager
def shown_fleet(folder: Path) -> Iterator[Shown]:
    """Start it, and wait until there is something to see."""
    fleet = [
        SimulatedTarget(
            provider=key.partition("/")[0],
            model="small",
            group="sim/small",
            behaviour=Behaviour(script=Script(first_token_seconds=0.05, gap_seconds=0.002)),
        )
        for key in (AMBER, BASALT)
    ]
    with hostile_provider() as hostile, run_in_thread(Simulator(fleet)) as simulator:
        (folder / "monitor.yaml").write_text(yaml.safe_dump(_settings(simulator, hostile)))
        with MonitorProcess(folder, environ={"PLANTED": PLANTED}) as daemon:
            wait_until(lambda: daemon.states().get(HOSTILE) == "down")
            wait_until(lambda: daemon.states()[AMBER] == daemon.states()[BASALT] == "up")
            wait_until(lambda: 'data-incident="' in daemon.get("/"))
            yield Shown(daemon, simulator)


def _settings(simulator: RunningSimulator, hostile: str) -> dict[str, object]:
    ours = {"dialect": "openai_chat", "api_key": "${PLANTED}"}
    healthy = {
        key.partition("/")[0]: ours
        | {
            "base_url": simulator.base_url(key.partition("/")[0]),
            "models": {"small": {"group": "sim/small", "prices": _PRICES}},
        }
        for key in (AMBER, BASALT)
    }
    theirs = ours | {"base_url": hostile, "models": {TURNS: {"group": "sim/small"}}}
    return {
        "vantage": "test",
        "defaults": {
            "interval_seconds": 1,
            "jitter_seconds": 0,
            "deadlines": {"connect_seconds": 0.5, "total_seconds": 0.9},
        },
        "providers": {**healthy, "hostile": theirs},
    }
