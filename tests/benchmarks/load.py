"""How runs come: so many streams at a time, or at a rate, whatever became of those before."""

import asyncio
import time
from dataclasses import dataclass
from random import Random
from typing import Protocol

from tests.benchmarks.clients import Client, Timed
from tests.benchmarks.cores import Neighbours

_SEED = 20_260_301


class Load(Protocol):
    """Makes a client run, many times."""

    async def drive(self, client: Client) -> list[Timed]:
        """Make all runs; give what was measured."""
        ...


@dataclass(frozen=True)
class Closed:
    """So many streams at a time, each with one run after the other.

    Attributes:
        streams: At a time.
        runs_each: In each stream.
        spread_seconds: The streams begin over this time, as the grid spreads its slots.
    """

    streams: int
    runs_each: int
    spread_seconds: float

    def __str__(self) -> str:
        """As the tables name it."""
        return f"{self.streams} at a time"

    async def drive(self, client: Client) -> list[Timed]:
        """Make all runs."""
        timed: list[Timed] = []

        async def stream(number: int) -> None:
            await asyncio.sleep(number * self.spread_seconds / self.streams)
            for _ in range(self.runs_each):
                timed.extend(await client.run())

        await asyncio.gather(*(stream(number) for number in range(self.streams)))
        return timed


@dataclass(frozen=True)
class Open:
    """Poisson arrivals, the same ones each time.

    Attributes:
        per_second: Runs that begin in a second, on average.
        seconds: For how long they begin.
    """

    per_second: float
    seconds: float

    def __str__(self) -> str:
        """As the tables name it."""
        return f"{self.per_second:.0f} a second"

    async def drive(self, client: Client) -> list[Timed]:
        """Make all runs."""
        loop, dice = asyncio.get_running_loop(), Random(_SEED)  # noqa: S311 - repeatable
        begin = loop.time()
        due, runs = 0.0, []
        while (due := due + dice.expovariate(self.per_second)) < self.seconds:
            await asyncio.sleep(begin + due - loop.time())
            runs.append(asyncio.ensure_future(client.run()))
        return [timed for each in await asyncio.gather(*runs) for timed in each]


@dataclass(frozen=True, slots=True)
class Round:
    """What one client measured under one load.

    Attributes:
        timed: The figures, one or more a run.
        seconds: From the first run's begin to the last one's end.
        cpu_seconds: That this process used in it.
        neighbours: The share of our core that others used; what they take, our figures miss.
    """

    timed: tuple[Timed, ...]
    seconds: float
    cpu_seconds: float
    neighbours: float


def play(client: Client, load: Load) -> Round:
    """Make all runs of a load, in an event loop of their own."""

    async def run() -> Round:
        async with client:
            wall, cpu, neighbours = time.perf_counter(), time.process_time(), Neighbours()
            timed = await load.drive(client)
            return Round(
                timed=tuple(timed),
                seconds=time.perf_counter() - wall,
                cpu_seconds=time.process_time() - cpu,
                neighbours=neighbours.share(),
            )

    return asyncio.run(run())
