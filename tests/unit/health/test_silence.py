"""How long what was believed of a target holds though nothing is heard of it."""

from datetime import datetime, timedelta

import pytest

from monitor.health.silence import Heard
from monitor.model.health import Health, State
from monitor.model.outcome import Fault, Outcome, Verdict
from monitor.model.result import Result
from tests.factories import make_result
from tests.fakes import START

DOWN = Health(state=State.DOWN)


def after(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def left_out(minute: float) -> Result:
    verdict = Verdict(outcome=Outcome.MISSED, fault=Fault.PROBER, rule="missed-budget")
    return make_result(minute=minute, started_at=None, verdict=verdict)


@pytest.mark.parametrize(
    ("health", "is_stale"),
    [
        pytest.param(DOWN, False, id="down"),
        pytest.param(Health(state=State.BLOCKED), False, id="blocked"),
        pytest.param(Health(state=State.RECOVERING), False, id="recovering"),
        pytest.param(Health(state=State.UP, is_throttled=True), False, id="throttled"),
        pytest.param(Health(state=State.UP), True, id="up"),
        pytest.param(Health(state=State.DEGRADED), True, id="degraded"),
        pytest.param(Health(), True, id="unknown"),
    ],
)
def test_a_slot_left_out_on_purpose_speaks_for_who_should_get_little(
    health: Health, is_stale: bool
) -> None:
    heard = Heard(START).after(make_result()).after(left_out(4))

    assert heard.is_stale(health, 60.0, after(6)) is is_stale
    assert heard.is_stale(health, 60.0, after(7.1))


def test_a_run_begins_the_count_anew() -> None:
    heard = Heard(START).after(left_out(70)).after(make_result(minute=71))

    assert heard == Heard(START, after(71))
    assert not heard.is_stale(DOWN, 60.0, after(74))
    assert heard.is_stale(DOWN, 60.0, after(74.1))


def test_after_a_step_back_of_the_clock_the_newest_word_counts() -> None:
    heard = Heard(START).after(left_out(60)).after(make_result(minute=1))

    assert heard.is_stale(DOWN, 60.0, after(5))


@pytest.mark.parametrize(
    ("interval_seconds", "minutes"),
    [
        pytest.param(60.0, 60, id="an hour"),
        pytest.param(1800.0, 360, id="twelve slots, where an hour has fewer"),
    ],
)
def test_without_any_run_slots_left_out_speak_for_so_long(
    interval_seconds: float, minutes: float
) -> None:
    heard = Heard(START).after(make_result()).after(left_out(1000))
    end = minutes + 3 * interval_seconds / 60

    assert not heard.is_stale(DOWN, interval_seconds, after(end))
    assert heard.is_stale(DOWN, interval_seconds, after(end + 0.1))
