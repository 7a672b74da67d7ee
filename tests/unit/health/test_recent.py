"""The last runs are remembered, and older ones forgotten."""

import pytest

from monitor.health.evidence import Trace
from monitor.health.recent import Recent


def test_runs_come_back_as_they_were() -> None:
    recent, runs = Recent(), [Trace(1.0, True, 0.5), Trace(2.0, False), Trace(3.0, True)]
    for each in runs:
        recent.add(each)

    assert recent.traces() == runs


def test_an_hour_of_them_is_kept() -> None:
    recent = Recent()
    for at in (0.0, 10.0, 3600.0, 3605.0):
        recent.add(Trace(at, True))

    assert [each.at for each in recent.traces()] == [10.0, 3600.0, 3605.0]


@pytest.mark.parametrize(
    ("ahead_seconds", "kept"),
    [
        pytest.param(300.0, 3, id="a small step back of the clock loses none"),
        pytest.param(301.0, 2, id="what is of the future goes"),
        pytest.param(3000.0, 2, id="however far ahead the clock was"),
    ],
)
def test_runs_of_the_future_are_forgotten(ahead_seconds: float, kept: int) -> None:
    recent = Recent()
    for at in (1e6, 1e6 + ahead_seconds, 1e6):
        recent.add(Trace(at, True))
        recent.add_speed(at, 100.0)

    assert len(recent.traces()) == len(recent.speeds(0.0, 2e6)) == kept
    assert all(each.at <= 1e6 + 300 for each in recent.traces())


@pytest.mark.parametrize(
    ("count", "expected"),
    [pytest.param(4, None, id="four say nothing"), pytest.param(5, 102.0, id="five do")],
)
def test_a_speed_is_the_median_of_five_at_least(count: int, expected: float | None) -> None:
    recent = Recent()
    for number in range(count):
        recent.add_speed(float(number), 100.0 + number)

    assert recent.tokens_per_second(10.0) == expected


def test_a_speed_of_yesterday_says_nothing() -> None:
    recent = Recent()
    for number in range(5):
        recent.add_speed(float(number), 100.0)

    assert recent.tokens_per_second(86_399.0) == 100.0
    assert recent.tokens_per_second(86_401.0) is None


def test_old_speeds_are_forgotten() -> None:
    recent = Recent()
    for number in range(10):
        recent.add_speed(number * 43_200.0, float(number))
    for number in range(5):
        recent.add_speed(10 * 43_200.0 + number, 50.0)

    assert recent.tokens_per_second(10 * 43_200.0 + 5) == 50.0
