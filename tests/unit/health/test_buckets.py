"""Spans of whole hours, and the days and hours that cover them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.health.buckets import DAY, HOUR, Resolution, cover, steps, window_begin

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOURS = st.integers(-1000, 1000).map(lambda n: NOON + n * HOUR)


@given(HOURS, HOURS)
def test_a_cover_has_each_hour_once(one: datetime, other: datetime) -> None:
    begin_at, end_at = min(one, other), max(one, other)
    stretches = cover(begin_at, end_at)

    edges = [begin_at, *(each.end_at for each in stretches)]
    assert [each.begin_at for each in stretches] == edges[:-1]
    assert edges[-1] == end_at
    assert sum(1 for each in stretches if each.resolution is Resolution.HOUR) <= 2


@given(HOURS, HOURS)
def test_days_are_used_wherever_all_of_one_is_wanted(one: datetime, other: datetime) -> None:
    for each in cover(min(one, other), max(one, other)):
        if each.resolution is Resolution.DAY:
            assert each.begin_at.hour == each.end_at.hour == 0
        else:
            assert each.end_at - each.begin_at < 2 * DAY - HOUR


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(7 * 86400, "2026-02-22T12:00:00+00:00"), (86400.5, "2026-02-28T12:00:00+00:00")],
)
def test_a_window_begins_on_a_whole_hour_and_is_never_shorter(
    seconds: float, expected: str
) -> None:
    begin_at = window_begin(NOON + timedelta(minutes=59), seconds)

    assert begin_at.isoformat() == expected


def test_hours_are_those_of_utc_wherever_the_instant_comes_from() -> None:
    tehran = timezone(timedelta(hours=3, minutes=30))

    begin_at = Resolution.HOUR.begin_of(NOON.astimezone(tehran))

    assert begin_at == NOON
    assert begin_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("resolution", "count"), [(Resolution.HOUR, 26), (Resolution.DAY, 3)], ids=str
)
def test_steps_are_all_that_a_span_touches(resolution: Resolution, count: int) -> None:
    begin_at, end_at = NOON - timedelta(hours=12, minutes=1), NOON + timedelta(hours=12, minutes=1)

    assert len(steps(resolution, begin_at, end_at)) == count
    assert steps(resolution, end_at, begin_at - DAY) == []
