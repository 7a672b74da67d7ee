"""Connections from run to run: fresh ones, warm ones, and none that is lost by cancelling."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.model.clock import SystemClock
from monitor.model.outcome import Outcome
from monitor.model.target import Deadlines
from monitor.probes.lag import LoopLag
from monitor.probes.prober import Prober
from monitor.probes.transport import HttpTransport
from monitor.simulator import FaultKind, Simulator
from tests.fakes import START
from tests.integration.simulated import fleet, probe_of


@pytest.fixture
async def transport() -> AsyncIterator[HttpTransport]:
    opened = HttpTransport(SystemClock())
    yield opened
    opened.keep_only([])


@pytest.fixture
def prober(transport: HttpTransport) -> Prober:
    clock = SystemClock()
    return Prober(transport, clock, vantage="here", lag=LoopLag(clock))


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(fleet()) as running:
        yield running


def slot(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


async def test_every_run_opens_a_connection_of_its_own(
    prober: Prober, simulator: Simulator
) -> None:
    probe = probe_of(simulator)

    results = [await prober.run(probe, slot(n)) for n in range(3)]

    assert [each.measurement.reused for each in results] == [False] * 3
    assert all(each.measurement.connect_seconds is not None for each in results)


async def test_a_warm_probe_keeps_its_connection(prober: Prober, simulator: Simulator) -> None:
    probe = replace(probe_of(simulator), keeps_connection=True)

    results = [await prober.run(probe, slot(n)) for n in range(3)]

    assert [each.verdict.outcome for each in results] == [Outcome.OK] * 3
    assert [each.measurement.reused for each in results] == [False, True, True]
    assert results[1].measurement.connect_seconds is None
    assert (results[1].measurement.ttft_seconds or 0) > 0


async def test_a_confirm_run_opens_a_connection_of_its_own(
    prober: Prober, simulator: Simulator
) -> None:
    """What is sick may be the one backend that the kept connection leads to."""
    probe = replace(probe_of(simulator), keeps_connection=True)
    await prober.run(probe, START)

    confirm = await prober.run(probe, START, confirm=1)

    assert confirm.measurement.reused is False


async def test_a_warm_connection_that_the_server_closed_is_opened_anew(
    prober: Prober, simulator: Simulator
) -> None:
    probe = replace(probe_of(simulator), keeps_connection=True)
    await prober.run(probe, START)
    simulator.inject("sim", None, FaultKind.REFUSED)  # parts with those who wait
    simulator.clear()

    result = await prober.run(probe, slot(1))

    assert result.verdict.outcome is Outcome.OK, result.verdict
    assert result.measurement.reused is False


async def test_a_failure_on_a_warm_connection_leaves_none_behind(
    prober: Prober, simulator: Simulator
) -> None:
    probe = replace(probe_of(simulator), keeps_connection=True)
    await prober.run(probe, START)
    simulator.inject("sim", None, FaultKind.RESET)
    broken = await prober.run(probe, slot(1))
    simulator.clear()

    healed = await prober.run(probe, slot(2))

    assert (broken.verdict.outcome, broken.measurement.reused) == (Outcome.TRUNCATED, True)
    assert (healed.verdict.outcome, healed.measurement.reused) == (Outcome.OK, False)


async def test_connections_of_probes_that_went_are_closed(
    prober: Prober, transport: HttpTransport, simulator: Simulator
) -> None:
    probe = replace(probe_of(simulator), keeps_connection=True)
    await prober.run(probe, START)
    transport.keep_only([])

    gone = await prober.run(probe, slot(2))  # one that was in flight keeps nothing either
    assert gone.measurement.reused is False
    result = await prober.run(probe, slot(1))

    assert result.measurement.reused is False


async def test_after_1600_cancelled_runs_healthy_ones_are_healthy(
    prober: Prober, simulator: Simulator
) -> None:
    """A shared pool of httpx 0.28.1 fails every later request with PoolTimeout, for ever."""
    probe = probe_of(simulator, deadlines=Deadlines(connect_seconds=10, total_seconds=40))
    hasty = replace(probe, deadlines=Deadlines(first_token_seconds=0.03, total_seconds=0.05))
    simulator.inject("sim", None, FaultKind.SILENT)
    for batch in range(16):
        cut = await asyncio.gather(
            *(prober.run(hasty, START, confirm=batch * 100 + n) for n in range(100))
        )
        assert {each.verdict.outcome for each in cut} <= {Outcome.TIMEOUT, Outcome.UNREACHABLE}
    simulator.clear()

    healthy = await asyncio.gather(
        *(prober.run(probe, START, confirm=10_000 + n) for n in range(40))
    )

    assert [each.verdict.outcome for each in healthy] == [Outcome.OK] * 40
    assert prober.in_flight == 0
