"""What this machine or this program spoils is never booked as the provider's."""

import asyncio
import os
import resource
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from typing import Self

import pytest

from monitor.model.clock import SystemClock
from monitor.model.outcome import Outcome
from monitor.probes.lag import LoopLag
from monitor.probes.prober import Prober
from monitor.probes.transport import HttpTransport
from monitor.simulator import Simulator
from tests.factories import make_probe
from tests.fakes import START
from tests.integration.simulated import fleet, probe_of
from tests.waiting import until


@pytest.fixture
def lag() -> LoopLag:
    return LoopLag(SystemClock())


@pytest.fixture
def waits() -> list[float]:
    """How long each read waited for us."""
    return []


@pytest.fixture
def prober(lag: LoopLag, waits: list[float]) -> Prober:
    clock = SystemClock()
    return Prober(HttpTransport(clock), clock, vantage="here", lag=lag, on_reads=waits.extend)


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


class Obedient:
    """A server of one answer: its first token leaves when told, the rest when told again."""

    def __init__(self) -> None:
        self.first, self.rest = threading.Event(), threading.Event()
        self.asked_ns = self.sent_ns = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(10)
        self._listener.close()

    def _serve(self) -> None:
        sock, _ = self._listener.accept()
        with sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            heard = b""
            while not heard.endswith(b"}"):
                heard += sock.recv(65_536)
            self.asked_ns = time.perf_counter_ns()
            sock.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
            self.first.wait(10)
            self.sent_ns = time.perf_counter_ns()
            sock.sendall(b'data: {"choices": [{"delta": {"content": "x"}}]}\n\n')
            self.rest.wait(10)
            sock.sendall(b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\n')


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux stamps what it receives")
async def test_a_stall_of_our_own_loop_moves_no_time_that_is_measured(
    prober: Prober, lag: LoopLag, waits: list[float]
) -> None:
    sampling = asyncio.ensure_future(lag.watch())
    with Obedient() as server:
        probe = make_probe("sim/quick", base_url=server.base_url)
        running = asyncio.ensure_future(prober.run(probe, START))
        await until(lambda: server.asked_ns)

        server.first.set()
        threading.Event().wait(0.4)  # the whole loop stands still while the first token comes
        asyncio.get_running_loop().call_later(0.2, server.rest.set)  # not with the first one
        result = await running
    sampling.cancel()

    told_seconds = (server.sent_ns - server.asked_ns) / 1e9
    assert result.verdict.outcome is Outcome.OK, result.verdict
    assert (result.measurement.ttft_seconds or 0) - told_seconds < 0.1
    assert (result.loop_lag_seconds or 0) > 0.3
    assert (result.observation_delay_seconds or 0) > 0.3
    assert result.observation_delay_seconds == max(waits)
    assert min(waits) < 0.1, "the rest was read as soon as it came"
    assert not result.tainted


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


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "no-such-host.invalid"])
async def test_running_out_of_descriptors_is_our_own_doing(
    prober: Prober, simulator: Simulator, host: str
) -> None:
    probe = probe_of(simulator, base_url=simulator.base_url("sim").replace("127.0.0.1", host))
    with no_descriptors_left():
        result = await prober.run(probe, START)

    assert (result.verdict.outcome, result.verdict.rule) == (
        Outcome.INCONCLUSIVE,
        "prober-resources",
    )
