"""What each part of a run costs alone, fed with an exchange that was recorded before."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from monitor.model.clock import SystemClock
from monitor.model.health import Health
from monitor.model.result import Result
from monitor.model.target import Kind, Probe
from monitor.probes.classify import classify
from monitor.probes.dialects import DIALECTS
from monitor.probes.exchange import Exchange
from monitor.probes.framing import WireEvent
from monitor.probes.lag import LoopLag
from monitor.probes.measure import measure
from monitor.probes.prober import Prober
from monitor.probes.prompt import letters, prompt
from monitor.probes.reading import Reading
from monitor.probes.receiver import Receiver
from monitor.probes.transport import HttpTransport
from monitor.recorder.memory import TargetMemory
from tests.benchmarks.clients import bench_probe
from tests.benchmarks.server import Server
from tests.fakes import START

_TIMES, _REPEATS = 20, 25


@dataclass(frozen=True)
class Recorded:
    """One good run: what was asked, seen, read and made of it."""

    probe: Probe
    exchange: Exchange
    reading: Reading
    result: Result

    @property
    def events(self) -> list[WireEvent]:
        """The events that the reads held."""
        framer = DIALECTS[self.probe.target.dialect].framer()
        return [event for read in self.exchange.reads for event in framer.feed(read.data)]


def record(server: Server, script: str) -> Recorded:
    """Make one run and keep all of it."""
    clock = SystemClock()
    transport = HttpTransport(clock, ssl_context=server.trust())
    prober = Prober(transport, clock, vantage="bench", lag=LoopLag(clock))
    probe = bench_probe(server.base_url(script))
    seen: list[tuple[Exchange, Reading | None]] = []
    result = asyncio.run(prober.run(probe, START, on_exchange=lambda *each: seen.append(each)))
    ((exchange, reading),) = seen
    assert reading
    return Recorded(probe, exchange, reading, result)


def parts(recorded: Recorded) -> dict[str, float]:
    """Give what the parts of a run cost but the transport, and the recording after it (us)."""
    probe, exchange, reading = recorded.probe, recorded.exchange, recorded.reading
    dialect, events = DIALECTS[probe.target.dialect], recorded.events
    memory = TargetMemory(probe=probe, health=Health(), spans=(), begun_at=START)

    def ask() -> None:
        dialect.build(probe, prompt(Kind.COMPLETION, letters(b"123456")))

    def frame() -> None:
        framer = dialect.framer()
        for read in exchange.reads:
            framer.feed(read.data)

    def parse() -> None:
        for event in events:
            dialect.parse(event)

    def receive() -> None:
        receiver = Receiver(dialect)
        receiver.begin(exchange.status or 0, dict(exchange.headers))
        for read in exchange.reads:
            receiver.feed(read)
        receiver.reading(exchange)

    framing, parsing = _cost_us(frame), _cost_us(parse)
    return {
        "request": _cost_us(ask),
        "framing": framing,
        "dialect": parsing,
        "reading": _cost_us(receive) - framing - parsing,
        "classify": _cost_us(lambda: classify(exchange, reading, provider=probe.target.provider)),
        "measure": _cost_us(lambda: measure(exchange, reading, probe.target.prices)),
        "record": _cost_us(lambda: memory.take(recorded.result, START)),
    }


def _cost_us(work: Callable[[], object]) -> float:
    """Give the least of a few measurements: what others do to the caches is not the part's."""
    costs = []
    for _ in range(_REPEATS):
        begin = time.process_time_ns()
        for _ in range(_TIMES):
            work()
        costs.append((time.process_time_ns() - begin) / _TIMES / 1e3)
    return min(costs)
