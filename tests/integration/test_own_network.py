"""With real sockets: who can be reached, and who is to blame if nobody can."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest

from monitor.model.clock import SystemClock
from monitor.model.outcome import Outcome, Phase
from monitor.model.result import Result
from monitor.model.target import Deadlines, Probe
from monitor.probes.exchange import Exchange
from monitor.probes.lag import LoopLag
from monitor.probes.network.http1 import UnsendableError
from monitor.probes.network.knock import Knocks
from monitor.probes.own_network import OwnNetwork
from monitor.probes.prober import Prober
from monitor.probes.transport import HttpTransport
from monitor.simulator import FaultKind, Simulator
from tests.factories import make_probe
from tests.fakes import START
from tests.integration.doors import open_door, shut_door, silent_door
from tests.integration.simulated import SHORT, fleet, probe_of

CLOCK = SystemClock()
HASTY = Deadlines(connect_seconds=0.2, first_token_seconds=0.3, stall_seconds=0.3, total_seconds=1)
Door = Callable[[], AbstractContextManager[int]]


@pytest.fixture
async def transport() -> AsyncIterator[HttpTransport]:
    opened = HttpTransport(CLOCK)
    yield opened
    opened.keep_only([])


async def test_an_open_port_is_opened_and_left_again(transport: HttpTransport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        await transport.knock(f"tcp://127.0.0.1:{server.getsockname()[1]}")

        accepted, _ = server.accept()
        with accepted:
            accepted.settimeout(5)
            assert accepted.recv(1) == b""


async def test_one_who_hangs_up_at_once_has_let_us_in(transport: HttpTransport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            server.accept()[0].close()

        hanging = threading.Thread(target=hang_up, daemon=True)
        hanging.start()
        await transport.knock(f"http://127.0.0.1:{server.getsockname()[1]}")
        hanging.join(5)


@pytest.mark.parametrize("host", ["localhost", "[::1]"])
async def test_names_and_ipv6_literals_can_be_asked(transport: HttpTransport, host: str) -> None:
    try:
        door = open_door("::1" if host == "[::1]" else "127.0.0.1")
        with door as port:
            await transport.knock(f"http://{host}:{port}")
    except OSError as error:
        if host == "[::1]" and error.errno in (97, 99):
            pytest.skip("this machine has no IPv6")
        raise


@pytest.mark.parametrize(
    ("origin", "error"),
    [
        ("http://no-such-host.invalid:80", OSError),
        (f"http://{'x' * 64}.example:80", UnsendableError),
        ("http://[::1:80", UnsendableError),
    ],
    ids=["no such name", "no name", "no URL"],
)
async def test_what_is_nobodys_address_lets_nobody_in(
    transport: HttpTransport, origin: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await transport.knock(origin)


@pytest.mark.parametrize(
    ("door", "is_open", "words"),
    [(open_door, True, ""), (shut_door, False, "refused"), (silent_door, False, "no answer")],
    ids=["open", "refuses", "never answers"],
)
async def test_a_port_is_open_or_it_is_not(
    transport: HttpTransport, door: Door, is_open: bool, words: str
) -> None:
    with door() as port:
        knocks = Knocks(transport.knock, CLOCK, patience_seconds=0.3)
        answer = await knocks.ask(f"tcp://127.0.0.1:{port}")

    assert answer.is_open is is_open
    assert words in answer.words


class Scene:
    """A prober whose own network is known by doors of our own."""

    def __init__(self, transport: HttpTransport, *ports: int, canary: int | None = None) -> None:
        self.told: list[str | None] = []
        self.probes = [
            make_probe(f"p{n}/m", base_url=f"http://127.0.0.1:{port}/v1", deadlines=HASTY)
            for n, port in enumerate(ports)
        ]
        self.network = OwnNetwork(
            Knocks(transport.knock, CLOCK, patience_seconds=0.3),
            [probe.target for probe in self.probes],
            canary=f"127.0.0.1:{canary}" if canary else None,
            on_change=self.told.append,
        )
        self.prober = Prober(
            transport, CLOCK, vantage="here", lag=LoopLag(CLOCK), network=self.network
        )

    async def run(self, probe: Probe | None = None) -> Result:
        return await self.prober.run(probe or self.probes[0], START)


@pytest.mark.parametrize("own", [shut_door, silent_door], ids=["refused", "no connection in time"])
@pytest.mark.parametrize(
    ("others", "is_ours"),
    [
        ((open_door, open_door), False),
        ((open_door, shut_door), False),
        ((silent_door, open_door), False),
        ((shut_door, shut_door), True),
        ((shut_door, silent_door), True),
        ((silent_door, silent_door), True),
        ((shut_door,), False),
    ],
    ids=lambda value: "+".join(d.__name__ for d in value) if isinstance(value, tuple) else None,
)
async def test_the_provider_is_blamed_unless_nobody_can_be_reached(
    transport: HttpTransport, own: Door, others: tuple[Door, ...], is_ours: bool
) -> None:
    with own() as port:
        doors = [door() for door in others]
        scene = Scene(transport, port, *(door.__enter__() for door in doors))
        verdict = (await scene.run()).verdict
        for door in doors:
            door.__exit__(None, None, None)

    blamed = Outcome.UNREACHABLE if own is shut_door else Outcome.TIMEOUT
    assert verdict.outcome is (Outcome.INCONCLUSIVE if is_ours else blamed), verdict
    assert verdict.phase is Phase.CONNECT
    assert (verdict.rule == "prober-network") is is_ours
    assert len(scene.told) == is_ours


@pytest.mark.parametrize(
    ("canary", "outcome"),
    [
        (open_door, Outcome.UNREACHABLE),
        (shut_door, Outcome.INCONCLUSIVE),
        (silent_door, Outcome.INCONCLUSIVE),
    ],
    ids=["open", "refuses", "never answers"],
)
async def test_a_canary_speaks_for_a_single_provider(
    transport: HttpTransport, canary: Door, outcome: Outcome
) -> None:
    with shut_door() as own, canary() as port:
        scene = Scene(transport, own, canary=port)

        assert (await scene.run()).verdict.outcome is outcome


async def test_a_hundred_runs_that_fail_at_once_open_a_handful_of_connections(
    transport: HttpTransport,
) -> None:
    with shut_door() as own, open_door() as first, open_door() as second:
        scene = Scene(transport, own, first, second)
        knocked: list[str] = []
        open_one = transport.knock

        async def counted(origin: str) -> None:
            knocked.append(origin)
            await open_one(origin)

        network = OwnNetwork(Knocks(counted, CLOCK), [each.target for each in scene.probes])
        prober = Prober(transport, CLOCK, vantage="here", lag=LoopLag(CLOCK), network=network)
        probes = [
            replace(scene.probes[0], target=replace(scene.probes[0].target, key=f"p0/m{n}"))
            for n in range(100)
        ]
        results = await asyncio.gather(*(prober.run(each, START) for each in probes))

    assert {each.verdict.outcome for each in results} == {Outcome.UNREACHABLE}
    assert len(knocked) <= 6  # two hosts, asked again each second


async def test_a_run_that_was_under_way_when_the_network_went_is_nobodys_fault(
    transport: HttpTransport,
) -> None:
    async with Simulator(fleet()) as simulator:
        simulator.inject("sim", None, FaultKind.SILENT)
        port = int(simulator.base_url("sim").rsplit(":", 1)[1].split("/")[0])
        with shut_door() as first, shut_door() as second:
            scene = Scene(transport, port, first, second)
            verdict = (await scene.run(probe_of(simulator, deadlines=SHORT))).verdict

    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.phase is Phase.FIRST_TOKEN
    assert verdict.message
    assert "deadline-first-token" in verdict.message


async def test_a_host_that_answers_is_known_by_the_address_that_answered(
    transport: HttpTransport,
) -> None:
    seen: list[Exchange] = []
    async with Simulator(fleet()) as simulator:
        scene = Scene(transport)
        for keeps in (False, True, True):
            probe = replace(probe_of(simulator), keeps_connection=keeps)
            await scene.prober.run(probe, START, on_exchange=lambda it, _: seen.append(it))

    assert [each.peer for each in seen] == ["127.0.0.1"] * 3
