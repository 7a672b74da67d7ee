"""People who look at pages: each with a browser that holds the live stream open and asks anew.

They are in a process and on a core of their own. As the script of the pages does, each asks for
its page when the stream says that it is out of date.
"""

import asyncio
import multiprocessing
import ssl
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import httpx

from tests.benchmarks.cores import pin

_HEADERS = {"accept": "text/html", "accept-encoding": "gzip"}
_WAIT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Look:
    """A page that was asked for.

    Attributes:
        at: When (seconds of the steady clock).
        seconds: Until its last byte.
        size: Bytes that were sent.
        status: HTTP's.
    """

    at: float
    seconds: float
    size: int
    status: int


class Viewers:
    """A process of so many viewers.

    Args:
        cores: Where it runs.
    """

    def __init__(self, cores: Sequence[int]) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._process = ProcessPoolExecutor(1, spawn, pin, (tuple(cores),))

    def look(self, url: str, paths: Sequence[str], seconds: float) -> list[Look]:
        """Have each path looked at by one viewer for so long."""
        return self._process.submit(_look, url, tuple(paths), seconds).result()

    def close(self) -> None:
        """End the process."""
        self._process.shutdown()


def _look(url: str, paths: Sequence[str], seconds: float) -> list[Look]:
    return asyncio.run(_all(url, paths, seconds))


async def _all(url: str, paths: Sequence[str], seconds: float) -> list[Look]:
    looks: list[Look] = []
    async with asyncio.timeout(seconds + _WAIT_SECONDS), asyncio.TaskGroup() as group:
        for number, path in enumerate(paths):
            group.create_task(_view(url, path, seconds, number / len(paths), looks))
    return looks


#: Made once: each costs 30 ms.
_TRUST = ssl.create_default_context()


async def _view(url: str, path: str, seconds: float, begin: float, looks: list[Look]) -> None:
    """Look at a page and follow it; viewers come within a second."""
    await asyncio.sleep(begin)
    async with httpx.AsyncClient(
        base_url=url, timeout=_WAIT_SECONDS, headers=_HEADERS, verify=_TRUST, trust_env=False
    ) as client:
        looks.append(await _ask(client, path))
        try:
            async with asyncio.timeout(seconds - begin), client.stream("GET", "/live") as stream:
                assert stream.status_code == httpx.codes.OK
                async for line in stream.aiter_lines():
                    if line.startswith("event:"):
                        looks.append(await _ask(client, path))  # noqa: PERF401 - as time goes by
        except TimeoutError:
            return


async def _ask(client: httpx.AsyncClient, path: str) -> Look:
    begin, size = time.monotonic(), 0
    async with client.stream("GET", path) as page:
        async for chunk in page.aiter_raw():
            size += len(chunk)
    return Look(begin, time.monotonic() - begin, size, page.status_code)
