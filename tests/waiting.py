"""Waiting for what is bound to happen soon, in real time."""

import asyncio
import time
from collections.abc import Callable


async def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Let the event loop turn until *condition* holds.

    Raises:
        TimeoutError: It did not hold in time.
    """
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - anything may be the condition
            await asyncio.sleep(0.002)


def wait_until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait in a thread until *condition* holds.

    Raises:
        TimeoutError: It did not hold in time.
    """
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("it did not happen in time")
        time.sleep(0.05)
