"""Steps of the wall clock are told from time that passes."""

import pytest

from monitor.scheduling.steps import StepDetector
from tests.fakes import FakeClock


@pytest.mark.parametrize("step", [-3600.0, -1.5, 1.5, 3600.0], ids=lambda s: f"{s:+g} s")
def test_a_step_is_noticed_once(clock: FakeClock, step: float) -> None:
    detector = StepDetector()
    detector.stepped(clock.now(), clock.monotonic_ns())
    clock.advance(1)
    clock.step(step)

    assert detector.stepped(clock.now(), clock.monotonic_ns())
    clock.advance(1)
    assert not detector.stepped(clock.now(), clock.monotonic_ns())


def test_a_stall_and_slow_correction_are_no_steps(clock: FakeClock) -> None:
    detector = StepDetector()
    detector.stepped(clock.now(), clock.monotonic_ns())
    clock.advance(100)
    assert not detector.stepped(clock.now(), clock.monotonic_ns())

    for _ in range(100):
        clock.advance(1)
        clock.step(0.5)
        assert not detector.stepped(clock.now(), clock.monotonic_ns())
