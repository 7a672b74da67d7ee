"""The picture decides which outages go on; the store tells how they began and what is over."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.export.pages.asking import RUNS, Told
from monitor.export.pages.incidents import outages
from monitor.export.pages.present import by_now, current, with_newest
from monitor.export.public import published_picture
from monitor.model.health import Health, State
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.snapshot import TargetView
from monitor.store.failures import Failures
from tests.factories import make_result
from tests.fakes import START
from tests.unit.export.pages.test_incidents import incident
from tests.unit.export.pictures import LATER, make_snapshot, make_view

KEY = "acme/large"
DOWN_AT = START + timedelta(minutes=21)
#: As the store tells it: it began at minute 20, and was believed a minute later.
STORED = incident(KEY, 20, is_open=True, end_at=None)
ENDED = incident(KEY, 20)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def view(state: State, newest: Result | None = None, **given: Any) -> TargetView:
    """A target whose state is told at minute 21, unless another is given."""
    told: dict[str, Any] = {"since_at": DOWN_AT, "reason": "overloaded"}
    health = Health(state=state, **(told | given))
    return replace(make_view(KEY), health=health, last_result=newest)


def told(stored: Sequence[Told], *views: TargetView, now: datetime = LATER) -> Sequence[Told]:
    return current(stored, views, "here", now)


DOWN = view(State.DOWN, make_result(Outcome.OVERLOADED, minute=25), failing_since_at=at(20))


def test_who_is_down_has_an_incident_that_lasts_before_the_store_tells_of_it() -> None:
    (found,) = told([], DOWN)

    assert (found.incident.is_open, found.incident.reason) == (True, "overloaded")
    assert (found.incident.begin_at, found.incident.known_at) == (at(20), DOWN_AT)
    assert found.failures == Failures(last=DOWN.last_result)
    (shown,) = outages([found], LATER)
    assert [each.words for each in shown.evidence] == ["has no capacity"]


def test_what_the_store_tells_already_is_told_once() -> None:
    (found,) = told([STORED], DOWN)

    assert found.incident == STORED.incident


@pytest.mark.parametrize(
    ("now_is", "end_at"),
    [
        (view(State.RECOVERING, since_at=at(26), working_since_at=at(25)), at(25)),
        (view(State.BLOCKED, since_at=at(26), blocked_from=State.DOWN), at(26)),
        (view(State.UP, since_at=at(28), working_since_at=at(25)), None),
        (view(State.UNKNOWN, since_at=None), None),
    ],
    ids=["recovers", "is blocked", "is up, who knows since when", "was forgotten"],
)
def test_an_incident_of_who_left_down_is_over_though_the_store_calls_it_open(
    now_is: TargetView, end_at: datetime | None
) -> None:
    (found,) = told([STORED], now_is)

    assert (found.incident.is_open, found.incident.end_at) == (False, end_at)


def test_what_the_picture_does_not_know_yet_is_not_told_yet() -> None:
    before = view(State.DEGRADED, since_at=at(20))

    assert told([STORED], before, now=DOWN_AT + timedelta(seconds=1)) == []
    (late,) = told([STORED], before)
    assert not late.incident.is_open


def test_who_is_down_again_has_an_ended_incident_and_one_that_lasts() -> None:
    again = view(State.DOWN, since_at=at(28), failing_since_at=at(27))

    for stored in (STORED, ENDED):
        first, second = told([stored], again)
        assert not first.incident.is_open
        assert (second.incident.is_open, second.incident.begin_at) == (True, at(27))


def test_what_the_store_calls_over_lasts_while_the_picture_says_so() -> None:
    (found,) = told([ENDED], DOWN)

    assert (found.incident.id, found.incident.is_open) == (ENDED.incident.id, True)
    assert found.incident.end_at is None


def test_past_incidents_stay_as_they_are() -> None:
    up = view(State.UP, since_at=at(40))

    assert told([ENDED], up) == [ENDED]
    assert told([ENDED], replace(up, health=Health())) == [ENDED]


def test_who_is_probed_no_more_has_no_open_incident() -> None:
    (found,) = told([STORED])

    assert (found.incident.is_open, found.incident.end_at) == (False, None)


def test_who_is_not_heard_of_is_not_called_down_but_what_lasted_is_not_called_over() -> None:
    silent = replace(DOWN, is_stale=True)

    assert told([], silent) == []
    assert [each.incident.is_open for each in told([STORED], silent)] == [True]


def test_each_target_that_is_down_has_an_id_of_its_own() -> None:
    views = [replace(DOWN, target=make_view(f"a/{number}").target) for number in range(20)]

    found = told([], *views)

    assert len({each.incident.id for each in found}) == 20
    assert all(each.incident.id < 0 for each in found)
    assert sum(each.failures.last is not None for each in found) == 12


def test_the_newest_failing_run_is_shown_though_the_store_does_not_have_it() -> None:
    first, older = (make_result(Outcome.OVERLOADED, minute=each) for each in (20, 24))

    (found,) = told([STORED._replace(failures=Failures(first, older))], DOWN)
    (same,) = told([STORED._replace(failures=found.failures)], DOWN)
    ours = view(State.DOWN, make_result(Outcome.UNAUTHORIZED, minute=25))
    (kept,) = told([STORED._replace(failures=Failures(first, older))], ours)

    assert found.failures == same.failures == Failures(first, DOWN.last_result)
    assert kept.failures == Failures(first, older)


@pytest.mark.parametrize(
    ("state", "newest", "words"),
    [
        (State.DOWN, make_result(Outcome.UNREACHABLE, http_status=None), "cannot be reached"),
        (
            State.DOWN,
            make_result(Outcome.SERVER_ERROR, http_status=500),
            "fails with an error of its own, HTTP 500",
        ),
        (State.DOWN, make_result(Outcome.UNAUTHORIZED), "does not accept our key"),
        (State.BLOCKED, make_result(Outcome.UNREACHABLE), "cannot be reached"),
        (State.DOWN, make_result(Outcome.OVERLOADED), ""),
        (State.DOWN, make_result(), ""),
        (State.DOWN, make_result(Outcome.INCONCLUSIVE), ""),
        (State.DOWN, make_result(Outcome.MISSED), ""),
        (State.DEGRADED, make_result(Outcome.UNREACHABLE), ""),
        (State.DOWN, None, ""),
    ],
    ids=lambda each: str(getattr(getattr(each, "verdict", each), "outcome", each)),
)
def test_what_a_target_fails_for_now_is_told_if_it_is_something_else(
    state: State, newest: Result | None, words: str
) -> None:
    assert by_now(view(state, newest), "overloaded") == words


def test_an_open_incident_says_what_is_the_matter_now() -> None:
    other = view(State.DOWN, make_result(Outcome.UNREACHABLE, minute=25, http_status=None))

    for stored in ([], [STORED]):
        (shown,) = outages(told(stored, other), LATER)
        assert shown.cause == "has no capacity; now: cannot be reached"


def test_for_anybody_an_outage_from_memory_shows_nothing_private() -> None:
    refused = make_result(Outcome.UNAUTHORIZED, minute=25)
    picture = published_picture(make_snapshot(view(State.DOWN, refused)))

    (found,) = current([], picture.targets, picture.vantage, LATER)

    assert found.failures == Failures()
    assert (found.now, found.incident.vantage) == ("", "")


def test_the_newest_run_stands_before_those_that_the_store_told() -> None:
    old, newest = make_result(minute=1), make_result(minute=2)

    assert with_newest([old], newest) == [newest, old]
    assert with_newest([], newest) == [newest]
    assert with_newest([newest, old], old) == [newest, old]
    assert with_newest([newest, old], newest) == [newest, old]
    assert with_newest([old], None) == [old]
    assert len(with_newest([old] * RUNS, newest)) == RUNS
