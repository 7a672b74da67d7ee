"""The simulator in a thread of its own."""

import threading

import httpx
import pytest

from monitor.simulator import FaultKind, Simulator, run_in_thread
from tests.unit.simulator.caller import FLEET, completion


def simulator_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "simulator"]


def test_it_serves_is_commanded_and_stops() -> None:
    with (
        httpx.Client(trust_env=False, timeout=5) as client,
        run_in_thread(Simulator(FLEET)) as running,
    ):
        url = f"{running.base_url('alpha')}/chat/completions"
        healthy = client.post(url, json=completion())
        running.call(lambda: running.simulator.inject("alpha", None, FaultKind.EMBLEM))
        spoilt = client.post(url, json=completion())
        truths = running.call(running.simulator.truths)

    assert (healthy.status_code, spoilt.status_code) == (200, 404)
    assert [truth.number for truth in truths] == [1, 2]
    assert simulator_threads() == []


def test_stopping_twice_is_harmless_and_a_call_then_fails() -> None:
    running = run_in_thread(Simulator(FLEET))
    running.stop()
    running.stop()

    with pytest.raises(RuntimeError):
        running.base_url("alpha")


def test_an_error_in_a_call_comes_back_to_the_caller() -> None:
    with run_in_thread(Simulator(FLEET)) as running, pytest.raises(KeyError, match="nobody"):
        running.base_url("nobody")


def test_a_start_that_fails_is_told_to_whoever_wanted_it() -> None:
    with pytest.raises(ValueError, match="no such provider: nobody"):
        run_in_thread(Simulator(FLEET), ports={"nobody": 1})

    assert simulator_threads() == []
