"""The parts of the daemon between a run and a scrape, in this process, with a day behind them."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from typing import Self

from monitor.app.refresher import Refresher
from monitor.export.api import build_api
from monitor.export.metrics import Metrics
from monitor.export.server import ApiServer, bind
from monitor.health.coverage import Span
from monitor.health.stats import Sample, sample
from monitor.model.clock import SystemClock
from monitor.model.health import Health
from monitor.model.result import Result
from monitor.model.target import Probe
from monitor.model.triple import Triple
from monitor.probes.lag import LoopLag
from monitor.probes.network.arrival import Arrivals
from monitor.probes.prober import Prober
from monitor.probes.transport import HttpTransport
from monitor.recorder.memory import TargetMemory
from monitor.recorder.recorder import Recorder
from tests.benchmarks.clients import PROBER, Timed
from tests.factories import make_probe, make_result

_MINUTES_A_DAY = 1440
_PROVIDERS = 40


class _Nowhere:
    """Takes triples and forgets them."""

    def put(self, triple: Triple) -> None:
        """Forget."""


@dataclass(frozen=True)
class Surfaces:
    """A recorder whose targets are shown on /metrics.

    Attributes:
        recorder: Takes results.
        probes: Of all targets.
        url: Where to scrape.
    """

    recorder: Recorder
    probes: tuple[Probe, ...]
    url: str


@dataclass
class Recording:
    """A client that probes target by target, and records what it finds.

    Attributes:
        shown: Takes the results.
        arrivals: Tells when reads arrived.
        results: Of all runs.
    """

    shown: Surfaces
    arrivals: Arrivals
    results: list[Result] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._clock = SystemClock()
        self._lag = LoopLag(self._clock)
        transport = HttpTransport(self._clock, arrivals=self.arrivals)
        self._prober = Prober(transport, self._clock, vantage="bench", lag=self._lag)
        self._probes = cycle(self.shown.probes)

    async def __aenter__(self) -> Self:
        self._sampling = asyncio.ensure_future(self._lag.watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._sampling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._sampling

    async def run(self) -> list[Timed]:
        """Make one run."""
        result = await self._prober.run(next(self._probes), self._clock.now())
        self.shown.recorder.record(result)
        self.results.append(result)
        ttft = result.measurement.ttft_seconds if result.verdict.is_good else None
        return [Timed(PROBER, result.request_id, ttft, result.tainted)]


@contextlib.contextmanager
def surfaces(targets: int, base_url: str) -> Iterator[Surfaces]:
    """Remember a day of so many targets, and serve."""
    clock, metrics = SystemClock(), Metrics(SystemClock())
    memories = _memories(targets, base_url, clock)
    recorder = Recorder(memories, _Nowhere(), clock, "bench")
    metrics.show(
        snapshot=lambda: recorder.snapshot,
        in_flight=lambda: 0,
        waiting=lambda: 0,
        pending=lambda: 0,
        spooled=lambda: 0,
        dropped=lambda: 0,
        spent_ratios=dict,
    )
    errors: list[BaseException] = []

    def redraw() -> None:
        recorder.refresh()
        metrics.prepare()

    refresher = Refresher(redraw, errors.append)
    api = build_api(snapshot=lambda: recorder.snapshot, metrics=metrics, clock=clock)
    server = ApiServer(api, bind("127.0.0.1:0"))
    refresher.start()
    server.start()
    try:
        probes = tuple(memory.probe for memory in memories.values())
        yield Surfaces(recorder, probes, f"http://{server.address}/metrics")
    finally:
        refresher.stop()
        server.stop()
    assert not errors


def _memories(targets: int, base_url: str, clock: SystemClock) -> dict[str, TargetMemory]:
    now = clock.now()
    past = [
        make_result(
            slot_at=now - timedelta(minutes=minutes),
            started_at=now - timedelta(minutes=minutes),
            ttft_seconds=0.3 + minutes / 10_000,
            duration_seconds=0.9 + minutes / 10_000,
        )
        for minutes in range(_MINUTES_A_DAY, 0, -1)
    ]
    samples = [sample(each) for each in past]
    probes = (make_probe(f"p{n % _PROVIDERS}/m-{n}", base_url=base_url) for n in range(targets))
    return {probe.target.key: _memory(probe, samples, past[-1]) for probe in probes}


def _memory(probe: Probe, samples: list[Sample], newest: Result) -> TargetMemory:
    span = Span(
        begin_at=0.0,
        end_at=None,
        count=lambda begin, end: round((end - begin) / probe.interval_seconds),
    )
    memory = TargetMemory(probe=probe, health=Health(), spans=(span,), begun_at=newest.slot_at)
    memory.recall(samples, newest, newest)
    return memory
