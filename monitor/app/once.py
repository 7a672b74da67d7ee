"""One run outside the daemon, with all that was seen kept for explaining."""

import asyncio
from dataclasses import dataclass, replace

from monitor.config.settings import Settings
from monitor.model.clock import SystemClock
from monitor.model.result import Result
from monitor.model.target import Probe
from monitor.probes.exchange import Exchange
from monitor.probes.lag import LoopLag
from monitor.probes.lookups import LookupExecutor
from monitor.probes.network.knock import Knocks
from monitor.probes.own_network import OwnNetwork
from monitor.probes.prober import Prober
from monitor.probes.reading import Reading
from monitor.probes.transport import HttpTransport


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A run and its evidence."""

    exchange: Exchange
    reading: Reading | None
    result: Result


async def run_once(probe: Probe, settings: Settings) -> Seen:
    """Run *probe* now, over a connection of its own; nothing is recorded."""
    probe = replace(probe, keeps_connection=False)
    # A look-up that hangs must not hold up the exit.
    asyncio.get_running_loop().set_default_executor(LookupExecutor())
    clock = SystemClock()
    lag, transport = LoopLag(clock), HttpTransport(clock)
    prober = Prober(
        transport,
        clock,
        vantage=settings.vantage,
        lag=lag,
        secrets=settings.secrets,
        network=OwnNetwork(
            Knocks(transport.knock, clock),
            (each.target for each in settings.probes),
            canary=settings.canary,
        ),
    )
    evidence: list[tuple[Exchange, Reading | None]] = []
    async with asyncio.TaskGroup() as group:
        sampling = group.create_task(lag.watch())
        result = await prober.run(
            probe, clock.now(), on_exchange=lambda *seen: evidence.append(seen)
        )
        sampling.cancel()
    exchange, reading = evidence[0]
    return Seen(exchange=exchange, reading=reading, result=result)
