"""`monitor simulate`: the simulated fleet by itself, to try things against."""

import asyncio
import contextlib
import signal
from typing import Annotated

import typer

from monitor.simulator import Simulator, demo_simulator


def simulate(
    seed: Annotated[int, typer.Option(help="Runs of one seed repeat exactly.")] = 1,
) -> None:
    """Serve the simulated providers until stopped, and print where they are."""
    asyncio.run(_serve(demo_simulator(seed=seed)))


async def _serve(simulator: Simulator) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    async with simulator:
        for line in simulator.describe():
            typer.echo(line)
        with contextlib.suppress(asyncio.CancelledError):
            await stopping.wait()
