"""The simulator as a whole: the truth of its timing, that a run repeats, that nothing is left."""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from monitor.simulator import (
    Behaviour,
    Channel,
    FaultKind,
    Rule,
    Script,
    SimulatedTarget,
    Simulator,
    WithProbability,
)
from tests.unit.simulator.caller import (
    FLEET,
    MODEL,
    Caller,
    completion,
    finish,
    plain_client,
    target,
)
from tests.waiting import until


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with plain_client() as one:
        yield one


@pytest.fixture
async def caller(client: httpx.AsyncClient) -> AsyncIterator[Caller]:
    async with Simulator(FLEET) as running:
        yield Caller(running, client)


async def test_the_truth_lies_within_what_the_client_saw(caller: Caller) -> None:
    before_ns = time.perf_counter_ns()
    await caller.complete()
    after_ns = time.perf_counter_ns()

    truth = await caller.truth()
    sends = [stamp.send_ns for stamp in truth.chunks]
    assert truth.headers_sent_ns is not None
    assert before_ns < truth.request_received_ns < truth.headers_sent_ns < sends[0]
    assert sends == sorted(sends)
    assert sends[-1] < truth.end_ns < after_ns
    assert all(stamp.send_ns < stamp.written_ns for stamp in truth.chunks)


async def test_the_truth_tells_what_was_asked_and_sent(caller: Caller) -> None:
    response = await caller.complete()

    truth = await caller.truth()
    tokens = [(stamp.send_ns, stamp.channel) for stamp in truth.chunks if stamp.tokens]
    assert truth.request_id == response.headers["x-request-id"]
    assert (truth.provider, truth.model, truth.number) == ("alpha", MODEL, 1)
    assert truth.prompt == "k7x hello"
    assert truth.played_out
    assert [channel for _, channel in tokens] == [Channel.REASONING] * 2 + [Channel.TEXT] * 8
    assert truth.first_token_ns == tokens[0][0]
    assert truth.first_answer_ns == tokens[2][0]
    assert truth.last_token_ns == tokens[-1][0]


async def test_no_token_is_early_and_lateness_does_not_add_up(client: httpx.AsyncClient) -> None:
    script = Script(first_token_seconds=0.01, gap_seconds=0.005, tokens=100)
    async with Simulator([target(Behaviour(script=script))]) as running:
        caller = Caller(running, client)
        await caller.complete()
        truth = await caller.truth()

    sends = [stamp.send_ns for stamp in truth.chunks if stamp.tokens]
    late = [
        send - truth.request_received_ns - (10_000_000 + 5_000_000 * index)
        for index, send in enumerate(sends)
    ]
    assert min(late) >= 0
    # The sum of a hundred small delays would show in each of the last tokens.
    assert min(late[-30:]) < 20_000_000


async def outcomes(client: httpx.AsyncClient, seed: int) -> list[tuple[int, FaultKind | None]]:
    rules = (Rule(FaultKind.OVERLOADED, WithProbability(probability=0.5)),)
    quick = Script(first_token_seconds=0.001, gap_seconds=0, tokens=1)
    async with Simulator([target(Behaviour(script=quick, rules=rules))], seed=seed) as running:
        for _ in range(20):
            await Caller(running, client).complete()
        await running.idle()
        return [(truth.number, truth.fault) for truth in running.truths()]


async def test_a_run_repeats_with_its_seed(client: httpx.AsyncClient) -> None:
    first = await outcomes(client, seed=3)

    assert await outcomes(client, seed=3) == first
    assert await outcomes(client, seed=4) != first


async def test_many_clients_are_served_at_once(caller: Caller) -> None:
    responses = await asyncio.gather(*(caller.complete() for _ in range(40)))

    ids = {response.headers["x-request-id"] for response in responses}
    assert ids == {f"alpha/sim/quick/{number}" for number in range(1, 41)}


