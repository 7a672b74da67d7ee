"""A provider is blamed only while others can be reached; and who is asked, when, and how often."""

import asyncio

import pytest

from monitor.model.outcome import Fault, Outcome, Phase, Verdict
from monitor.probes.classify import classify
from monitor.probes.exchange import Cut, Exchange, Interruption, Read
from tests.fakes import FakeClock
from tests.unit.probes.world import CANARY, NAMES, World, origin, target


@pytest.fixture
def world(clock: FakeClock) -> World:
    return World(clock)


async def test_while_others_can_be_reached_it_is_the_provider(world: World) -> None:
    verdict = await world.judge(world.network(*NAMES), "a", world.refused())

    assert (verdict.outcome, verdict.fault) == (Outcome.UNREACHABLE, Fault.PROVIDER)
    assert len(world.knocked) == 2
    assert world.told == []


async def test_where_neither_can_be_it_is_our_own_network(world: World) -> None:
    world.shut = {origin("b"), origin("c")}
    network = world.network("a", "b", "c")

    verdict = await world.judge(network, "a", world.refused())

    assert (verdict.outcome, verdict.fault) == (Outcome.INCONCLUSIVE, Fault.PROBER)
    assert verdict.rule == "prober-network"
    assert verdict.message
    assert "api.b.exampleb (shut)" in verdict.message
    assert "api.c.examplec (shut)" in verdict.message
    assert not network.is_up


async def test_one_that_can_be_reached_is_enough_to_blame_the_provider(world: World) -> None:
    world.shut = {origin("b")}
    network = world.network("a", "b", "c")

    assert (await world.judge(network, "a", world.refused())).outcome is Outcome.UNREACHABLE
    assert network.is_up


async def test_where_nobody_can_tell_nobody_is_asked_and_it_is_the_provider(world: World) -> None:
    world.shut = {origin("b")}

    verdict = await world.judge(world.network("a", "b"), "a", world.refused())

    assert verdict.outcome is Outcome.UNREACHABLE
    assert world.knocked == []


@pytest.mark.parametrize(
    ("shut", "outcome"),
    [(set(), Outcome.UNREACHABLE), ({f"tcp://{CANARY}"}, Outcome.INCONCLUSIVE)],
    ids=["sings", "is silent"],
)
async def test_a_canary_tells_where_there_is_nobody_else(
    world: World, shut: set[str], outcome: Outcome
) -> None:
    world.shut = shut

    verdict = await world.judge(world.network("a", canary=CANARY), "a", world.refused())

    assert verdict.outcome is outcome
    assert world.knocked == [f"tcp://{CANARY}"]


async def test_the_canary_and_both_hosts_are_asked(world: World) -> None:
    world.shut = {origin("b"), origin("c")}
    network = world.network("a", "b", "c", canary=CANARY)

    verdict = await world.judge(network, "a", world.refused())

    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert sorted(world.knocked) == sorted([f"tcp://{CANARY}", origin("b"), origin("c")])


async def test_a_canary_out_there_says_nothing_of_this_machine(world: World) -> None:
    world.shut = {f"tcp://{CANARY}"}
    near = target("a", "http://127.0.0.1:8000/v1")
    network = world.network_of(near, canary=CANARY)

    exchange = world.refused()
    verdict = await network.reviewed(near, exchange, classify(exchange, None))

    assert verdict.outcome is Outcome.UNREACHABLE
    assert world.knocked == []


async def test_those_that_were_heard_last_are_asked_first(world: World) -> None:
    network = world.network(*NAMES)
    await world.succeed(network, "d", "b")

    await world.judge(network, "a", world.refused())

    assert world.knocked == [origin("b"), origin("d")]


async def test_those_that_were_down_before_are_not_asked(world: World) -> None:
    world.down, world.shut = {"b/m", "c/m"}, {origin("b"), origin("c")}

    verdict = await world.judge(world.network("a", "b", "c"), "a", world.refused())

    assert verdict.outcome is Outcome.UNREACHABLE
    assert world.knocked == []


async def test_hundreds_that_fail_at_once_ask_each_host_once(world: World) -> None:
    world.shut = {origin(name) for name in NAMES}
    network = world.network(*NAMES)

    verdicts = await asyncio.gather(
        *(world.judge(network, NAMES[n % 4], world.refused()) for n in range(500))
    )

    assert {each.outcome for each in verdicts} == {Outcome.INCONCLUSIVE}
    assert len(world.knocked) == len(set(world.knocked)) <= 4
    assert len(world.told) == 1


async def test_what_a_server_said_is_asked_nobody(world: World) -> None:
    exchange = Exchange(status=503, reads=(Read(1, b"{}"),))

    await world.judge(world.network(*NAMES), "a", exchange)

    assert world.knocked == []


async def test_a_run_that_failed_before_it_was_found_to_be_over_is_spoiled_too(
    world: World,
) -> None:
    """Even if the network comes back while it is being asked after."""
    network = world.network("a", "b", "c")
    world.shut = {origin(name) for name in NAMES}
    await world.judge(network, "a", world.refused())
    world.clock.advance(10.0)
    failed = world.refused()
    world.clock.advance(1.0)
    world.shut.clear()

    assert (await world.judge(network, "b", failed)).outcome is Outcome.INCONCLUSIVE
    assert network.is_up
    world.clock.advance(1.0)
    assert (await world.judge(network, "b", world.refused())).outcome is Outcome.UNREACHABLE


