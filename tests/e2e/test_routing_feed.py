"""The feed of a daemon: a change is told within a second, and over a restart nothing is missed."""

import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median

import pytest
import yaml

from monitor.client import Routing
from monitor.simulator import (
    Behaviour,
    FaultKind,
    RunningSimulator,
    Script,
    SimulatedTarget,
    Simulator,
    Truth,
    run_in_thread,
)
from tests.e2e.process import MonitorProcess
from tests.events import Event, Follower, following
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e

KEY = "good/small"
#: With its confirm runs at the begin of it, so that no other run hides how late an event is.
INTERVAL = 2.5
TOKEN = "t0ken-of-this-test"
HEADERS = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    behaviour = Behaviour(script=Script(first_token_seconds=0.01, gap_seconds=0.001))
    target = SimulatedTarget(provider="good", model="small", group="sim/small", behaviour=behaviour)
    with run_in_thread(Simulator([target])) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, simulator: RunningSimulator, empty_database: str) -> Path:
    """A folder with a configuration of one provider."""
    provider = {
        "base_url": simulator.base_url("good"),
        "dialect": "openai_chat",
        "headers": {"authorization": "Bearer sim-key"},
        "models": {"small": {"group": "sim/small"}},
    }
    defaults = {
        "interval_seconds": INTERVAL,
        "jitter_seconds": 0,
        "health": {"confirm_seconds": [0.2, 0.3]},
    }
    settings = {"database": empty_database, "token": TOKEN, "defaults": defaults}
    (tmp_path / "monitor.yaml").write_text(
        yaml.safe_dump(settings | {"providers": {"good": provider}})
    )
    return tmp_path


def fail(simulator: RunningSimulator) -> None:
    simulator.call(lambda: simulator.simulator.inject("good", None, FaultKind.SERVER_ERROR))


def clear(simulator: RunningSimulator) -> None:
    simulator.call(simulator.simulator.clear)


def changes(follower: Follower, last: str) -> list[Event]:
    """Follow until a target is in a state."""
    told = [follower.next("transition")]
    while told[-1].data["new_state"] != last:
        told.append(follower.next("transition"))
    return told


def delays(events: list[Event], truths: tuple[Truth, ...]) -> list[float]:
    """Say for how many seconds each event was later than the end of the last run before it."""
    ends = [truth.end_ns for truth in truths]
    return [(each.at_ns - max(end for end in ends if end < each.at_ns)) / 1e9 for each in events]


def state_told(event: Event) -> str:
    (group,) = event.data["groups"]
    return str(group["candidates"][0]["state"])


def test_a_change_is_told_within_a_second_of_the_run_that_caused_it(
    folder: Path, simulator: RunningSimulator
) -> None:
    with (
        MonitorProcess(folder) as daemon,
        following(daemon.address, headers=HEADERS) as follower,
        Routing(f"http://{daemon.address}", token=TOKEN) as routing,
    ):
        told = {state_told(first := follower.next("routing")): first}
        for state in ("up", "down", "recovering"):
            (fail if state == "down" else clear)(simulator)
            while state not in told:
                event = follower.next("routing")
                told.setdefault(state_told(event), event)
            wait_until(partial(is_known, routing, state))
    truths = simulator.call(simulator.simulator.truths)

    assert median(delays([told[each] for each in ("up", "down", "recovering")], truths)) < 1.0


def is_known(routing: Routing, state: str) -> bool:
    """Say whether the client was told of it, too."""
    candidate = routing.candidate(KEY)
    return candidate is not None and candidate.state == state


def test_who_comes_back_after_a_restart_has_missed_nothing(
    folder: Path, simulator: RunningSimulator
) -> None:
    with MonitorProcess(folder) as first:
        with following(first.address, headers=HEADERS) as follower:
            heard = changes(follower, "up")[-1].id
        fail(simulator)
        wait_until(lambda: "down" in [each.get("new_state") for each in first.events])
        first.signal(signal.SIGTERM)
        assert first.wait() == 0
    clear(simulator)

    with (
        MonitorProcess(folder) as second,
        following(second.address, heard, HEADERS) as follower,
    ):
        missed = changes(follower, "recovering")

    states = [each.data["new_state"] for each in missed]
    assert states[-1] == "recovering"
    assert "down" in states[:-1]
    assert len({each.id for each in missed}) == len(missed)
    olds = [each.data["old_state"] for each in missed]
    assert olds == ["up", *states[:-1]]  # each begins where the one before it ended
