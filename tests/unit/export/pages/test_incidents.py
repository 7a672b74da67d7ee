"""Incidents as they are told: joined where they belong together, with what was seen."""

from datetime import datetime, timedelta
from typing import Any

from monitor.export.pages.asking import Told
from monitor.export.pages.incidents import exchange, outages
from monitor.model.incident import Incident
from monitor.model.outcome import Outcome
from monitor.store.failures import Failures
from tests.factories import make_result
from tests.fakes import START

NOW = START + timedelta(hours=2)


def incident(target: str = "acme/large", minute: float = 0, **given: Any) -> Told:
    begin: datetime = START + timedelta(minutes=minute)
    failures = given.pop("failures", Failures())
    known: dict[str, Any] = {
        "id": int(minute) + 1,
        "target": target,
        "vantage": "here",
        "begin_at": begin,
        "known_at": begin + timedelta(minutes=1),
        "end_at": begin + timedelta(minutes=10),
        "is_open": False,
        "reason": "overloaded",
        "rule": None,
        "http_status": None,
        "provider_code": None,
        "message": None,
        "result_id": "0" * 12,
    }
    return Told(Incident(**(known | given)), failures)


def test_outages_of_one_provider_that_began_together_are_one() -> None:
    told = [incident("acme/large"), incident("acme/small", 4), incident("other/large", 1)]

    found = outages(told, NOW)

    assert [each.title for each in found] == ["other/large", "acme: 2 targets"]
    assert [each.key for each in found[1].affected] == ["acme/large", "acme/small"]


def test_what_began_later_or_for_another_cause_is_another() -> None:
    told = [
        incident("acme/large"),
        incident("acme/small", 9),
        incident("acme/tiny", 1, reason="timeout"),
        incident("acme/open", 2, is_open=True, end_at=None),
        incident("acme/large", 3),
    ]

    assert len(outages(told, NOW)) == 5


def test_what_lasts_stands_first_and_says_so() -> None:
    first, second = outages([incident(minute=30), incident("b/c", is_open=True, end_at=None)], NOW)

    assert (first.title, first.lasted) == ("b/c", "2\u00a0h so far")
    assert (second.title, second.lasted) == ("acme/large", "10\u00a0min")


def test_an_end_that_nobody_knows_is_not_made_up() -> None:
    (told,) = outages([incident(end_at=None)], NOW)

    assert told.lasted == "end not known"


def test_who_is_probed_no_more_has_no_open_end() -> None:
    gone = incident(end_at=None, retired_at=START + timedelta(minutes=90))

    (told,) = outages([gone], NOW)

    assert (told.is_open, told.lasted) == (False, "no longer probed since 13:30 UTC")


def test_what_fails_otherwise_by_now_is_told_beside_what_began_it() -> None:
    first = incident("acme/large")._replace(now="cannot be reached")
    second = incident("acme/small")._replace(now="has no capacity")
    third = incident("acme/tiny")._replace(now="cannot be reached")

    (told,) = outages([first, second, third], NOW)

    assert told.cause == "has no capacity; now: cannot be reached or has no capacity"


def test_the_first_and_the_last_failing_run_are_shown() -> None:
    first = make_result(Outcome.OVERLOADED, http_status=404)
    last = make_result(Outcome.TIMEOUT, minute=8)

    (told,) = outages([incident(failures=Failures(first, last))], NOW)
    (alone,) = outages([incident(failures=Failures(first, first))], NOW)

    assert [each.title for each in told.evidence] == ["First failing run", "Last failing run"]
    assert ("HTTP status", "404") in told.evidence[0].facts
    assert [each.title for each in alone.evidence] == ["First failing run"]


def test_the_status_of_the_answers_stands_beside_the_cause_if_they_had_the_same() -> None:
    same = [incident("acme/large", http_status=503), incident("acme/small", 1, http_status=503)]
    other = [incident("acme/large", http_status=503), incident("acme/small", 1, http_status=529)]

    assert [each.cause for each in outages(same, NOW)] == ["has no capacity, HTTP 503"]
    assert [each.cause for each in outages(other, NOW)] == ["has no capacity"]


def test_without_the_runs_the_deciding_one_is_told_as_far_as_it_is_known() -> None:
    (told,) = outages([incident(message="over\x1bloaded", http_status=503)], NOW)
    (bare,) = outages([incident()], NOW)

    assert [each.message for each in told.evidence] == ["over␛loaded"]
    assert told.evidence[0].facts == [("HTTP status", "503")]
    assert bare.evidence == []


def test_what_was_not_measured_is_no_fact() -> None:
    told = exchange(make_result(Outcome.TIMEOUT, http_status=None), "A run")

    names = [name for name, _ in told.facts]
    assert "HTTP status" not in names
    assert "first byte after" not in names
    assert ("rule", "test") in told.facts
