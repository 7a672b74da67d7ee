"""What other settings would have made of the same runs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.health.figures import Figures, Terms, total
from monitor.health.replay import ended_at, replay
from monitor.model.outcome import Outcome, Phase
from monitor.model.policy import DEFAULT_POLICY, HealthPolicy
from monitor.model.result import Result
from monitor.model.target import Deadlines, Kind
from tests.factories import make_result
from tests.fakes import START
from tests.stories import LETTERS

PLAIN = replace(DEFAULT_POLICY, confirm_seconds=())
ONE_STRIKE = replace(PLAIN, failures=1)


def runs(letters: str) -> list[Result]:
    """A scheduled run a minute, and behind each in brackets its confirm runs, 15 s apart."""
    results: list[Result] = []
    minute, confirm, is_confirm = -1, 0, False
    for letter in letters.replace(" ", ""):
        if letter in "()":
            is_confirm = letter == "("
            continue
        minute, confirm = (minute, confirm + 1) if is_confirm else (minute + 1, 0)
        if letter != ".":
            at = START + timedelta(minutes=minute, seconds=15 * confirm)
            outcome = LETTERS[letter]
            results.append(make_result(outcome, minute=minute, confirm=confirm, started_at=at))
    return results


def told(letters: str, policy: HealthPolicy = PLAIN, **terms: Any) -> Figures:
    (figures,) = replay(runs(letters), [policy], Terms(**terms))
    return figures


def test_an_outage_is_counted_once_with_its_times() -> None:
    figures = told("ss fff ff ss ssss")

    assert figures == Figures(
        results=13,
        transitions=5,  # up, degraded, down, recovering, up
        downs=1,
        down_seconds=4 * 60,
        degraded_seconds=2 * 60,
        detection_seconds={120.0: 1},
    )


def test_each_policy_sees_the_same_runs() -> None:
    strict, lax = replay(runs("s f ssss fff sss"), [ONE_STRIKE, PLAIN], Terms())

    assert (strict.downs, lax.downs) == (2, 1)
    assert (strict.detection_median_seconds, lax.detection_median_seconds) == (0, 120)
    assert strict.results == lax.results == 12


@pytest.mark.parametrize(
    ("letters", "below", "false"),
    [
        pytest.param("s f sss", 120, 1, id="an outage of a minute"),
        pytest.param("s ff sss", 120, 0, id="of two"),
        pytest.param("s ff sss", 121, 1, id="is shorter than a longer bound"),
        pytest.param("s fsf sss", 120, 0, id="it lasts until the last failure"),
        pytest.param("s f", 120, 0, id="one that goes on is none yet"),
        pytest.param("s f bb", 120, 0, id="nor one that our own fault hides"),
    ],
)
def test_a_down_is_false_if_its_outage_was_short(letters: str, below: float, false: int) -> None:
    assert told(letters, ONE_STRIKE, false_below_seconds=below).false_downs == false


def test_a_relapse_is_a_down_that_nothing_had_to_detect() -> None:
    figures = told("s fff ss f ...... ss ssss")

    assert (figures.downs, figures.relapses) == (2, 1)
    assert figures.detection_seconds == {120.0: 1}


def test_flapping_is_no_detection_either() -> None:
    figures = told("s fsffsff", replace(PLAIN, flapping_runs=4))

    assert figures.downs == 1
    assert figures.detection_seconds == {}


def test_a_state_is_believed_for_three_intervals_after_a_run() -> None:
    assert told("s fff .................... f", patience_seconds=180).down_seconds == 180
    assert told("s fff .................... f", patience_seconds=30).down_seconds == 30


def test_a_clock_that_was_set_back_makes_no_negative_time() -> None:
    results = runs("fff")
    back = make_result(Outcome.SERVER_ERROR, minute=-60)

    (figures,) = replay([*results, back], [PLAIN], Terms())

    assert figures.down_seconds == 0


def test_confirm_runs_count_where_they_would_have_been_asked_for() -> None:
    confirming, plain = replay(runs("s f(ff) fss"), [DEFAULT_POLICY, PLAIN], Terms())

    assert (confirming.results, confirming.unasked) == (7, 0)
    assert confirming.detection_seconds == {30.0: 1}
    assert (plain.results, plain.unasked) == (5, 2)
    assert plain.downs == 0


def test_confirm_runs_that_were_not_made_are_counted() -> None:
    figures = told("s f f f ssss", DEFAULT_POLICY)

    assert figures.unmade == 3  # of two failures, and of the first success after `down`


def test_a_confirm_run_that_the_next_slot_overtook_is_not_missed() -> None:
    late = replace(DEFAULT_POLICY, confirm_seconds=(55.0,))
    early = replace(DEFAULT_POLICY, confirm_seconds=(45.0,))
    results = [
        make_result(Outcome.SERVER_ERROR, minute=0, duration_seconds=20.0),
        make_result(Outcome.OK, minute=1),
    ]

    figures = replay(results, [late, early, DEFAULT_POLICY], Terms())

    assert [each.unmade for each in figures] == [0, 0, 1]


def test_a_second_confirm_run_without_the_first_is_left_out() -> None:
    figures = told("s f(.f) s", DEFAULT_POLICY)

    assert (figures.unasked, figures.unmade) == (1, 1)


def test_other_kinds_and_slots_that_were_not_run_tell_nothing() -> None:
    listing = make_result(Outcome.SERVER_ERROR, kind=Kind.MODELS)
    missed = make_result(Outcome.MISSED, minute=1, started_at=None)

    assert replay([listing, missed], [PLAIN], Terms()) == (Figures(),)


def slow_story(count: int) -> list[Result]:
    """So many quick runs, then slow ones for half an hour."""
    quick = [make_result(minute=n, ttft_seconds=0.4) for n in range(count)]
    return quick + [make_result(minute=count + n, ttft_seconds=2.0) for n in range(30)]


@pytest.mark.parametrize(("quick", "transitions"), [(100, 2), (50, 1)], ids=["known", "unknown"])
def test_slow_is_what_is_slower_than_the_100_runs_before(quick: int, transitions: int) -> None:
    (figures,) = replay(slow_story(quick), [PLAIN], Terms())

    assert figures.transitions == transitions


@pytest.mark.parametrize(("days", "transitions"), [(6, 2), (8, 1)])
def test_what_is_usual_is_forgotten_after_a_week(days: int, transitions: int) -> None:
    slow = [make_result(minute=days * 1440 + n, ttft_seconds=2.0) for n in range(30)]

    (figures,) = replay([*slow_story(100)[:100], *slow], [PLAIN], Terms())

    assert figures.transitions == transitions


@pytest.mark.parametrize(
    ("outcome", "given", "seconds"),
    [
        pytest.param(Outcome.OK, {"duration_seconds": 2.0}, 2.3, id="its last token"),
        pytest.param(Outcome.SERVER_ERROR, {"headers_seconds": 0.5}, 0.8, id="its headers"),
        pytest.param(Outcome.TIMEOUT, {"phase": Phase.CONNECT}, 5, id="connect"),
        pytest.param(Outcome.TIMEOUT, {"phase": Phase.FIRST_TOKEN}, 20.3, id="first token"),
        pytest.param(
            Outcome.TIMEOUT, {"phase": Phase.STALL, "duration_seconds": 2.0}, 12.3, id="stall"
        ),
        pytest.param(Outcome.TIMEOUT, {"phase": Phase.TOTAL}, 50, id="total"),
        pytest.param(
            Outcome.TIMEOUT,
            {"phase": Phase.RESPONSE, "headers_seconds": 1.0},
            1.3,
            id="the provider's own",
        ),
    ],
)
def test_a_run_ended_when_what_is_stored_says(
    outcome: Outcome, given: dict[str, Any], seconds: float
) -> None:
    phase = given.pop("phase", None)
    result = make_result(outcome, dns_seconds=0.1, connect_seconds=0.2, **given)
    result = replace(result, verdict=replace(result.verdict, phase=phase))

    ended = ended_at(result, Deadlines())

    assert (ended - START).total_seconds() == pytest.approx(seconds)


def test_figures_add_up() -> None:
    parts: Sequence[Figures] = [told("s fff ssss"), told("s f", ONE_STRIKE), told("ss")]

    whole = total(parts)

    assert (whole.results, whole.downs, whole.transitions) == (12, 2, 7)
    assert whole.detection_seconds == {120.0: 1, 0.0: 1}
    assert whole.down_seconds == sum(each.down_seconds for each in parts)
    assert total([]) == Figures()


@pytest.mark.parametrize(
    ("detections", "median", "worst"),
    [
        ({}, None, None),
        ({31.0: 1}, 31.0, 31.0),
        ({31.0: 2, 90.0: 1}, 31.0, 90.0),
        ({31.0: 1, 40.0: 1, 90.0: 2}, 40.0, 90.0),
    ],
)
def test_delays_have_a_lower_median(
    detections: dict[float, int], median: float | None, worst: float | None
) -> None:
    figures = Figures(detection_seconds=detections)

    assert (figures.detection_median_seconds, figures.detection_worst_seconds) == (median, worst)
