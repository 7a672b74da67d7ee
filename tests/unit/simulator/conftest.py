"""A running simulator and a client of it."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from monitor.simulator import Simulator
from tests.unit.simulator.caller import FLEET, Caller, plain_client


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with plain_client() as one:
        yield one


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(FLEET) as running:
        yield running


@pytest.fixture
def caller(simulator: Simulator, client: httpx.AsyncClient) -> Caller:
    return Caller(simulator, client)


@pytest.fixture
async def asyncio_errors() -> Callable[[], list[BaseException]]:
    """The errors that nobody awaited, as the loop was told of them."""
    told: list[BaseException] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _loop, context: told.append(context["exception"])
    )

    def errors() -> list[BaseException]:
        gc.collect()
        return told

    return errors
