"""Two replays beside each other."""

from io import StringIO

import pytest
from rich.console import Console

from monitor.app.replaying import Replayed, Wanted
from monitor.cli.comparing import notes, shape, span, table
from monitor.health.figures import Figures
from monitor.store.schedules import Watched
from tests.fakes import START

ONE = Figures(results=10, downs=1, detection_seconds={31.0: 1}, down_seconds=600)
OTHER = Figures(results=10, downs=2, false_downs=1, unmade=3, unasked=1)
PLAIN = Wanted(since=START, changes={}, false_below_seconds=120.0)
TRIED = Wanted(since=START, changes={"confirm_seconds": [5.0, 10.0]}, false_below_seconds=90.0)


def replayed(*figures: Figures, key: str = "acme/large", is_configured: bool = True) -> Replayed:
    return Replayed(watched=Watched(key, "here"), is_configured=is_configured, figures=figures)


def drawn(*rows: Replayed) -> list[list[str]]:
    text = StringIO()
    Console(file=text, width=200).print(table(rows))
    return [line.split() for line in text.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "-"),
        (0, "0.0 s"),
        (119, "119.0 s"),
        (120, "2.0 min"),
        (7200, "2.0 h"),
        (2e5, "2.3 d"),
    ],
)
def test_a_span_shows_its_size(seconds: float | None, text: str) -> None:
    assert span(seconds) == text


def test_one_target_needs_no_sum_and_no_vantage() -> None:
    _, *rows = drawn(replayed(ONE))

    (row,) = rows
    assert " ".join(row) == "acme/large 10 0 1 0 0 10.0 min 0.0 s 31.0 s 31.0 s"


def test_what_was_never_detected_has_no_delay() -> None:
    _, row = drawn(replayed(OTHER))

    assert row[-2:] == ["-", "-"]


def test_several_targets_are_added_up_with_each_of_the_settings() -> None:
    _, first, _, last = drawn(replayed(ONE, OTHER), replayed(ONE, OTHER, key="b/c"))

    assert " ".join(first).startswith("acme/large 10 0 → 0 1 → 2 0 → 1")
    assert " ".join(last).startswith("all 20 0 → 0 2 → 4 0 → 2")


def test_without_other_settings_nothing_is_said_of_an_arrow() -> None:
    said = "\n".join(notes([replayed(ONE)], PLAIN))

    assert "arrow" not in said
    assert "not made" not in said
    assert "not in the configuration" not in said
    assert "shorter than 2.0 min" in said


def test_what_a_replay_could_not_see_is_told() -> None:
    said = "\n".join(
        notes([replayed(ONE, OTHER), replayed(ONE, OTHER, is_configured=False)], TRIED)
    )

    assert "the same with confirm_seconds=5,10" in said
    assert (
        "The other settings would have asked for 6 confirm runs that were not made, and not for 2"
        in said
    )
    assert "The configured settings would" not in said
    assert "1 of 2 are not in the configuration" in said


def test_alone_the_settings_need_no_name() -> None:
    assert "They would have asked for 3" in "\n".join(notes([replayed(OTHER)], PLAIN))


def test_a_program_gets_all_figures() -> None:
    told = shape([replayed(ONE, OTHER)], TRIED)

    assert told["changes"] == {"confirm_seconds": [5.0, 10.0]}
    (target,) = told["targets"]
    assert (target["target"], target["vantage"]) == ("acme/large", "here")
    assert target["configured"] == {
        "results": 10,
        "transitions": 0,
        "downs": 1,
        "relapses": 0,
        "false_downs": 0,
        "down_seconds": 600,
        "degraded_seconds": 0,
        "detection_median_seconds": 31.0,
        "detection_worst_seconds": 31.0,
        "unmade_confirm_runs": 0,
        "unasked_confirm_runs": 0,
    }
    assert target["other"]["unmade_confirm_runs"] == 3
    assert told["total"] == {"configured": target["configured"], "other": target["other"]}


def test_nothing_is_an_empty_list() -> None:
    assert shape([], PLAIN)["targets"] == []
