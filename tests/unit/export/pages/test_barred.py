"""Targets that refuse our account: who, why and since when, those of one provider together."""

from dataclasses import replace
from datetime import timedelta

from monitor.export.pages.barred import barred
from monitor.model.health import State
from monitor.model.outcome import Outcome
from monitor.model.snapshot import TargetView
from tests.factories import make_result
from tests.fakes import START
from tests.unit.export.pictures import LATER, make_view


def blocked(key: str, minute: float | None = 0, reason: str | None = "unauthorized") -> TargetView:
    view = make_view(key, State.BLOCKED)
    since_at = None if minute is None else START + timedelta(minutes=minute)
    return replace(view, health=replace(view.health, reason=reason, since_at=since_at))


def test_a_target_that_refuses_our_key_is_told_with_why_and_since_when() -> None:
    views = [make_view("a/up"), blocked("a/x", 3), make_view("a/y", State.DOWN)]

    (told,) = barred([replace(each, last_result=None) for each in views], LATER)

    assert (told.title, told.cause) == ("a/x", "does not accept our key")
    assert told.since.replace("\u00a0", " ") == "12:03 UTC, 27 min"
    assert [each.href for each in told.affected] == ["/targets/a/x"]


def test_one_target_is_told_with_the_status_of_its_newest_run() -> None:
    newest = make_result(Outcome.UNAUTHORIZED, http_status=401)

    (told,) = barred([replace(blocked("a/x"), last_result=newest)], LATER)

    assert told.cause == "does not accept our key, HTTP 401"


def test_targets_of_one_provider_with_one_reason_are_one() -> None:
    views = [
        blocked("a/x", 5),
        blocked("b/x"),
        blocked("a/y", 2),
        blocked("a/z", reason="quota_exhausted"),
    ]

    told = barred(views, LATER)

    assert [each.title for each in told] == ["a/z", "a: 2 targets", "b/x"]
    assert [each.key for each in told[1].affected] == ["a/x", "a/y"]
    assert told[1].since.startswith("12:02 UTC")
    assert told[1].affected[0].words.startswith("since 12:05 UTC")
    assert len({each.id for each in told}) == 3


def test_what_nobody_may_know_or_knows_is_not_told() -> None:
    view = replace(blocked("a/x", minute=None, reason=None), last_result=None)

    (told,) = barred([view], LATER)

    assert (told.cause, told.since) == ("refuses our account, and gets no traffic", "")
    assert told.affected[0].words == ""


def test_a_target_that_is_not_heard_of_is_not_told_to_refuse_us_now() -> None:
    assert barred([replace(blocked("a/x"), is_stale=True)], LATER) == []
