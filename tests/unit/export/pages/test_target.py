"""The page of a target: runs as ticks, their phases, what it is."""

from dataclasses import replace
from typing import Any

import pytest

from monitor.export.pages.rows import row
from monitor.export.pages.strips import NO_PAST
from monitor.export.pages.target import (
    TargetPage,
    distribution,
    facts,
    target_page,
    tick,
    weight_words,
)
from monitor.export.pages.waterfalls import PHASES, phases, waterfalls
from monitor.model.outcome import Outcome
from monitor.model.result import Measurement, Result
from monitor.model.routing import GroupRouting
from tests.factories import make_result, make_target
from tests.fakes import START
from tests.unit.export.pages.test_dated import RUNS, days
from tests.unit.export.pictures import LATER, PRICES, make_view
from tests.unit.export.routed import candidate

TIMED: dict[str, Any] = {
    "dns_seconds": 0.01,
    "connect_seconds": 0.02,
    "tls_seconds": 0.03,
    "first_byte_seconds": 0.1,
    "ttft_seconds": 0.25,
    "duration_seconds": 1.0,
}


def page(*runs: Result, **given: Any) -> TargetPage:
    view = replace(make_view(prices=PRICES), last_result=given.get("newest"))
    past = (given.get("runs", list(runs)), given.get("days"), given.get("found"))
    return target_page(row(view, NO_PAST, LATER), view, "0.50", past, LATER)


@pytest.mark.parametrize(
    ("outcome", "sort"),
    [
        (Outcome.OK, "good"),
        (Outcome.STARVED, "good"),
        (Outcome.TIMEOUT, "bad"),
        (Outcome.RATE_LIMITED, "left"),
        (Outcome.MISSED, "left"),
    ],
)
def test_a_tick_says_whose_doing_it_was(outcome: Outcome, sort: str) -> None:
    assert tick(make_result(outcome), LATER).sort == sort


def test_a_tick_tells_all_of_its_run() -> None:
    result = make_result(Outcome.OVERLOADED, http_status=503, confirm=1)
    result = replace(result, verdict=replace(result.verdict, message="a\x07b"))

    told = tick(result, LATER)

    assert told.words == "12:00 UTC (confirm run): has no capacity, HTTP 503"
    assert told.cells[1:5] == ("overloaded (confirm run)", "provider", "503", "test")
    assert told.cells[-1] == "a␇b"


def test_the_runs_are_told_from_left_to_right() -> None:
    runs = [make_result(minute=n) for n in (2, 1, 0)]

    told = page(*runs)

    assert told.ticks is not None
    assert [each.cells[0][14:16] for each in told.ticks] == ["00", "01", "02"]


def test_the_newest_failing_run_is_the_evidence() -> None:
    missed = replace(make_result(Outcome.MISSED, minute=9), started_at=None)
    told = page(missed, make_result(minute=3), make_result(Outcome.TIMEOUT, minute=2))

    assert told.evidence is not None
    assert told.evidence.words == "does not answer in time"
    assert page(make_result()).evidence is None


def test_the_newest_run_is_of_the_picture_however_old_the_answer_of_the_store_is() -> None:
    newest = make_result(Outcome.OVERLOADED, minute=4)

    told = page(make_result(Outcome.UNAUTHORIZED, minute=1), newest=newest)

    assert told.evidence is not None
    assert told.evidence.words == "has no capacity"
    assert told.ticks is not None
    assert [each.cells[1] for each in told.ticks] == ["unauthorized", "overloaded"]
    silent = page(runs=None, newest=newest)
    assert (silent.ticks, silent.evidence) == (None, told.evidence)


@pytest.mark.parametrize(
    ("weight", "is_panic", "told"),
    [
        (0.75, False, "0.75"),
        (1.0, True, "1.00 (panic: no target of the group works, so all weigh the same)"),
        (0.0, True, "0.00"),
    ],
    ids=["earned", "shared in panic", "blocked in panic"],
)
def test_a_weight_that_is_no_merit_of_the_targets_own_says_so(
    weight: float, is_panic: bool, told: str
) -> None:
    given = (candidate("acme/large", weight),)
    group = GroupRouting(group="acme/large", is_panic=is_panic, candidates=given)

    assert weight_words(group, "acme/large") == told
    assert weight_words(group, "b/x") is None
    assert weight_words(None, "acme/large") is None


def test_a_window_says_how_many_runs_count_how_many_do_not_and_since_when() -> None:
    view = make_view()
    day = replace(view.windows["24h"], valid=10, excluded=59)
    view = replace(view, windows={**view.windows, "24h": day})
    told = row(view, NO_PAST._replace(begins={"acme/large": START}), LATER)

    made = target_page(told, view, None, (None, None, None), LATER)
    windows = {each.name: each for each in made.windows}

    assert windows["1h"].cells[3] == "30 counted"
    assert windows["24h"].cells[3] == "10 counted, 59 left out"
    assert windows["90d"].cells == windows["24h"].cells
    assert {each.since for each in windows.values()} == {"since 12:00"}


def test_what_nobody_knows_is_not_told_as_nothing() -> None:
    told = page(runs=None)

    assert (told.ticks, told.failures, told.outages, told.distribution) == (None, None, None, None)
    assert (told.charts, told.waterfalls, told.days) == ([], [], [])


def test_the_phases_of_a_run_add_up_to_the_whole() -> None:
    told = phases(Measurement(**TIMED))

    assert list(told) == [name for name, _ in PHASES]
    assert sum(told.values()) == pytest.approx(0.06 + 1.0)
    assert told["first_token"] == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("left", "longer"),
    [("first_byte_seconds", "first_token"), ("ttft_seconds", "stream"), ("dns_seconds", None)],
)
def test_a_phase_that_was_not_measured_belongs_to_the_next(left: str, longer: str | None) -> None:
    whole = phases(Measurement(**TIMED))

    told = phases(Measurement(**{**TIMED, left: None}))

    assert len(told) == len(whole) - 1
    assert longer is None or told[longer] > whole[longer]


def test_all_waterfalls_are_on_one_scale() -> None:
    runs = [make_result(**TIMED), make_result(**{**TIMED, "duration_seconds": 0.5}), make_result()]

    (long, short, empty), marks = waterfalls(runs, LATER)

    assert marks[0] == (0.0, "0.0\u00a0ms")
    assert marks[-1].place == 600.0
    assert long.phases[:-1] == short.phases[:-1]
    assert long.phases[-1].width > short.phases[-1].width
    assert max(each.x + each.width for each in long.phases) <= 600.0
    assert empty.cells[-1] == "–"
    assert waterfalls([make_result()], LATER) == ([], [])


def test_the_distribution_counts_every_run() -> None:
    told = distribution(days(*RUNS))

    assert told is not None
    assert sum(int(row[1]) for row in told.rows) == len(RUNS)
    assert distribution(days()) is None


def test_what_a_target_is_names_no_key() -> None:
    told = dict(facts(make_target(prices=PRICES, region="eu"), 60.0, None))

    assert told["price"] == "$1.00 in, $2.00 out per million tokens"
    assert (told["region"], told["probed every"]) == ("eu", "1 min")
    assert "planted" not in str(told)
    assert "routing weight" not in told
