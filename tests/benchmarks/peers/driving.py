"""Drives another tool inside its own environment; standard library only.

The order comes as JSON on standard input, the figures go as JSON to standard output.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version


@dataclass(frozen=True)
class Order:
    """What to do: so many streams at a time, each with one probe after the other.

    Attributes:
        origin: The server, without the version in the path.
        streams: At a time.
        runs_each: In each stream.
        spread_seconds: The streams begin over this time.
    """

    origin: str
    streams: int
    runs_each: int
    spread_seconds: float


@dataclass(frozen=True)
class Driven:
    """What came of it.

    Attributes:
        version: Of the tool.
        cpu_seconds: For all probes, without what was done before the first.
        figures: The tool's figure in seconds by the model that it asked for; None where it failed.
    """

    version: str
    cpu_seconds: float
    figures: dict[str, float | None]


#: Probes a model once and gives the tool's figure in seconds; None if the probe failed.
Probe = Callable[[str], Awaitable[float | None]]


def read_order() -> Order:
    """Read the order."""
    return Order(**json.load(sys.stdin))


async def drive(tool: str, order: Order, probe: Probe) -> None:
    """Let a tool probe as ordered, after one probe to warm up, and print the figures."""
    await probe("warm-up")
    figures: dict[str, float | None] = {}

    async def stream(number: int) -> None:
        await asyncio.sleep(number * order.spread_seconds / order.streams)
        for run in range(order.runs_each):
            model = f"m-{number}-{run}"
            figures[model] = await probe(model)

    begin = time.process_time()
    await asyncio.gather(*(stream(number) for number in range(order.streams)))
    used = time.process_time() - begin
    driven = Driven(version=version(tool), cpu_seconds=used, figures=figures)
    print(json.dumps(asdict(driven)))  # noqa: T201 - what the program is for
