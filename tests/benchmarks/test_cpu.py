"""What a run costs in CPU, beside the least that any client would cost."""

import asyncio
import statistics
import time
from collections.abc import Iterator

import pytest

from monitor.model.clock import SystemClock
from monitor.probes.lag import LoopLag
from tests.benchmarks.bare import ByBareProtocol
from tests.benchmarks.clients import ByHttpx, ByProber, Client
from tests.benchmarks.effort import effort
from tests.benchmarks.load import Closed, play
from tests.benchmarks.parts import parts, record
from tests.benchmarks.script import Script
from tests.benchmarks.server import Server, show, truth_server

pytestmark = pytest.mark.timeout(1800)

SCRIPT = Script()
STREAMS = 20
LOAD = Closed(STREAMS, effort(4), spread_seconds=SCRIPT.seconds)
ROUNDS = effort(5, 2)
#: Our whole run over the bare protocol.
MAX_RATIO = 5.0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with truth_server(llm=SCRIPT) as running:
        yield running


def _cost_us(client: Client) -> float:
    return play(client, LOAD).cpu_seconds * 1e6 / (LOAD.streams * LOAD.runs_each)


def _sampler_us() -> float:
    """What the sampler of the event loop's lag costs in a second without runs."""

    async def sample() -> float:
        sampling = asyncio.ensure_future(LoopLag(SystemClock()).watch())
        begin = time.process_time()
        await asyncio.sleep(1.0)
        sampling.cancel()
        return (time.process_time() - begin) * 1e6

    return asyncio.run(sample())


def _compare(server: Server, *, tls: bool) -> list[tuple[float, float, float]]:
    """Let bare protocol, prober and httpx take turns; give what a run of each costs (us).

    The sampler of the loop's lag is left out: it costs by the second, not by the run.
    """
    clients = (
        ByBareProtocol(server, "llm", tls=tls),
        ByProber(server, "llm", tls=tls, samples_lag=False),
        ByHttpx(server, "llm", tls=tls),
    )
    for client in clients:
        play(client, Closed(2, 1, spread_seconds=0))  # imports, caches
    bare, ours, plain = clients
    return [(_cost_us(bare), _cost_us(ours), _cost_us(plain)) for _ in range(ROUNDS)]


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_a_run_costs_at_most_five_times_the_bare_protocol(server: Server, tls: bool) -> None:
    costs = _compare(server, tls=tls)
    bare, ours, plain = (statistics.median(each) for each in zip(*costs, strict=True))
    ratios = [ours / bare for bare, ours, _ in costs]
    alone = parts(record(server, "llm"))
    recording = alone.pop("record")
    alone["transport"] = ours - sum(alone.values())
    show(
        f"CPU of a run of {len(SCRIPT.sends)} chunks, {'TLS' if tls else 'plain'}",
        {
            "bare protocol us": bare,
            "prober us": ours,
            "httpx us": plain,
            "ratio": statistics.median(ratios),
            "least ratio": min(ratios),
            "most ratio": max(ratios),
            **{f"of the prober: {name} us": cost for name, cost in alone.items()},
            "the largest part": max(alone, key=alone.__getitem__),
            "recording, after the run us": recording,
            "the lag sampler, us a second": _sampler_us(),
        },
    )

    assert statistics.median(ratios) <= MAX_RATIO