@pytest.mark.parametrize(
    "fault", [None, FaultKind.SILENT, FaultKind.STALL, FaultKind.ENDLESS, FaultKind.SLOW_HEADERS]
)
async def test_stopping_breaks_everything_off_at_once(
    client: httpx.AsyncClient, fault: FaultKind | None
) -> None:
    others = asyncio.all_tasks()
    simulator = Simulator([target(Behaviour(script=Script(first_token_seconds=60)))])
    await simulator.start()
    caller = Caller(simulator, client)
    url = caller.url()
    if fault:
        simulator.inject("alpha", None, fault)
    waiting = [asyncio.create_task(caller.complete()) for _ in range(3)]
    await until(lambda: len(simulator._gates["alpha"].door._connections) == 3)

    async with asyncio.timeout(2):
        await simulator.stop()

    broken = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(error, httpx.TransportError) for error in broken)
    assert asyncio.all_tasks() == others
    with pytest.raises(httpx.ConnectError):
        await client.post(url, json=completion())


async def test_stopping_right_after_a_client_came_leaves_nothing() -> None:
    simulator = Simulator(FLEET)
    await simulator.start()
    door = simulator._gates["alpha"].door
    assert door._socket

    with socket.create_connection(door.address):
        door._accept(door._socket)
        await simulator.stop()

    assert len(asyncio.all_tasks()) == 1


async def test_a_simulator_that_was_not_started_has_no_address_and_can_be_stopped() -> None:
    simulator = Simulator(FLEET)

    with pytest.raises(RuntimeError, match="not running"):
        simulator.base_url("alpha")

    await simulator.stop()


async def test_ports_are_as_told_and_a_taken_one_opens_nothing() -> None:
    async with Simulator(FLEET) as first:
        port = int(first.base_url("beta").split(":")[2].split("/")[0])
        second = Simulator(FLEET)

        with pytest.raises(OSError, match="in use"):
            await second.start(ports={"beta": port})
        with pytest.raises(RuntimeError, match="not running"):
            second.base_url("alpha")

    async with asyncio.timeout(5):
        await second.start(ports={"beta": port})
    assert second.base_url("beta") == f"http://127.0.0.1:{port}/v1"
    await second.stop()


async def test_the_other_loopback_address_will_do(client: httpx.AsyncClient) -> None:
    simulator = Simulator(FLEET)
    try:
        await simulator.start(host="::1")
    except OSError:
        pytest.skip("this machine has no IPv6")

    response = await Caller(simulator, client).complete()
    await simulator.stop()

    assert simulator.providers == ("alpha", "beta")
    assert finish(response) == "stop"


@pytest.mark.parametrize(
    ("fleet", "complaint"),
    [
        pytest.param([FLEET[0], FLEET[0]], "comes twice", id="a target twice"),
        pytest.param([target(Behaviour(), provider="control")], "taken name", id="a taken name"),
        pytest.param(
            [SimulatedTarget(provider="p", model="m", group="g", dialect="morse")],
            "known dialect",
            id="an unknown dialect",
        ),
    ],
)
def test_a_fleet_that_cannot_be_served_is_refused(
    fleet: list[SimulatedTarget], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        Simulator(fleet)


async def test_providers_can_be_served_over_tls(tls: ssl.SSLContext, trust: ssl.SSLContext) -> None:
    async with (
        Simulator(FLEET, tls=tls) as running,
        httpx.AsyncClient(verify=trust, trust_env=False) as client,
    ):
        caller = Caller(running, client)
        healthy = await caller.complete()
        running.inject("alpha", None, FaultKind.RESET, count=1)
        with pytest.raises(httpx.ReadError):
            await caller.complete()
        last = await caller.complete()

    assert running.providers == ("alpha", "beta")
    assert finish(healthy) == finish(last) == "stop"


async def test_a_client_that_does_not_trust_the_certificate_harms_nobody(
    tls: ssl.SSLContext, trust: ssl.SSLContext
) -> None:
    async with (
        Simulator(FLEET, tls=tls) as running,
        httpx.AsyncClient(verify=trust, trust_env=False) as client,
        plain_client() as stranger,
    ):
        caller = Caller(running, client)
        with pytest.raises(httpx.ConnectError, match="certificate"):
            await stranger.get(caller.url())

        assert (await caller.complete()).status_code == 200


async def test_stopping_does_not_wait_for_a_handshake(tls: ssl.SSLContext) -> None:
    simulator = Simulator(FLEET, tls=tls)
    await simulator.start()
    door = simulator._gates["alpha"].door

    with socket.create_connection(door.address):
        await until(lambda: door._arrivals)
        async with asyncio.timeout(2):
            await simulator.stop()

    assert len(asyncio.all_tasks()) == 1
