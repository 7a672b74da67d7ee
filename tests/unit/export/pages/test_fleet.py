"""The page of the fleet: an honest sentence, and what each target's row says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.export.pages.fleet import fleet_page, headline, notes
from monitor.export.pages.rows import row, why
from monitor.export.pages.strips import NO_PAST
from monitor.model.health import Health, State
from monitor.model.maintenance import Ongoing
from monitor.model.outcome import Outcome
from monitor.model.snapshot import TargetView
from tests.factories import make_result
from tests.fakes import START
from tests.unit.export.pictures import LATER, make_snapshot, make_view


def view(key: str, state: State, **given: object) -> TargetView:
    made = make_view(key, state)
    silent = bool(given.pop("is_stale", False))
    health = replace(made.health, state=state, **given)  # type: ignore[arg-type]
    return replace(made, health=health, is_stale=silent)


DOWN = view("a/down", State.DOWN, failing_since_at=START + timedelta(minutes=3))
WORK = Ongoing(end_at=LATER + timedelta(hours=1), reason="GPU driver update")
AT_WORK = replace(DOWN, maintenance=WORK)


@pytest.mark.parametrize(
    ("views", "told"),
    [
        ([], "No targets"),
        ([make_view("a/x")], "The only target is up"),
        ([make_view("a/x"), make_view("b/x")], "All 2 targets up"),
        ([make_view("a/x"), make_view("b/x", State.UNKNOWN)], "1 unknown; 1 of 2 targets up"),
        ([make_view("a/x"), view("b/x", State.UP, is_stale=True)], "1 not heard of lately; 1 of 2"),
        ([DOWN, make_view("a/x")], f"1 of 2 targets down since {START:%H}:03 UTC"),
        (
            [view("a/x", State.BLOCKED), view("b/x", State.DEGRADED)],
            "1 blocked, 1 degraded; 0 of 2",
        ),
    ],
    ids=["none", "one", "all", "unknown", "silent", "down", "other troubles"],
)
def test_the_headline_calls_nothing_up_that_is_not_known_to_be(
    views: list[TargetView], told: str
) -> None:
    assert headline(make_snapshot(*views)).startswith(told)


@pytest.mark.parametrize(
    ("views", "told"),
    [
        ([AT_WORK, make_view("a/x")], "1 of 2 targets down since 12:03 UTC, in maintenance"),
        ([AT_WORK, DOWN], "2 of 2 targets down since 12:03 UTC, 1 of them in maintenance"),
        ([replace(make_view("a/x"), maintenance=WORK)], "The only target is up"),
    ],
    ids=["all that are down", "one of them", "one that is up"],
)
def test_planned_work_stands_in_the_headline_beside_what_is_down(
    views: list[TargetView], told: str
) -> None:
    page = fleet_page(make_snapshot(*views), {}, None)

    assert page.headline == told
    assert page.subline.endswith("; 1 target in maintenance")


def test_a_row_says_that_its_target_is_worked_on() -> None:
    assert row(AT_WORK, NO_PAST, LATER).work == "maintenance until 13:30 UTC: GPU driver update"
    assert row(DOWN, NO_PAST, LATER).work == ""


def test_a_target_that_refuses_our_account_goes_on_now() -> None:
    views = [view("a/x", State.BLOCKED, reason="unauthorized"), make_view("a/y")]

    assert [each.title for each in fleet_page(make_snapshot(*views), {}, None).barred] == ["a/x"]


def test_only_a_heading_that_says_more_than_its_row_is_written() -> None:
    views = [
        make_view("a/x"),
        make_view("b/x", group="a/y"),
        make_view("c/x"),
        make_view("c/x@eu", group="c/x"),
    ]

    groups = fleet_page(make_snapshot(*views), {}, None).groups

    assert [(each.name, each.is_alone) for each in groups] == [
        ("a/x", True),
        ("a/y", False),
        ("c/x", False),
    ]


def test_the_counts_begin_with_the_worst() -> None:
    views = [view(f"a/{state}", state) for state in State]

    page = fleet_page(make_snapshot(*views), {}, None)

    assert page.state == "down"
    assert [word for word, _ in page.counts] == [
        "down",
        "blocked",
        "degraded",
        "recovering",
        "unknown",
        "up",
    ]


def test_a_group_without_a_target_that_works_cannot_be_served() -> None:
    views = [view("a/x", State.UP, is_stale=False), view("b/y", State.UNKNOWN)]

    page = fleet_page(make_snapshot(*views), {"a/x": {"24h": 0.5}}, None)

    first, second = page.groups
    assert (first.works, second.works) == (True, False)
    assert page.subline == "1 of 2 models can be served"
    assert dict(first.shares) == {"24h": "50\u00a0%", "30d": "–"}


def test_that_there_are_no_incidents_is_not_said_by_a_store_that_is_silent() -> None:
    assert fleet_page(make_snapshot(), {}, None).past is None
    assert fleet_page(make_snapshot(), {}, []).past == []


@pytest.mark.parametrize(
    ("state", "reason", "told"),
    [
        (State.DOWN, "overloaded", "has no capacity; now: cannot be reached"),
        (State.DOWN, "unreachable", "cannot be reached"),
        (State.DEGRADED, "slow", "is much slower than usual"),
        (State.DEGRADED, "ok", "cannot be reached"),
        (State.RECOVERING, "ok", "answers again"),
        (State.BLOCKED, "unauthorized", "does not accept our key; now: cannot be reached"),
        (State.UP, "ok", "newest run: cannot be reached"),
        (State.UNKNOWN, None, "newest run: cannot be reached"),
    ],
)
def test_the_cause_of_a_state_is_told(state: State, reason: str | None, told: str) -> None:
    made = view("a/x", state, reason=reason)

    assert why(replace(made, last_result=make_result(Outcome.UNREACHABLE))) == told


@pytest.mark.parametrize(
    ("state", "reason", "status", "told"),
    [
        (State.DOWN, "model_unavailable", 404, "does not have the model, HTTP 404"),
        (State.DEGRADED, "ok", 404, "does not have the model, HTTP 404"),
        (State.UNKNOWN, None, 404, "newest run: does not have the model, HTTP 404"),
        (State.DOWN, "overloaded", 404, "has no capacity; now: does not have the model, HTTP 404"),
        (State.DOWN, "model_unavailable", 200, "does not have the model"),
        (State.DOWN, "model_unavailable", None, "does not have the model"),
    ],
)
def test_the_status_of_the_newest_run_stands_beside_what_it_explains(
    state: State, reason: str | None, status: int | None, told: str
) -> None:
    made = view("a/x", state, reason=reason)
    newest = make_result(Outcome.MODEL_UNAVAILABLE, http_status=status)

    assert why(replace(made, last_result=newest)) == told


def test_a_target_that_is_well_needs_no_cause() -> None:
    made = replace(make_view("a/x"), last_result=make_result())

    assert why(made) == ""
    assert row(made, NO_PAST, LATER).since == ""


def test_an_outage_is_dated_from_its_first_failure() -> None:
    assert row(DOWN, NO_PAST, LATER).since.replace("\u00a0", " ") == (
        f"since {START:%H}:03 UTC, 27 min"
    )


def test_a_row_says_how_much_its_uptime_is_based_on() -> None:
    told = row(make_view("a/x@eu"), NO_PAST, LATER)

    value, words = told.uptimes[0]
    assert value.replace("\u00a0", " ") == "90 %"
    assert words.startswith("27 of 30 good, 95 % bounds 74.3")
    assert (told.provider, told.model, told.variant) == ("a", "x", "eu")


def test_a_row_of_a_young_target_says_since_when_and_shows_no_staler_figure() -> None:
    made = make_view("a/x")
    stale = replace(made.windows["30d"], uptime_ratio=0.7142, excluded=59)
    made = replace(made, windows={**made.windows, "30d": stale})

    young = row(made, NO_PAST._replace(begins={"a/x": START}), LATER)
    old = row(made, NO_PAST._replace(begins={"a/x": START - timedelta(days=31)}), LATER)

    assert [value for value, _ in young.uptimes] == ["90\u00a0%"] * 2
    assert young.uptimes[1][1].endswith(", since 12:00 UTC")
    assert (young.young, old.young) == ("since 12:00", "")
    assert [value for value, _ in old.uptimes] == ["90\u00a0%", "71.42\u00a0%"]
    assert old.uptimes[1][1].endswith(", 59 left out")


def test_a_row_without_runs_has_dashes() -> None:
    told = row(make_view("a/x", State.UNKNOWN, runs=0), NO_PAST, LATER)

    assert {value for value, _ in told.uptimes} == {"–"}
    assert (told.ttft, told.speed, told.spark, told.probed_at) == ("–", "–", "", None)


@pytest.mark.parametrize(
    ("late", "age", "told"),
    [
        (0.0, 0.0, []),
        (0.0, 120.0, []),
        (0.0, 3600.0, ["History and incidents are 1 h old"]),
        (0.0, None, ["The database has not answered yet"]),
        (16.0, 1.0, ["The probing loop stands still"]),
        (90.0, None, ["The probing loop stands still", "The database has not answered yet"]),
    ],
)
def test_whoever_reads_old_figures_is_told(late: float, age: float | None, told: list[str]) -> None:
    now = LATER + timedelta(seconds=late)

    found = notes(make_snapshot(), now, age)

    assert len(found) == len(told)
    pairs = zip(found, told, strict=True)
    assert all(each.replace("\u00a0", " ").startswith(begin) for each, begin in pairs)


def test_health_without_a_date_is_told_without_one() -> None:
    made = replace(make_view("a/x"), health=Health(state=State.DOWN, reason="timeout"))

    assert row(made, NO_PAST, LATER).since == ""
    assert headline(make_snapshot(made)) == "1 down; 0 of 1 target up"
