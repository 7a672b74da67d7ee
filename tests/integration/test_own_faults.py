"""What this machine or this program spoils is never booked as the provider's."""

import asyncio
import os
import resource
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress

import pytest

from monitor.model.clock import SystemClock
from monitor.model.outcome import Outcome
from monitor.probes.lag import LoopLag
from monitor.probes.prober import Prober
from monitor.probes.transport import HttpTransport
from monitor.simulator import Simulator
from tests.fakes import START
from tests.integration.simulated import fleet, probe_of
from tests.waiting import until


@pytest.fixture
def lag() -> LoopLag:
    return LoopLag(SystemClock())


@pytest.fixture
def prober(lag: LoopLag) -> Prober:
    clock = SystemClock()
    return Prober(HttpTransport(clock), clock, vantage="here", lag=lag)


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(fleet()) as running:
        yield running


async def test_a_stall_of_our_own_loop_is_no_timeout_of_the_provider(
    prober: Prober, simulator: Simulator, lag: LoopLag
) -> None:
    sampling = asyncio.ensure_future(lag.watch())
    running = asyncio.ensure_future(prober.run(probe_of(simulator), START))
    await until(lambda: prober.in_flight == 1)

    threading.Event().wait(1.6)  # the whole loop stands still, past every deadline
    result = await running
    sampling.cancel()

    assert result.verdict.outcome is Outcome.INCONCLUSIVE, result.verdict
    assert result.verdict.rule == "prober-stalled"


@contextmanager
def no_descriptors_left() -> Iterator[None]:
    """Use up what this process may open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    taken = []
    try:
        with suppress(OSError):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        yield
    finally:
        for each in taken:
            os.close(each)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_running_out_of_descriptors_is_our_own_doing(
    prober: Prober, simulator: Simulator
) -> None:
    probe = probe_of(simulator)
    with no_descriptors_left():
        result = await prober.run(probe, START)

    assert (result.verdict.outcome, result.verdict.rule) == (
        Outcome.INCONCLUSIVE,
        "prober-resources",
    )
