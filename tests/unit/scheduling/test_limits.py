"""The limits: in order of arrival, nobody in the way of others, and no permit is ever lost."""

import asyncio
from collections.abc import Callable

import pytest

from monitor.scheduling.limits import CONCURRENCY, STOPPED, Bounds, Lane, Limits
from tests.unit.scheduling.door import ACME, Run, arrive, assert_all_free, end, names, never, settle


async def test_where_there_is_room_nobody_waits() -> None:
    bounds = Bounds(overall=3, per_provider=2, per_host=2)

    await assert_all_free(Limits(bounds), bounds)


async def test_who_waits_is_let_in_in_order_of_arrival() -> None:
    limits = Limits(Bounds(per_host=1))
    runs = await arrive(limits, *((name, ACME) for name in "abcd"))
    assert limits.waiting == 3

    order = []
    for _ in runs:
        (inside,) = (run for run in runs if run.is_in)
        order.append(inside.name)
        await inside.leave()

    assert "".join(order) == "abcd"
    assert limits.waiting == 0


ELSEWHERE = Lane("acme", "b.example")
OTHER = Lane("other", "a.example")
FAR = Lane("far", "c.example")


@pytest.mark.parametrize(
    ("bounds", "arriving", "inside"),
    [
        pytest.param(
            Bounds(per_host=1),
            (("a", ACME), ("b", ACME), ("c", OTHER), ("d", ELSEWHERE), ("e", FAR)),
            "ade",
            id="a busy host keeps nobody from another host of the same provider",
        ),
        pytest.param(
            Bounds(per_provider=1),
            (("a", ACME), ("b", ACME), ("c", ELSEWHERE), ("d", OTHER), ("e", FAR)),
            "ade",
            id="a busy provider keeps nobody from a host that another one shares",
        ),
        pytest.param(
            Bounds(per_provider=1, providers={"acme": 2}),
            (("a", ACME), ("b", ACME), ("c", ACME), ("d", OTHER), ("e", OTHER)),
            "abd",
            id="a provider has a bound of its own",
        ),
        pytest.param(
            Bounds(overall=2),
            (("a", ACME), ("b", OTHER), ("c", FAR), ("d", ELSEWHERE)),
            "ab",
            id="all together are bounded",
        ),
    ],
)
async def test_only_what_is_full_makes_wait(
    bounds: Bounds, arriving: tuple[tuple[str, Lane], ...], inside: str
) -> None:
    limits = Limits(bounds)
    runs = await arrive(limits, *arriving)

    assert names(runs) == inside
    assert limits.waiting == len(arriving) - len(inside)
    await end(runs)


async def test_room_goes_to_whom_of_all_lanes_waits_longest() -> None:
    limits = Limits(Bounds(overall=1))
    runs = await arrive(limits, ("a", ACME), ("b", FAR), ("c", ACME), ("d", OTHER))

    await runs[0].leave()
    assert names(runs) == "b"
    await runs[1].leave()
    assert names(runs) == "c"
    await end(runs)


async def test_room_for_several_lets_in_several() -> None:
    limits = Limits(Bounds(per_provider=1, per_host=1))
    runs = await arrive(limits, ("a", ACME), ("b", OTHER), ("c", ELSEWHERE), ("d", ACME))

    await runs[0].leave()

    assert names(runs) == "bc"  # each had waited for another half of it
    await end(runs)


async def test_who_runs_out_of_patience_is_refused_and_the_others_wait_on() -> None:
    limits = Limits(Bounds(per_host=1))
    (first,) = await arrive(limits, ("a", ACME))
    hasty = Run(limits, "b", patience_seconds=0)
    patient = Run(limits, "c")
    await hasty.task

    assert hasty.refusal == CONCURRENCY
    assert limits.waiting == 1
    await first.leave()
    assert patient.is_in
    await end([patient])


async def test_patience_is_of_no_account_once_it_is_in() -> None:
    limits = Limits(Bounds(per_host=1))
    async with limits.turn(ACME, "a", never):
        hasty = Run(limits, "b", patience_seconds=0)
        await asyncio.sleep(0)  # it waits now, and its patience ends when the loop turns again
    await settle()

    assert hasty.is_in
    assert limits._inside == 1
    await end([hasty])


async def test_a_run_that_is_dismissed_does_not_begin() -> None:
    limits = Limits(Bounds(per_host=1))
    runs = await arrive(limits, *((name, ACME) for name in "abcd"))

    limits.dismiss("c", "superseded")
    limits.dismiss("c", "again")
    limits.dismiss("a", "superseded")  # it is in, which is not ours to end
    await settle()

    assert (names(runs), runs[2].refusal) == ("a", "superseded")
    await runs[0].leave()
    assert names(runs) == "b"
    await runs[1].leave()
    assert names(runs) == "d"
    await end(runs)


@pytest.mark.parametrize(
    "undo",
    [
        pytest.param(lambda run: run.limits.dismiss(run.name, "superseded"), id="dismissed"),
        pytest.param(lambda run: run.limits.close(), id="closed"),
        pytest.param(lambda run: run.task.cancel(), id="cancelled"),
    ],
)
async def test_a_run_that_was_let_in_and_has_not_begun_yet_gives_its_permit_back(
    undo: Callable[[Run], object],
) -> None:
    limits = Limits(Bounds(per_host=1))
    async with limits.turn(ACME, "a", never):
        waiting = Run(limits, "b")
        await settle()
    undo(waiting)  # before the loop turned
    await asyncio.gather(waiting.task, return_exceptions=True)

    assert waiting.task.cancelled() or waiting.refusal is not None
    assert (limits._inside, limits._providers, limits._hosts) == (0, {}, {})


async def test_a_permit_is_not_lost_on_one_who_is_just_being_cancelled() -> None:
    limits = Limits(Bounds(per_host=1))
    async with limits.turn(ACME, "a", never):
        going, staying = Run(limits, "b"), Run(limits, "c")
        await settle()
        going.task.cancel()
    await settle()

    assert staying.is_in
    await end([staying])


async def test_once_closed_who_waits_is_refused_at_once_and_who_comes_too() -> None:
    limits = Limits(Bounds(per_host=1))
    runs = await arrive(limits, ("a", ACME), ("b", ACME), ("c", ACME))

    limits.close()
    late = Run(limits, "d", FAR)
    await settle()

    assert names(runs) == "a"
    assert [run.refusal for run in (*runs[1:], late)] == [STOPPED] * 3
    await runs[0].leave()
    assert names(runs) == ""


async def test_other_bounds_let_in_who_waits_and_put_nobody_out() -> None:
    limits = Limits(Bounds(per_host=1))
    runs = await arrive(limits, *((name, ACME) for name in "abcd"))

    limits.replace(Bounds(per_host=3))
    await settle()
    assert sum(run.is_in for run in runs) == 3

    limits.replace(Bounds(per_host=1))
    await settle()
    assert sum(run.is_in for run in runs) == 3
    assert limits.waiting == 1
    for run in runs:
        await run.leave()
