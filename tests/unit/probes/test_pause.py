"""The pause that a provider asks for."""

import pytest

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
