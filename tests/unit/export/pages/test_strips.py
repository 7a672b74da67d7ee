"""Ninety days in few bytes, each told apart by height as well as by colour."""

from datetime import timedelta

import pytest

from monitor.export.pages.strips import DAYS, EMPTY, NO_TREND, Day, first_day, strip, table, trend
from tests.fakes import START

MIDNIGHT = START.replace(hour=0)


def day(number: int = 0, good: int = 100, valid: int = 100, **given: float) -> Day:
    known = {"executed": valid, "expected": valid} | given
    return Day(MIDNIGHT + timedelta(days=number), good, valid, **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("good", "sort"),
    [
        (1000, "good"),
        (999, "good"),
        (998, "fair"),
        (990, "fair"),
        (950, "poor"),
        (949, "bad"),
        (0, "bad"),
    ],
)
def test_the_sort_of_a_day_follows_its_uptime(good: int, sort: str) -> None:
    assert day(good=good, valid=1000).sort == sort


def test_a_day_without_a_run_that_counts_is_no_good_day() -> None:
    told = day(good=0, valid=0, executed=0, expected=10)

    assert (told.sort, told.uptime_ratio, told.coverage_ratio) == ("none", None, 0.0)
    assert told.words == f"{MIDNIGHT:%Y-%m-%d}: no data"


def test_days_of_one_sort_are_one_stroke() -> None:
    told = strip([day(n) for n in range(DAYS)])

    assert told.drawn == '<path class="d-good" d="M0 14h449"/>'
    assert told.days == "90*="
    assert "100\u00a0% over 90 days with data, 0 incidents" in told.words


def test_a_bad_day_stands_where_it_was_and_lower() -> None:
    told = strip([day(0), day(1, good=50), day(2)])

    assert told.drawn == (
        '<path class="d-bad" d="M5 23h4"/><path class="d-good" d="M0 14h4M10 14h4"/>'
    )
    assert "worst" in told.words


def test_each_day_is_told_with_all_that_is_known() -> None:
    bad = day(1, good=98, executed=99, expected=110, incidents=2, down_seconds=1500.0)

    told = strip([Day(MIDNIGHT), bad, day(2), day(3)])

    assert told.days == "- 98,2,25,90 2*="
    assert bad.words.replace("\u00a0", " ") == (
        f"{bad.begin_at:%Y-%m-%d}: uptime 98 %, 2 incidents, 25 min down, coverage 90 %"
    )


def test_the_table_says_what_the_bars_do_newest_first() -> None:
    told = strip(
        [Day(MIDNIGHT), day(1, good=98, incidents=1, down_seconds=120.0, expected=0), day(2)]
    )

    rows = table(told, MIDNIGHT)

    dates = [f"{MIDNIGHT + timedelta(days=n):%Y-%m-%d}" for n in (2, 1, 0)]
    assert [row[0] for row in rows] == dates
    assert [cell.replace("\u00a0", " ") for cell in rows[1][1:]] == ["98 %", "1", "2 min", "–"]
    assert rows[2][1] == "no data"
    assert table(EMPTY, MIDNIGHT) == []


def test_a_strip_of_nothing_says_so() -> None:
    assert strip([Day(MIDNIGHT)] * 3).words == "no data yet"


def test_a_strip_ends_today() -> None:
    assert first_day(START) + timedelta(days=DAYS - 1) == MIDNIGHT


def test_a_trend_is_told_in_words() -> None:
    told = trend([None, 0.2, 0.4, 0.3]).words.replace("\u00a0", " ")

    assert told == "by hour over 3 hours: 200 ms to 400 ms, newest 300 ms"
    assert trend([None]) == NO_TREND
