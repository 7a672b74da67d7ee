"""Who finds the last answer too old waits for a newer one: for a moment, and once in vain."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from monitor.store.engine import Engine
from monitor.store.reader import Answer, Answers
from tests.fakes import FakeClock
from tests.unit.store.questions import LONG, Store, is_idle, patient
from tests.waiting import until

OLD_SECONDS = 30.0


class Asked:
    """A question whose answer may be so old; there is one already."""

    def __init__(self, reader: Engine, clock: FakeClock, store: Store, newer: float) -> None:
        self.store, self.clock = store, clock
        self.answers = Answers(reader, clock, patient(retry_seconds=5.0, newer_seconds=newer))

    async def ask(self, wait_seconds: float | None = None) -> Answer[int]:
        return await self.answers.ask_async(
            "x", self.store, 15.0, old_seconds=OLD_SECONDS, wait_seconds=wait_seconds
        )

    async def age(self, seconds: float) -> None:
        await until(is_idle(self.answers))
        self.clock.advance(seconds)

    async def settle(self) -> None:
        self.store.open.set()
        await until(is_idle(self.answers))


@pytest.fixture
async def asked(reader: Engine, clock: FakeClock, store: Store) -> AsyncIterator[Asked]:
    """With all the time that a busy machine may need."""
    made = Asked(reader, clock, store, newer=LONG)
    await made.ask()
    yield made
    await made.settle()


@pytest.fixture
async def hasty(reader: Engine, clock: FakeClock, store: Store) -> AsyncIterator[Asked]:
    made = Asked(reader, clock, store, newer=0.01)
    await made.ask()
    yield made
    await made.settle()


async def test_an_answer_that_is_too_old_is_not_given_if_a_newer_one_comes(asked: Asked) -> None:
    await asked.age(OLD_SECONDS)

    told = await asked.ask()

    assert (told.value, told.age_seconds, told.is_overdue) == (2, 0.0, False)


async def test_an_answer_that_is_not_too_old_is_given_at_once(asked: Asked) -> None:
    await asked.age(OLD_SECONDS - 1)
    asked.store.open.clear()

    told = await asked.ask()

    assert (told.value, told.age_seconds, told.is_overdue) == (1, OLD_SECONDS - 1, False)


async def test_a_hundred_who_find_it_too_old_cost_one_query(asked: Asked) -> None:
    await asked.age(600.0)
    asked.store.open.clear()
    waiting = [asyncio.create_task(asked.ask()) for _ in range(100)]
    await until(lambda: asked.store.asked == 2)
    asked.store.open.set()

    assert {each.value for each in await asyncio.gather(*waiting)} == {2}
    assert asked.answers.asked == 2


async def test_a_store_that_hangs_is_waited_for_once(hasty: Asked) -> None:
    await hasty.age(600.0)
    hasty.store.open.clear()
    assert (await hasty.ask()).age_seconds == 600.0
    hasty.answers._patience = patient(newer_seconds=LONG)

    again = await asyncio.wait_for(hasty.ask(), LONG / 2)
    assert (again.value, again.is_overdue) == (1, False)
    hasty.clock.advance(6.0)
    assert (await hasty.ask()).is_overdue  # it takes longer than it may

    hasty.store.open.set()
    await hasty.age(600.0)
    assert (await hasty.ask()).age_seconds == 0.0


async def test_who_asks_may_wait_shorter_than_others(asked: Asked) -> None:
    await asked.age(600.0)
    asked.store.open.clear()

    told = await asyncio.wait_for(asked.ask(wait_seconds=0.01), LONG / 2)

    assert told.age_seconds == 600.0


async def test_after_a_failure_the_last_answer_comes_at_once_until_there_is_a_newer_one(
    asked: Asked,
) -> None:
    asked.store.fails = True
    await asked.age(600.0)
    failed = await asked.ask()
    assert (failed.value, failed.is_overdue) == (1, True)

    await asked.age(600.0)
    asked.store.fails = False
    asked.store.open.clear()
    again = await asyncio.wait_for(asked.ask(), LONG / 2)  # it is being asked
    assert (again.value, again.age_seconds, again.is_overdue) == (1, 1200.0, True)

    asked.store.open.set()
    await asked.age(600.0)
    assert (await asked.ask()).age_seconds == 0.0


async def test_what_nobody_asked_for_is_old_and_not_overdue(asked: Asked) -> None:
    await asked.age(600.0)
    asked.store.open.clear()

    told = await asked.answers.ask_async("x", asked.store, 15.0)

    assert told.age_seconds == 600.0
    assert not told.is_overdue