async def test_a_trouble_ends_where_nobody_is_left_to_tell(world: World) -> None:
    network = world.network("a", "b", "c")
    world.shut = {origin(name) for name in NAMES}
    await world.judge(network, "a", world.refused())
    network.replace([target("a")])
    world.clock.advance(10.0)

    assert (await world.judge(network, "a", world.refused())).outcome is Outcome.INCONCLUSIVE
    world.clock.advance(1.0)
    assert (await world.judge(network, "a", world.refused())).outcome is Outcome.UNREACHABLE
    assert [each is None for each in world.told] == [False, True]


async def test_a_run_that_waited_while_the_network_was_gone_is_spoiled_although_it_is_back(
    world: World,
) -> None:
    network = world.network(*NAMES)
    world.shut = {origin(name) for name in NAMES}
    await world.judge(network, "b", world.refused())
    world.shut.clear()
    world.clock.advance(15.0)
    await world.succeed(network, "b", "c", "d")

    waited = await world.judge(network, "a", world.stalled(20.0))
    world.clock.advance(10.0)
    began_later = await world.judge(network, "a", world.stalled(10.0))

    assert waited.outcome is Outcome.INCONCLUSIVE
    assert began_later.outcome is Outcome.TIMEOUT
    assert network.is_up


@pytest.mark.parametrize("heals_by", ["a run of one that was missing", "a look that finds others"])
async def test_the_way_down_and_up_is_told_once_each(world: World, heals_by: str) -> None:
    network = world.network(*NAMES)
    world.shut = {origin(name) for name in NAMES}
    for name in ("a", "b", "a"):
        await world.judge(network, name, world.refused())
        world.clock.advance(10.0)
    assert [each is None for each in world.told] == [False]

    world.shut = {origin("a")}
    if heals_by.startswith("a run"):
        await world.succeed(network, "b", "c")
    else:
        await world.judge(network, "a", world.refused())

    assert [each is None for each in world.told] == [False, True]
    assert network.is_up


async def test_one_that_was_never_missing_does_not_say_that_it_is_over(world: World) -> None:
    """A server of the own network answers on while the way out is cut."""
    near = target("mine", "http://10.0.0.7:8000/v1")
    network = world.network_of(*map(target, NAMES), near)
    world.shut = {origin(name) for name in NAMES}
    await world.judge(network, "a", world.refused())
    world.clock.advance(10.0)

    verdict = Verdict(outcome=Outcome.OK, fault=Fault.NONE, rule="completion-ok")
    await network.reviewed(near, world.good(), verdict)

    assert not network.is_up


async def test_it_is_told_to_be_over_when_all_of_it_is(world: World) -> None:
    near = [target(name, f"http://10.0.0.{n}:80/v1") for n, name in enumerate("xyz")]
    network = world.network_of(*near, *map(target, NAMES))
    exchange = world.refused()
    world.shut = {origin(name) for name in NAMES} | {f"http://10.0.0.{n}:80" for n in range(3)}
    await network.reviewed(near[0], exchange, classify(exchange, None))
    await world.judge(network, "a", world.refused())
    world.clock.advance(10.0)

    await world.succeed(network, "a")
    assert [each is None for each in world.told] == [False]
    await network.reviewed(near[0], world.good(), classify(world.good(), None))

    assert network.is_up
    assert [each is None for each in world.told] == [False, True]


async def test_bytes_that_came_before_do_not_say_that_it_is_over(world: World) -> None:
    network = world.network(*NAMES)
    begun = world.good()
    world.clock.advance(1.0)
    world.shut = {origin(name) for name in NAMES}
    await world.judge(network, "a", world.refused())

    cut = Interruption(cut=Cut.DEADLINE, phase=Phase.STALL)
    stalled = Exchange(
        status=200, reads=begun.reads, interruption=cut, instants=begun.instants, peer=None
    )
    verdict = await world.judge(network, "a", stalled)

    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert not network.is_up


async def test_a_name_that_led_near_by_tells_nothing_of_the_way_out(world: World) -> None:
    network = world.network("a", "b", "c")
    await world.succeed(network, "b", peer="10.0.0.7")
    world.shut = {origin("c")}

    assert (await world.judge(network, "a", world.refused())).outcome is Outcome.UNREACHABLE
    assert world.knocked == []


async def test_private_ways_to_all_are_like_ways_out(world: World) -> None:
    network = world.network("a", "b", "c")
    await world.succeed(network, "a", "b", "c", peer="10.0.0.7")
    world.shut = {origin("b"), origin("c")}

    assert (await world.judge(network, "a", world.refused())).outcome is Outcome.INCONCLUSIVE


async def test_new_targets_can_be_asked_and_those_that_went_are_not(world: World) -> None:
    network = world.network("a", "b", "c")
    await world.succeed(network, "b")

    network.replace([target("a"), target("b"), target("d")])
    await world.judge(network, "a", world.refused())

    assert world.knocked == [origin("b"), origin("d")]


async def test_what_was_learned_of_a_host_outlives_new_targets(world: World) -> None:
    network = world.network("a", "b", "c")
    await world.succeed(network, "b", peer="10.0.0.7")

    network.replace([target("a"), target("b"), target("c")])
    await world.judge(network, "a", world.refused())

    assert world.knocked == []


async def test_a_target_that_is_no_longer_there_is_judged_all_the_same(world: World) -> None:
    network = world.network("b", "c")
    world.shut = {origin("b"), origin("c")}

    assert (await world.judge(network, "a", world.good())).outcome is not Outcome.INCONCLUSIVE
    assert (await world.judge(network, "a", world.refused())).outcome is Outcome.INCONCLUSIVE
