"""Doors that are shut and opened, on command and by schedule."""

import asyncio
import socket

import httpx
import pytest

from monitor.simulator import Behaviour, During, FaultKind, Rule, Simulator
from tests.unit.simulator.caller import Caller, completion, target


async def lets_in(simulator: Simulator) -> bool:
    host, port = simulator.base_url("alpha").split("/")[2].split(":")
    try:
        _, writer = await asyncio.open_connection(host, int(port))
        writer.close()
        await writer.wait_closed()
    except ConnectionError:  # refused, or thrown out because the door shut just then
        return False
    return True


async def test_a_shut_door_refuses_and_opens_again_on_the_same_port(caller: Caller) -> None:
    url = caller.url()
    await caller.complete()

    caller.simulator.inject("alpha", None, FaultKind.REFUSED)
    with pytest.raises(httpx.ConnectError):
        await caller.complete()
    other = await caller.complete("beta")
    caller.simulator.clear("alpha")

    assert other.status_code == 200
    assert caller.url() == url
    assert (await caller.complete()).status_code == 200


async def test_nobody_else_can_take_the_port_of_a_shut_door(simulator: Simulator) -> None:
    simulator.inject("alpha", None, FaultKind.REFUSED)
    port = int(simulator.base_url("alpha").split(":")[2].split("/")[0])

    with socket.socket() as rival, pytest.raises(OSError, match="in use"):
        rival.bind(("127.0.0.1", port))


async def test_an_answer_under_way_is_finished_when_the_door_shuts(caller: Caller) -> None:
    async with caller.client.stream("POST", caller.url(), json=completion()) as response:
        caller.simulator.inject("alpha", None, FaultKind.REFUSED)
        seen = await response.aread()

    assert seen.endswith(b"data: [DONE]\n\n")
    assert not await lets_in(caller.simulator)


async def test_a_commanded_refusal_ends_by_itself(simulator: Simulator) -> None:
    simulator.inject("alpha", None, FaultKind.REFUSED, seconds=0.05)
    assert not await lets_in(simulator)

    async with asyncio.timeout(5):
        while not await lets_in(simulator):
            pass

    assert simulator.orders() == ()


async def test_a_door_shuts_and_opens_by_schedule() -> None:
    span = During(from_seconds=0.03, to_seconds=0.06, period_seconds=0.09)
    seen: list[bool] = []

    async with (
        Simulator([target(Behaviour(rules=(Rule(FaultKind.REFUSED, span),)))]) as running,
        asyncio.timeout(5),
    ):
        while len(seen) < 4:
            is_open = await lets_in(running)
            if not seen or seen[-1] != is_open:
                seen.append(is_open)

    assert set(seen) == {True, False}


async def test_a_span_that_is_over_leaves_the_door_open_for_good() -> None:
    span = During(from_seconds=0, to_seconds=0.02)

    async with (
        Simulator([target(Behaviour(rules=(Rule(FaultKind.REFUSED, span),)))]) as running,
        asyncio.timeout(5),
    ):
        assert not running.overview()[0]["open"]
        while not await lets_in(running):
            pass

        assert running._gates["alpha"]._timer is None


async def test_a_command_before_the_start_holds_from_the_start() -> None:
    simulator = Simulator([target(Behaviour())])
    simulator.inject("alpha", None, FaultKind.REFUSED)

    async with simulator:
        assert not await lets_in(simulator)
