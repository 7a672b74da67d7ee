"""How many slots a span of time should have had, over all schedules that held in it."""

import pytest

from monitor.health.coverage import Span, by_interval, expected_slots


def every(seconds: int, begin_at: float, end_at: float | None = None) -> Span:
    """Slots on whole multiples of some seconds."""
    return Span(
        begin_at=begin_at,
        end_at=end_at,
        count=lambda begin, end: int(end // seconds) - int(begin // seconds),
    )


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        pytest.param([], 0, id="nothing was planned"),
        pytest.param([every(60, 0)], 10, id="one schedule all the time"),
        pytest.param([every(60, 1500)], 2, id="since later"),
        pytest.param([every(60, 0, 1200)], 3, id="until earlier"),
        pytest.param([every(60, 0, 1200), every(30, 1200)], 3 + 14, id="one after the other"),
        pytest.param([every(60, 2000)], 0, id="not yet"),
        pytest.param([every(60, 0, 900)], 0, id="no longer"),
    ],
)
def test_slots_are_counted_while_a_schedule_held(spans: list[Span], expected: int) -> None:
    assert expected_slots(spans, 1020, 1620) == expected


def test_a_span_that_ends_before_it_begins_has_no_slots() -> None:
    assert expected_slots([every(60, 0)], 1620, 1020) == 0


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [pytest.param(60.0, 10, id="whole"), pytest.param(70.0, 9, id="the nearest")],
)
def test_slots_that_are_no_longer_known_are_counted_by_length(
    seconds: float, expected: int
) -> None:
    span = Span(begin_at=0, end_at=None, count=by_interval(seconds))

    assert expected_slots([span], 1020, 1620) == expected
