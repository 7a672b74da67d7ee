"""`monitor simulate`: the simulated fleet by itself, to try things against."""

import asyncio
import signal
from collections.abc import Iterator
from typing import Annotated

import typer

from monitor.simulator import DEMO_FLEET, FaultKind, Simulator


def simulate(
    seed: Annotated[int, typer.Option(help="Runs of one seed repeat exactly.")] = 1,
    port: Annotated[
        int, typer.Option(help="Port of the control; the providers get those after it. 0: any.")
    ] = 0,
) -> None:
    """Serve the simulated providers until stopped; print where they are and how to command them."""
    asyncio.run(_serve(Simulator(DEMO_FLEET, seed=seed), port))


async def _serve(simulator: Simulator, port: int) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    names = ("control", *simulator.providers)
    await simulator.start(ports={name: port + n for n, name in enumerate(names)} if port else {})
    try:
        for line in _told(simulator):
            typer.echo(line)
        await stopping.wait()
    finally:
        await simulator.stop()


def _told(simulator: Simulator) -> Iterator[str]:
    yield f"{'PROVIDER':<10} {'BASE URL':<28} MODELS"
    for each in simulator.overview():
        yield f"{each['provider']:<10} {each['base_url']:<28} {', '.join(each['models'])}"
    order = '{"provider": "aurora", "fault": "emblem", "count": 3}'
    yield f"\nkey      {DEMO_FLEET[0].api_key}"
    yield f"command  curl -X POST {simulator.control_url}/faults -d '{order}'"
    yield f"faults   {', '.join(FaultKind)}"
    yield f"truth    curl {simulator.control_url}/truth"
