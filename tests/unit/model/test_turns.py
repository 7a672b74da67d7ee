"""Who reckons beside the probing loop does so one at a time, unless that takes too long."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from monitor.model.turns import Turns

LONG_SECONDS = 30.0


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as running:
        yield running


def in_turn(threads: ThreadPoolExecutor, turns: Turns, work: Callable[[], object]) -> Future[None]:
    """Have another thread work in turn."""

    def take() -> None:
        with turns.turn():
            work()

    return threads.submit(take)


def assert_is_taken(threads: ThreadPoolExecutor, turns: Turns) -> None:
    """Another thread's work waits; it goes on once the turn is given."""
    begun = threading.Event()
    in_turn(threads, turns, begun.set)
    assert not begun.wait(0.01)


def test_one_thread_works_at_a_time(threads: ThreadPoolExecutor) -> None:
    turns = Turns(LONG_SECONDS)
    at_work: list[int] = []
    most: list[int] = []

    def work() -> None:
        for _ in range(50):
            at_work.append(1)
            most.append(len(at_work))
            threading.Event().wait(0.0001)
            at_work.pop()

    for done in [in_turn(threads, turns, work) for _ in range(4)]:
        done.result()

    assert len(most) == 200
    assert max(most) == 1


def test_who_waited_long_enough_goes_on_without(threads: ThreadPoolExecutor) -> None:
    turns, worked = Turns(0.001), threading.Event()

    with turns.turn():
        in_turn(threads, turns, worked.set).result()

    assert worked.is_set()


def test_who_goes_on_without_takes_nobodys_turn_away(threads: ThreadPoolExecutor) -> None:
    patience_seconds = 0.05
    turns, waits = Turns(patience_seconds), list[float]()

    with turns.turn():
        for _ in range(2):
            begin = time.monotonic()
            in_turn(threads, turns, lambda: None).result()
            waits.append(time.monotonic() - begin)

    assert min(waits) >= patience_seconds


def test_a_pause_lets_another_have_its_turn(threads: ThreadPoolExecutor) -> None:
    turns, worked = Turns(LONG_SECONDS), threading.Event()

    with turns.turn():
        waiting = in_turn(threads, turns, worked.set)
        while not worked.is_set():
            turns.pause(0.001)
        assert_is_taken(threads, turns)
    waiting.result()


def test_who_works_out_of_turn_has_the_next_one_after_a_pause(threads: ThreadPoolExecutor) -> None:
    turns, is_late, may_end = Turns(1.0), threading.Event(), threading.Event()

    def work() -> None:
        is_late.set()
        may_end.wait()
        turns.pause(0.0)
        assert_is_taken(threads, turns)

    with turns.turn():
        late = in_turn(threads, turns, work)
        is_late.wait()
    may_end.set()

    late.result()


def test_a_turn_within_a_turn_is_the_same(threads: ThreadPoolExecutor) -> None:
    turns = Turns(LONG_SECONDS)

    with turns.turn():
        with turns.turn():
            assert_is_taken(threads, turns)
        assert_is_taken(threads, turns)

    with turns.turn():
        assert_is_taken(threads, turns)


def test_a_pause_without_a_turn_takes_nobodys_away(threads: ThreadPoolExecutor) -> None:
    turns = Turns(LONG_SECONDS)

    with turns.turn():
        threads.submit(turns.pause, 0.0).result()
        assert_is_taken(threads, turns)


def test_a_fault_ends_the_turn(threads: ThreadPoolExecutor) -> None:
    turns = Turns(LONG_SECONDS)

    with pytest.raises(ZeroDivisionError), turns.turn():
        _ = 1 / 0

    in_turn(threads, turns, lambda: None).result(timeout=LONG_SECONDS / 2)
