"""The simulator in a process of its own, so that it does not share our event loop or GIL."""

import json
import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any
from urllib.request import urlopen

from monitor.simulator import Behaviour, Script, SimulatedTarget, Simulator, run_in_thread

#: Needs no waiting for the second core where there is but one.
_CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


@dataclass(frozen=True)
class Server:
    """Where the simulator listens, and where it tells the truth."""

    base_url: str
    control_url: str

    def truths(self) -> dict[str, dict[str, Any]]:
        """What really happened, by request id."""
        told: dict[str, dict[str, Any]] = {}
        since = 0
        while True:
            with urlopen(f"{self.control_url}/truth?since={since}", timeout=10) as answer:  # noqa: S310
                newer = json.loads(answer.read())["truths"]
            if not newer:
                return told
            for each in newer:
                told[each["request_id"]] = each
                since = max(since, each["sequence"])


def _serve(script: Script, pipe: Connection) -> None:
    if len(_CORES) > 1:
        os.sched_setaffinity(0, {_CORES[0]})
    target = SimulatedTarget(
        provider="bench", model="m", group="bench/m", behaviour=Behaviour(script=script)
    )
    simulator = Simulator([target], truth_limit=100_000)
    with run_in_thread(simulator) as running:
        pipe.send((running.base_url("bench"), running.call(lambda: simulator.control_url)))
        pipe.recv()


@contextmanager
def bench_server(script: Script) -> Iterator[Server]:
    """Run a simulator on the first core, with this process on the others."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(script, theirs))
    process.start()
    if len(_CORES) > 1:
        os.sched_setaffinity(0, set(_CORES[1:]))
    try:
        yield Server(*ours.recv())
    finally:
        ours.send("stop")
        process.join()
        if _CORES:
            os.sched_setaffinity(0, set(_CORES))


def show(title: str, figures: dict[str, Any]) -> None:
    """Print a table for people and a line of JSON for programs."""
    width = max(map(len, figures))
    print(f"\n{title}")  # noqa: T201 - what a benchmark is for
    for name, value in figures.items():
        text = f"{value:,.3f}" if isinstance(value, float) else str(value)
        print(f"  {name:<{width}}  {text}")  # noqa: T201
    print(json.dumps({"benchmark": title} | figures))  # noqa: T201
