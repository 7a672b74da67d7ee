"""Charts by date, and what went wrong over the same days."""

from collections.abc import Sequence

import pytest

from monitor.export.pages.asking import Dates
from monitor.export.pages.dated import (
    failures,
    latency_chart,
    token_chart,
    token_charts,
    uptime_chart,
)
from monitor.export.pages.model import charts
from monitor.health.buckets import DAY, Resolution
from monitor.health.rollup import Dated, Run, fold
from monitor.health.series import Point, series
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.target import Kind
from tests.factories import make_result, make_target
from tests.fakes import START

MIDNIGHT = START.replace(hour=0)
DAYS = [MIDNIGHT + n * DAY for n in range(3)]


def days(*results: Result) -> Sequence[Point]:
    """Three days, the first of which has runs."""
    bucket = fold(Kind.COMPLETION, map(Run.of, results))
    stretch = (MIDNIGHT, MIDNIGHT + 3 * DAY)
    return series([Dated(MIDNIGHT, bucket)], Resolution.DAY, stretch, (), START)


RUNS = [
    make_result(minute=n, ttft_seconds=0.25, input_tokens=20, output_tokens=16, cost_usd=0.001)
    for n in range(12)
]


def test_a_day_that_nothing_is_known_of_has_no_bar() -> None:
    told = uptime_chart(DAYS, [1.0, None, 0.97], "what")

    assert [each.look for each in told.boxes] == ["good", "poor"]
    assert [row[1].replace("\u00a0", " ") for row in told.rows] == ["100 %", "–", "97 %"]


@pytest.mark.parametrize(
    ("worst", "low"), [(1.0, "99 %"), (0.99, "95 %"), (0.96, "95 %"), (0.4, None), (0.0, None)]
)
def test_an_axis_that_does_not_begin_at_nothing_says_so(worst: float, low: str | None) -> None:
    title = uptime_chart(DAYS, [1.0, worst, None], "what").title.replace("\u00a0", " ")

    assert title == "Uptime by date: what" + (f" (axis from {low})" if low else "")


def test_the_median_by_date_is_a_line_and_a_table() -> None:
    told = latency_chart(DAYS, [("a/x", days(*RUNS)), ("b\x1b/x", days())])

    first, second = told.lines
    assert len(first.points) == 1
    assert (second.name, second.path) == ("b␛/x", "")
    assert told.head == ("Date (UTC)", "a/x", "b␛/x")
    assert told.rows[0][2] == "–"
    assert float(told.rows[0][1].split()[0]) == pytest.approx(250, rel=0.01)


def test_no_more_lines_are_drawn_than_can_be_told_apart() -> None:
    told = latency_chart(DAYS, [(f"a/{n}", days(*RUNS)) for n in range(9)])

    assert len(told.lines) == 6
    assert len(told.head) == 10
    assert len({each.look for each in told.lines}) == 6


def test_tokens_are_stacked_and_their_cost_is_told() -> None:
    told = token_chart(DAYS, [[each.bucket] for each in days(*RUNS)])

    assert [each.look for each in told.boxes] == ["input", "output"]
    assert told.rows[0] == (f"{MIDNIGHT:%Y-%m-%d}", "240", "192", "$0.01")
    assert told.rows[1][3] == "$0"


def test_without_any_tokens_the_lines_across_stand_at_whole_ones() -> None:
    told = token_chart(DAYS, [[each.bucket] for each in days()])

    assert [each.words for each in told.y_ticks] == ["0", "1", "2", "3", "4"]
    assert told.boxes == []


def test_tokens_that_nobody_spent_or_tells_have_no_chart() -> None:
    assert token_charts(DAYS, [[each.bucket] for each in days(*RUNS)])[0].id == "tokens"
    assert token_charts(DAYS, [[each.bucket] for each in days()]) == []


def test_failures_are_counted_by_outcome_the_most_frequent_first() -> None:
    lost = [make_result(Outcome.TIMEOUT, minute=n) for n in range(3)]
    limited = [make_result(Outcome.RATE_LIMITED, minute=5)]

    first, second = failures({"a/x": days(*lost, *limited, *RUNS), "b/x": days(*lost[:1])})

    assert (first.name, first.number, first.where) == ("timeout", 4, "a/x 3, b/x 1")
    assert (second.name, second.share) == ("rate_limited", 0.2)
    assert failures({"a/x": days(*RUNS)}) == []


def test_a_target_of_which_the_past_is_not_known_has_no_line() -> None:
    dates = Dates({"acme/large": days(*RUNS)}, [1.0, None, None])

    drawn = list(charts(dates, [make_target(), make_target("b/x")]))

    assert [each.id for each in drawn] == ["uptime", "latency", "tokens"]
    assert len(drawn[1].lines) == 1
    assert list(charts(Dates({}, []), [make_target()])) == []
