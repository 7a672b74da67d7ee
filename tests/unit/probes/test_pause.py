"""The pause that a provider asks for."""

import pytest

from monitor.probes.classify import classify
from monitor.probes.exchange import Exchange
from monitor.probes.pause import pause_seconds

DATE = "Wed, 21 Oct 2026 07:28:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": " 2.5 "}, 2.5),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "2"}, 2.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:29:30 GMT", "date": DATE}, 90.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:29:30 GMT"}, None),
        ({"retry-after": "Wed, 21 Oct 2026 07:27:00 GMT", "date": DATE}, None),
        ({"retry-after": "Wed, 21 Oct 2026 07:29:30 -0000", "date": DATE}, None),
        ({"retry-after": "soon", "date": DATE}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1e300"}, None),
    ],
)
def test_headers_give_seconds_milliseconds_or_a_date(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert pause_seconds(headers) == seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("40s", 40.0), (3, 3.0), (0.5, 0.5), ("3.5s", 3.5), ("soon", None), (True, None), (-1, None)],
)
def test_a_body_gives_seconds_or_a_duration(value: object, seconds: float | None) -> None:
    assert pause_seconds({}, [value]) == seconds


def test_the_first_sensible_value_counts() -> None:
    assert pause_seconds({}, [{"seconds": 3}, 10**400, "9s", 4]) == 9.0


def test_headers_are_believed_before_the_body() -> None:
    assert pause_seconds({"retry-after": "1"}, ["9s"]) == 1.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-reset-requests": "12ms"}, 0.012),
        ({"x-ratelimit-reset-requests": "6m0s"}, 360.0),
        ({"x-ratelimit-reset-tokens": "1h2m3.5s"}, 3723.5),
        ({"x-ratelimit-reset-tokens": "1d"}, 86400.0),
        ({"x-ratelimit-reset-tokens-minute": "11.5"}, 11.5),
        ({"ratelimit-reset": "30"}, 30.0),
        ({"anthropic-ratelimit-requests-reset": "2026-10-21T07:28:42Z", "date": DATE}, 42.0),
        ({"anthropic-ratelimit-tokens-reset": "2026-10-21T09:28:01+02:00", "date": DATE}, 1.0),
        ({"anthropic-ratelimit-unified-reset": "1792567740", "date": DATE}, 60.0),
        ({"x-ratelimit-reset": "1792567685", "date": DATE}, 5.0),
        ({"x-ratelimit-reset": "1792567685500", "date": DATE}, 5.5),
    ],
)
def test_a_rate_limit_tells_when_it_is_reset(headers: dict[str, str], seconds: float) -> None:
    assert pause_seconds(headers, is_rate_limited=True) == pytest.approx(seconds)
    assert pause_seconds(headers) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"x-ratelimit-reset": "1792567685"},
        {"x-ratelimit-reset": "1792567685", "date": "soon"},
        {"x-ratelimit-reset": "1792567600", "date": DATE},
        {"x-ratelimit-reset": "1e300", "date": DATE},
        {"x-ratelimit-reset": "nan", "date": DATE},
        {"x-ratelimit-reset-requests": "0"},
        {"x-ratelimit-reset-requests": "-1"},
        {"x-ratelimit-reset-requests": "0s"},
        {"x-ratelimit-reset-requests": "soon", "date": DATE},
        {"x-ratelimit-reset-requests": "999999999d"},
        {"x-ratelimit-resets": "3"},
        {"x-ratelimit-remaining-requests": "3"},
        {"anthropic-ratelimit-requests-reset": "2026-10-21T07:28:42Z"},
        {"anthropic-ratelimit-requests-reset": "2026-10-21T07:28:42", "date": DATE},
        {"anthropic-ratelimit-requests-reset": "0001-01-01T00:00:00+14:00", "date": DATE},
    ],
    ids=str,
)
def test_a_reset_that_makes_no_sense_is_no_pause(headers: dict[str, str]) -> None:
    assert pause_seconds(headers, is_rate_limited=True) is None


def test_of_the_spent_limits_the_last_counts_and_else_the_first() -> None:
    resets = {"x-ratelimit-reset-requests": "40s", "x-ratelimit-reset-tokens": "2s"}
    spent = resets | {"x-ratelimit-remaining-requests": "0", "x-ratelimit-remaining-tokens": "9"}

    assert pause_seconds(resets, is_rate_limited=True) == 2.0
    assert pause_seconds(spent, is_rate_limited=True) == 40.0


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [({"retry-after": "3"}, 3.0), ({"retry-after-ms": "50"}, 0.05), ({"retry-after": "x"}, None)],
)
def test_a_pause_that_is_asked_for_goes_before_a_reset(
    asked: dict[str, str], seconds: float | None
) -> None:
    headers = {"x-ratelimit-reset-requests": "9s"} | asked

    assert pause_seconds(headers, is_rate_limited=True) == seconds


def test_the_bodys_pause_goes_before_a_reset() -> None:
    assert pause_seconds({"x-ratelimit-reset": "9"}, ["4s"], is_rate_limited=True) == 4.0


@pytest.mark.parametrize(("status", "seconds"), [(429, 9.0), (503, None)])
def test_only_a_rate_limit_looks_at_resets(status: int, seconds: float | None) -> None:
    seen = Exchange(status=status, headers={"x-ratelimit-reset-requests": "9s"})

    assert classify(seen, None).retry_after_seconds == seconds
