"""`monitor simulate`: the simulated fleet by itself, to try things against."""

import asyncio
import signal
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

import typer

from monitor.simulator import DEMO_FLEET, MEANINGS, Simulator


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
    fleet, url = simulator.overview(), simulator.control_url
    yield f"{'PROVIDER':<10} {'BASE URL':<28} MODELS"
    for each in fleet:
        yield f"{each['provider']:<10} {each['base_url']:<28} {', '.join(each['models'])}"
    yield f"key        {DEMO_FLEET[0].api_key}"
    yield "\nTo probe them, in monitor.yaml:\n"
    yield from _sample(fleet)
    yield f"\n{'FAULT':<18} WHAT IT DOES"
    yield from (f"{fault:<18} {words}" for fault, words in MEANINGS.items())
    order = '{"provider": "aurora", "fault": "emblem", "count": 3}'
    yield f"\ncommand  curl -X POST {url}/faults -d '{order}'"
    yield '         ("model": of one model only; "seconds": for so long, instead of "count")'
    yield f"end      curl -X DELETE {url}/faults"
    yield f"truth    curl {url}/truth"


def _sample(fleet: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Write a configuration that probes all of it."""
    yield "providers:"
    for each in fleet:
        models = ", ".join(f"{model}: {{}}" for model in each["models"])
        yield f"  {each['provider']}:"
        yield f"    base_url: {each['base_url']}"
        yield f"    api_key: {DEMO_FLEET[0].api_key}"
        yield f"    models: {{{models}}}"
