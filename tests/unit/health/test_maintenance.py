"""When planned work is: once or each week, by the clock on the wall."""

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from monitor.health.maintenance import hours, next_edge, ongoing, spans
from monitor.model.maintenance import Maintenance, Weekly
from tests.factories import make_target


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def once(begin: str, end: str, reason: str | None = None) -> Maintenance:
    begin_at, end_at = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (begin, end))
    return Maintenance(targets=("*",), begin_at=begin_at, end_at=end_at, reason=reason)


def weekly(days: set[int], begin: int, end: int, zone: str = "UTC") -> Maintenance:
    hours = Weekly(days=frozenset(days), begin_minute=begin, end_minute=end, zone=ZoneInfo(zone))
    return Maintenance(targets=("*",), weekly=hours)


SUNDAY = weekly({6}, 120, 240, "Europe/Berlin")


@pytest.mark.parametrize(
    ("rule", "begin", "end", "expected"),
    [
        pytest.param(
            SUNDAY,
            "2026-11-20",
            "2026-11-30",
            [("2026-11-22T01:00", "2026-11-22T03:00"), ("2026-11-29T01:00", "2026-11-29T03:00")],
            id="each week, in winter an hour before UTC",
        ),
        pytest.param(
            SUNDAY,
            "2026-10-25",
            "2026-10-26",
            [("2026-10-25T00:00", "2026-10-25T03:00")],
            id="the night in which clocks are set back has an hour more",
        ),
        pytest.param(
            SUNDAY,
            "2026-03-29",
            "2026-03-30",
            [("2026-03-29T01:00", "2026-03-29T02:00")],
            id="the night in which they are set forward has an hour less",
        ),
        pytest.param(
            weekly({5, 6}, 22 * 60, 60),
            "2026-11-21",
            "2026-11-24",
            [("2026-11-21T22:00", "2026-11-22T01:00"), ("2026-11-22T22:00", "2026-11-23T01:00")],
            id="over midnight",
        ),
        pytest.param(
            weekly({5, 6}, 0, 1440),
            "2026-11-20",
            "2026-11-24",
            [("2026-11-21T00:00", "2026-11-23T00:00")],
            id="whole days that follow each other are one span",
        ),
        pytest.param(
            weekly({6}, 22 * 60, 60),
            "2026-11-23T00:30",
            "2026-11-23T00:40",
            [("2026-11-23T00:30", "2026-11-23T00:40")],
            id="what began before is cut",
        ),
        pytest.param(
            once("2026-11-22", "2026-11-23"), "2026-11-23", "2026-11-24", [], id="over already"
        ),
    ],
)
def test_work_is_listed_between_two_instants(
    rule: Maintenance, begin: str, end: str, expected: list[tuple[str, str]]
) -> None:
    assert spans([rule], at(begin), at(end)) == [(at(one), at(two)) for one, two in expected]


def test_work_at_the_same_time_is_listed_once() -> None:
    rules = [once("2026-11-22T01:00", "2026-11-22T03:00"), SUNDAY]

    found = spans(rules, at("2026-11-22"), at("2026-11-23"))

    assert found == [(at("2026-11-22T01:00"), at("2026-11-22T03:00"))]


def test_hours_are_whole() -> None:
    rule = once("2026-11-22T01:59", "2026-11-22T03:01")

    found = hours([rule], at("2026-11-22"), at("2026-11-23"))

    assert found == [(at("2026-11-22T01:00"), at("2026-11-22T04:00"))]


def test_what_is_under_way_ends_with_what_follows_on_it() -> None:
    rules = [
        once("2026-11-22T01:00", "2026-11-22T03:00"),
        once("2026-11-22T03:00", "2026-11-22T05:00", "moving"),
    ]

    first, second = (ongoing(rules, at(f"2026-11-22T0{hour}:00")) for hour in (2, 4))

    assert first
    assert second
    assert (first.end_at.timestamp(), first.reason) == (at("2026-11-22T05:00"), None)
    assert second.reason == "moving"
    assert ongoing(rules, at("2026-11-22T05:00")) is None
    assert ongoing(rules, at("2026-11-22T00:59:59")) is None


def test_the_next_edge_is_a_begin_or_an_end() -> None:
    rule = once("2026-11-22T01:00", "2026-11-22T03:00")

    assert next_edge([rule], at("2026-11-22T00:00")) == at("2026-11-22T01:00")
    assert next_edge([rule], at("2026-11-22T01:00")) == at("2026-11-22T03:00")
    assert next_edge([rule], at("2026-11-22T03:00")) == math.inf


@pytest.mark.parametrize(
    ("rule", "is_covered"),
    [
        pytest.param(Maintenance(targets=("acme/*@eu",)), True, id="its key"),
        pytest.param(Maintenance(targets=("ACME/*",)), False, id="another spelling"),
        pytest.param(Maintenance(providers=("acm?",)), True, id="its provider"),
        pytest.param(Maintenance(groups=("other/*", "acme/large")), True, id="its group"),
        pytest.param(Maintenance(providers=("other",)), False, id="nothing of it"),
    ],
)
def test_patterns_say_who_is_worked_on(rule: Maintenance, is_covered: bool) -> None:
    assert rule.covers(make_target("acme/large@eu")) is is_covered
