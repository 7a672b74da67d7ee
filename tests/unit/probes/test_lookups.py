"""A look-up that hangs holds up no other, and nobody at the end."""

import threading

import pytest

from monitor.probes.lookups import LookupExecutor


def test_calls_that_hang_hold_up_no_other() -> None:
    executor, go = LookupExecutor(), threading.Event()
    hanging = [executor.submit(go.wait, 10) for _ in range(50)]

    assert executor.submit(lambda: 7).result(timeout=5) == 7
    executor.shutdown(wait=True)
    assert not any(each.done() for each in hanging)
    go.set()
    assert all(each.result(timeout=5) for each in hanging)


def test_what_a_call_raises_is_its_callers() -> None:
    with pytest.raises(ZeroDivisionError):
        LookupExecutor().submit(lambda: 1 / 0).result(timeout=5)


def test_a_call_that_was_given_up_is_not_told() -> None:
    executor, go = LookupExecutor(), threading.Event()
    future = executor.submit(go.wait, 10)

    assert not future.cancel() or future.cancelled()
    go.set()
