"""Simulated providers as a process, each at an address of its own: `python -m … ADDRESS …`."""

import asyncio
import sys

from monitor.simulator import Behaviour, Script, SimulatedTarget, Simulator

PORT = 8000
#: So slow that at every instant some runs are under way.
SCRIPT = Script(first_token_seconds=0.9, gap_seconds=0.002)


def fleet(provider: str) -> tuple[SimulatedTarget, ...]:
    """Two targets of a provider."""
    return tuple(
        SimulatedTarget(
            provider=provider,
            model=model,
            group=f"sim/{model}",
            behaviour=Behaviour(script=SCRIPT),
        )
        for model in ("small", "large")
    )


async def _serve(addresses: list[str]) -> None:
    for number, address in enumerate(addresses):
        name = f"far{number}"
        await Simulator(fleet(name)).start(address, {name: PORT})
    sys.stdout.write("open\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1:]))
