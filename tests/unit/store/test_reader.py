"""However many ask, the store is asked once; and what it said last is there at once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from monitor.model.clock import SystemClock
from monitor.store.engine import Engine
from monitor.store.reader import Answers, NoAnswerError
from tests.fakes import FakeClock
from tests.unit.store.questions import Store, is_idle, patient
from tests.waiting import wait_until

#: Adds up for minutes, in either database.
ENDLESS = """
WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 2000000000)
SELECT count(*) FROM n
"""


def test_a_hundred_page_views_at_once_cost_one_query(
    reader: Engine, clock: FakeClock, store: Store
) -> None:
    answers = Answers(reader, clock, patient())
    store.open.clear()
    with ThreadPoolExecutor(100) as views:
        asked = [views.submit(answers.ask, "median by date", store) for _ in range(100)]
        wait_until(lambda: store.asked)
        store.open.set()
        assert {each.result().value for each in asked} == {1}

    assert (store.asked, answers.asked) == (1, 1)


def test_a_young_answer_is_given_again_with_its_age(
    reader: Engine, clock: FakeClock, store: Store
) -> None:
    answers = Answers(reader, clock, patient(fresh_seconds=15.0))
    assert answers.ask("x", store).age_seconds == 0.0

    clock.advance(14.0)

    assert answers.ask("x", store).value == 1
    assert answers.ask("x", store).age_seconds == 14.0
    assert store.asked == 1


def test_how_long_an_answer_took_is_told_once_a_question(
    reader: Engine, clock: FakeClock, store: Store
) -> None:
    told: list[float] = []
    answers = Answers(reader, clock, patient(fresh_seconds=15.0), on_answer=told.append)

    def slow(connection: Connection) -> int:
        clock.advance(0.25)
        return store(connection)

    answers.ask("x", slow)
    answers.ask("x", slow)
    wait_until(lambda: told)

    assert told == [0.25]


def test_an_old_answer_is_given_at_once_while_a_new_one_is_fetched(
    reader: Engine, clock: FakeClock, store: Store
) -> None:
    answers = Answers(reader, clock, patient(fresh_seconds=15.0))
    answers.ask("x", store)
    store.open.clear()
    clock.advance(20.0)

    stale = [answers.ask("x", store) for _ in range(50)]

    assert {(each.value, each.age_seconds) for each in stale} == {(1, 20.0)}
    store.open.set()
    wait_until(is_idle(answers))
    assert answers.ask("x", store).value == 2
    assert store.asked == 2


def test_the_age_is_that_of_the_question_and_no_step_of_the_wall_clock(
    reader: Engine, clock: FakeClock, store: Store
) -> None:
    answers = Answers(reader, clock, patient(fresh_seconds=15.0))
    answers.ask("x", store)

    clock.step(-3600.0)

    assert answers.ask("x", store).age_seconds == 0.0


def test_a_failure_keeps_the_last_answer_and_is_counted(
    reader: Engine, clock: FakeClock, store: Store
) -> None:
    told: list[Exception] = []
    answers = Answers(reader, clock, patient(fresh_seconds=1.0, retry_seconds=5.0), told.append)
    answers.ask("x", store)
    store.fails = True
    clock.advance(10.0)

    answers.ask("x", store)
    wait_until(lambda: answers.failures)

    assert [str(each) for each in told] == ["the store is gone"]
    again = answers.ask("x", store)
    assert (again.value, again.age_seconds, store.asked) == (1, 10.0, 2)

    store.fails = False
    clock.advance(5.0)
    answers.ask("x", store)
    wait_until(is_idle(answers))
    assert answers.ask("x", store).value == 3


def test_what_never_was_answered_fails_and_rests(
    reader: Engine, clock: FakeClock, store: Store
) -> None:
    answers = Answers(reader, clock, patient(retry_seconds=5.0))
    store.fails = True

    for _ in range(10):
        with pytest.raises(NoAnswerError, match="the store is gone"):
            answers.ask("x", store)
    assert (store.asked, answers.failures) == (1, 1)

    store.fails = False
    clock.advance(5.0)
    assert answers.ask("x", store).value == 2


def test_nobody_waits_for_long(reader: Engine, clock: FakeClock, store: Store) -> None:
    answers = Answers(reader, clock, patient(wait_seconds=0.01))
    store.open.clear()

    with pytest.raises(NoAnswerError, match="has not answered yet"):
        answers.ask("x", store)

    store.open.set()
    wait_until(is_idle(answers))
    assert answers.ask("x", store).value == 1


def test_too_many_questions_are_refused_and_no_answer_waits_for_them(
    reader: Engine, clock: FakeClock, store: Store
) -> None:
    answers = Answers(reader, clock, patient(workers=1, queued=2, wait_seconds=0.01))
    quick = Store()
    with suppress(NoAnswerError):  # it may take longer than anybody waits
        answers.ask("known", quick)
    wait_until(is_idle(answers))
    clock.advance(60.0)
    store.open.clear()
    with pytest.raises(NoAnswerError):
        answers.ask(0, store)
    wait_until(lambda: store.asked)  # the only worker has it
    for key in (1, 2):
        with pytest.raises(NoAnswerError, match="has not answered yet"):
            answers.ask(key, store)

    with pytest.raises(NoAnswerError, match="too many questions"):
        answers.ask(3, store)

    assert answers.ask("known", quick).age_seconds == 60.0
    assert answers.refused == 2
    store.open.set()
    wait_until(is_idle(answers))
    assert store.asked == 3


def test_only_so_many_are_asked_at_once(reader: Engine, clock: FakeClock, store: Store) -> None:
    answers = Answers(reader, clock, patient(workers=2, wait_seconds=0.001))
    store.open.clear()
    for key in range(10):
        with pytest.raises(NoAnswerError):
            answers.ask(key, store)
    wait_until(lambda: store.asked == 2)
    store.open.set()
    wait_until(is_idle(answers))
    assert (store.asked, answers.failures) == (10, 0)


def test_the_answer_that_was_not_asked_for_longest_is_forgotten(
    reader: Engine, clock: FakeClock
) -> None:
    answers, stores = Answers(reader, clock, patient(remembered=2)), [Store() for _ in range(3)]
    for key in (0, 1, 0, 2, 0, 1):
        answers.ask(key, stores[key])

    assert [each.asked for each in stores] == [1, 2, 1]


def test_a_question_may_be_fresher_than_others(
    reader: Engine, clock: FakeClock, store: Store
) -> None:
    answers = Answers(reader, clock, patient(fresh_seconds=100.0))
    answers.ask("x", store)
    clock.advance(50.0)
    answers.ask("x", store, fresh_seconds=10.0)
    wait_until(is_idle(answers))
    assert answers.ask("x", store).value == 2


def test_a_query_that_takes_too_long_is_cut_off(reader: Engine, store: Store) -> None:
    answers = Answers(reader, SystemClock(), patient(statement_seconds=0.05))

    with pytest.raises(NoAnswerError) as caught:
        answers.ask("endless", lambda connection: connection.execute(text(ENDLESS)).scalar_one())

    assert isinstance(caught.value.__cause__, DBAPIError)
    assert answers.ask("x", store).value == 1  # and the connection is good for the next


def test_an_observer_that_fails_stops_nobody(
    reader: Engine, clock: FakeClock, store: Store
) -> None:
    def fail(_error: Exception) -> None:
        raise ValueError("the observer is broken")

    answers = Answers(reader, clock, patient(workers=1), fail)
    store.fails = True
    with pytest.raises(NoAnswerError):
        answers.ask("x", store)
    store.fails = False
    assert answers.ask("y", store).value == 2
