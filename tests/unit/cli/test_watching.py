"""What is watched ends when somebody says so, wherever the program is just then."""

import signal
import sys

import pytest

from monitor.cli.watching import _until_interrupted

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@pytest.mark.parametrize("number", SIGNALS, ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_ends_it_at_once(number: signal.Signals) -> None:
    before = [signal.getsignal(each) for each in SIGNALS]
    went_on = False

    with _until_interrupted():
        signal.raise_signal(number)
        went_on = True

    assert not went_on
    assert [signal.getsignal(each) for each in SIGNALS] == before


def test_one_that_is_passed_over_ends_it_by_and_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python tells what a destructor raises to nobody."""
    passed_over: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda told: passed_over.append(told.exc_type))

    class Gone:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    with _until_interrupted() as goes_on:
        gone = Gone()
        assert goes_on()
        del gone
        was_told = not goes_on()

    assert passed_over == [KeyboardInterrupt]
    assert was_told
