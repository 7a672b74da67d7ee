"""Who waits in an event loop keeps no thread; heavy answers are few."""

import asyncio
import threading

import pytest

from monitor.store.engine import Engine
from monitor.store.reader import Answers, NoAnswerError
from tests.fakes import FakeClock
from tests.unit.store.questions import Store, is_idle, patient
from tests.waiting import until, wait_until


async def test_who_waits_in_an_event_loop_keeps_no_thread(
    reader: Engine, clock: FakeClock, store: Store
) -> None:
    answers = Answers(reader, clock, patient())
    store.open.clear()
    before = threading.active_count()

    asked = [asyncio.create_task(answers.ask_async("x", store)) for _ in range(100)]
    await until(lambda: store.asked)

    assert threading.active_count() == before + 1  # the reader's own
    store.open.set()
    assert {each.value for each in await asyncio.gather(*asked)} == {1}
    assert answers.asked == 1


async def test_nobody_waits_for_long_in_an_event_loop_either(
    reader: Engine, clock: FakeClock, store: Store
) -> None:
    answers = Answers(reader, clock, patient(wait_seconds=0.01))
    store.open.clear()

    with pytest.raises(NoAnswerError, match="has not answered yet"):
        await answers.ask_async("x", store)

    assert not answers._new["x"].waiters
    store.open.set()
    await until(is_idle(answers))
    assert (await answers.ask_async("x", store)).value == 1


async def test_a_failure_is_told_in_an_event_loop(
    reader: Engine, clock: FakeClock, store: Store
) -> None:
    answers = Answers(reader, clock, patient())
    store.fails = True

    with pytest.raises(NoAnswerError, match="the store is gone"):
        await answers.ask_async("x", store)


def test_who_waits_no_more_disturbs_nobody(reader: Engine, clock: FakeClock, store: Store) -> None:
    """An event loop that was closed while it waited, as at a stop."""
    answers = Answers(reader, clock, patient())
    store.open.clear()

    async def give_up() -> None:
        asked = asyncio.create_task(answers.ask_async("x", store))
        await until(lambda: store.asked)
        asked.cancel()

    asyncio.run(give_up())
    store.open.set()
    wait_until(is_idle(answers))

    assert answers.ask("x", store).value == 1


def test_heavy_answers_are_forgotten_before_there_are_many(
    reader: Engine, clock: FakeClock
) -> None:
    answers, stores = (
        Answers(reader, clock, patient(remembered_bytes=250)),
        [Store() for _ in range(3)],
    )
    for key in (0, 1, 2, 1, 2, 0):
        answers.ask(key, stores[key], weigh=lambda _: 100)

    assert [each.asked for each in stores] == [2, 1, 1]


def test_an_answer_that_is_fetched_anew_weighs_once(
    reader: Engine, clock: FakeClock, store: Store
) -> None:
    answers = Answers(reader, clock, patient(remembered_bytes=250, fresh_seconds=1.0))
    other = Store()
    answers.ask("other", other, 1000.0)
    for _ in range(5):
        answers.ask("x", store, weigh=lambda _: 100)
        wait_until(is_idle(answers))
        clock.advance(2.0)

    answers.ask("other", other, 1000.0)

    assert (store.asked, other.asked) == (5, 1)


def test_an_answer_too_heavy_to_be_kept_is_given_all_the_same(
    reader: Engine, clock: FakeClock, store: Store
) -> None:
    answers = Answers(reader, clock, patient(remembered_bytes=50))

    assert answers.ask("x", store, weigh=lambda _: 100).value == 1
    assert answers.ask("y", store, weigh=lambda _: 100).value == 2
    assert list(answers._known) == ["y"]


def test_an_answer_that_cannot_be_weighed_is_a_failure(
    reader: Engine, clock: FakeClock, store: Store
) -> None:
    answers = Answers(reader, clock, patient(workers=1))

    with pytest.raises(NoAnswerError):
        answers.ask("x", store, weigh=lambda value: 1 // (value - 1))

    assert answers.ask("y", store).value == 2
