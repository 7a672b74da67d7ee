"""Time-weighted availability: down from its incident on, without what nobody knew."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.health.availability import (
    Availability,
    Interval,
    Stay,
    availability,
    runup_seconds,
    silences,
    stays,
    tellings,
    total,
    untold,
)
from monitor.model.health import State, Transition
from tests.fakes import START

BEGIN = START.timestamp()
HOUR_SECONDS = 3600.0
STATES = st.sampled_from(list(State))


def change(
    minute: float, state: State, incident: float | None = None, before: State = State.UP
) -> Transition:
    return Transition(
        target="acme/large",
        vantage="here",
        at=START + timedelta(minutes=minute),
        old_state=before,
        new_state=state,
        reason="test",
        incident_at=None if incident is None else START + timedelta(minutes=incident),
        result_id="0",
    )


def hour(*transitions: Transition, silent: tuple[tuple[float, float], ...] = ()) -> Availability:
    seconds = [(BEGIN + 60 * first, BEGIN + 60 * last) for first, last in silent]
    return availability(stays(transitions, BEGIN, BEGIN + HOUR_SECONDS), seconds)


@pytest.mark.parametrize(
    ("transitions", "available", "unavailable"),
    [
        pytest.param((), 0, 0, id="nothing is known"),
        pytest.param((change(-9, State.UP),), 60, 0, id="up since before"),
        pytest.param((change(15, State.UP),), 45, 0, id="unknown until then"),
        pytest.param((change(-9, State.UP), change(30, State.BLOCKED)), 30, 0, id="blocked"),
        pytest.param((change(-9, State.UP), change(30, State.DEGRADED)), 60, 0, id="degraded"),
        pytest.param(
            (change(-9, State.UP), change(10, State.DEGRADED), change(12, State.DOWN, 10)),
            10,
            50,
            id="down since the first failure",
        ),
        pytest.param(
            (change(-9, State.UP), change(12, State.DOWN, 10), change(22, State.RECOVERING)),
            48,
            12,
            id="an outage that ends",
        ),
        pytest.param(
            (change(-9, State.UP), change(1, State.DOWN, -2)), 0, 60, id="down since before"
        ),
        pytest.param((change(-9, State.UP), change(99, State.DOWN, 98)), 60, 0, id="down later"),
    ],
)
def test_an_hour(transitions: tuple[Transition, ...], available: float, unavailable: float) -> None:
    assert hour(*transitions) == (60 * available, 60 * unavailable)


def test_the_ratio_is_that_of_the_time_that_is_told() -> None:
    assert hour().ratio is None
    assert hour(change(-9, State.UP), change(30, State.DOWN, 15)).ratio == 0.25


def test_silence_is_left_out_whatever_the_state() -> None:
    outage = (change(-9, State.UP), change(30, State.DOWN, 30))

    assert hour(*outage, silent=((20, 40),)) == (60 * 20, 60 * 20)


@given(st.lists(st.tuples(st.floats(-90, 90), STATES), max_size=12))
def test_the_state_at_an_instant_is_that_of_the_change_before(
    given_changes: list[tuple[float, State]],
) -> None:
    changes = [change(minute, state) for minute, state in sorted(given_changes)]
    known = stays(changes, BEGIN, BEGIN + HOUR_SECONDS)

    assert math.isclose(sum(stay.end - stay.begin for stay in known), HOUR_SECONDS)
    assert [stay.begin for stay in known[1:]] == [stay.end for stay in known[:-1]]
    for stay in known:
        middle = datetime.fromtimestamp((stay.begin + stay.end) / 2, UTC)
        before = [each.new_state for each in changes if each.at <= middle]
        if stay.end - stay.begin > 1e-3:
            assert stay.state is (before[-1] if before else State.UNKNOWN)


@given(st.lists(st.tuples(st.floats(-90, 90), STATES, st.floats(0, 30)), max_size=12))
def test_stays_have_no_gap_and_no_overlap_wherever_incidents_begin(
    given_changes: list[tuple[float, State, float]],
) -> None:
    changes = [
        change(minute, state, minute - back if state is State.DOWN else None)
        for minute, state, back in sorted(given_changes)
    ]
    known = stays(changes, BEGIN, BEGIN + HOUR_SECONDS)

    assert [stay.begin for stay in known] == [BEGIN, *(stay.end for stay in known[:-1])]
    assert known[-1].end == BEGIN + HOUR_SECONDS


@given(st.lists(st.integers(-600, 4200), max_size=30), st.integers(1, 600))
def test_a_second_is_silent_if_no_run_was_shortly_before(heard: list[int], patience: int) -> None:
    found = silences(sorted(heard), 0, 3600, patience)

    for second in range(3600):
        middle = second + 0.5
        is_silent = not any(0 <= middle - each <= patience for each in heard)
        assert any(first <= middle < last for first, last in found) is is_silent


def test_a_stay_that_is_all_silent_tells_nothing() -> None:
    assert availability([Stay(0.0, 10.0, State.DOWN)], [(0.0, 10.0)]).ratio is None


INTERVALS = [Interval(100.0, 10.0), Interval(200.0, 60.0), Interval(300.0, 20.0)]


@pytest.mark.parametrize(
    ("at", "until"),
    [
        pytest.param(50, 80, id="before the first schedule"),
        pytest.param(199, 229, id="under one that ended meanwhile"),
        pytest.param(200, 380, id="from the very begin of the next"),
        pytest.param(301, 361, id="under the one that holds"),
    ],
)
def test_a_run_tells_something_for_three_of_its_intervals(at: float, until: float) -> None:
    assert tellings([at], INTERVALS) == [(at, until)]


def test_without_a_schedule_runs_tell_nothing() -> None:
    assert tellings([1.0, 2.0], []) == []
    assert runup_seconds([], 3.0) == 0.0


def test_a_run_that_tells_for_long_is_not_cut_short_by_the_next() -> None:
    assert untold([(0, 180), (10, 40)], 0, 200) == [(180, 200)]


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(1, 200)), min_size=1, max_size=5),
    st.integers(-300, 900),
    st.lists(st.integers(-900, 900), max_size=20),
)
def test_no_run_before_the_runup_tells_anything(
    given_intervals: list[tuple[int, int]], begin: int, heard: list[int]
) -> None:
    intervals = [Interval(*each) for each in sorted(given_intervals)]
    since = begin - runup_seconds(intervals, begin)

    earlier = [at for at in heard if at < since]
    assert all(until <= begin for _, until in tellings(earlier, intervals))


SECONDS = st.floats(0, 1e8)
PARTS = st.lists(st.builds(Availability, *[SECONDS.map(lambda n: round(n, 6))] * 2), max_size=9)


@given(PARTS, PARTS)
def test_parts_add_up_to_the_same_in_any_order(
    one: list[Availability], other: list[Availability]
) -> None:
    whole = total([*one, *other])

    assert total([total(one), total(other)]) == whole
    assert total(reversed([*one, *other])) == whole
