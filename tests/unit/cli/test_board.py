"""The table of `monitor status`, at any width."""

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from monitor.cli.board import Board, brief, headline
from monitor.cli.standing import Standing
from monitor.export.shapes import target_shape
from monitor.model.health import State
from monitor.model.outcome import Outcome
from tests.factories import make_result
from tests.hostile import COMMANDS, HOSTILE
from tests.unit.export.pictures import LATER, make_view

LONG = "averylongprovider/averylongmodel-with-a-date-2026-03-01@production"


def shape(key: str, state: State = State.UP, message: str | None = None) -> dict[str, Any]:
    view = make_view(key, state, group="acme/all")
    failed = make_result(Outcome.OVERLOADED, minute=29, target=key, http_status=404)
    failed = replace(failed, verdict=replace(failed.verdict, message=message))
    view = replace(view, health=replace(view.health, reason="overloaded"), last_result=failed)
    return target_shape(view)


def incident(number: int, *, is_open: bool = False, message: str = "Busy") -> dict[str, Any]:
    begin_at = LATER - timedelta(minutes=number)
    return {
        "target": "acme/large",
        "begin_at": begin_at.isoformat(),
        "end_at": None if is_open else (begin_at + timedelta(minutes=1)).isoformat(),
        "is_open": is_open,
        "reason": "overloaded",
        "message": message,
    }


def standing(*targets: dict[str, Any], **given: Any) -> Standing:
    told = {"vantage": "here", "targets": list(targets), "simulated": False}
    settings: dict[str, Any] = {"source": "a test", "now": LATER, "is_live": True, "told": told}
    return Standing(**(settings | given))


def drawn(shown: Standing, width: int = 80, height: int | None = None, **console: Any) -> list[str]:
    file = io.StringIO()
    settings: dict[str, Any] = {"markup": False, "emoji": False, "highlight": False}
    Console(file=file, width=width, **(settings | console)).print(Board(shown, height))
    return file.getvalue().splitlines()


FLEET = (
    shape("acme/large", State.DOWN, "Too many simultaneous queries."),
    shape("acme/small"),
    shape(LONG, State.DEGRADED, "It is slow " * 30),
    shape("acme/模型", State.UNKNOWN),
)


@pytest.mark.parametrize("width", [40, 80, 100, 160, 300])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    lines = drawn(standing(*FLEET, incidents=[incident(1), incident(0, is_open=True)]), width)

    assert max(map(cell_len, lines)) <= width


def test_80_columns_show_every_figure_and_the_whole_key() -> None:
    lines = drawn(standing(*FLEET, speeds={"acme/small": 123.4}))

    (small,) = (line for line in lines if "acme/small" in line)
    figures = ["●", "up", "30m", "90%", "90%", "90%", "250", "ms", "123", "60s"]
    assert small.split()[1:] == figures
    assert any(LONG in line for line in lines)


def test_a_cause_stands_beside_the_figures_where_there_is_room_and_else_below() -> None:
    words = "overloaded HTTP 404 Too many simultaneous queries."
    beside = [line for line in drawn(standing(*FLEET[:2]), 160) if words in line]
    below = [line for line in drawn(standing(*FLEET[:2]), 80) if words in line]

    assert [("acme/large" in line) for line in (*beside, *below)] == [True, False]


def test_every_state_has_a_sign_of_its_own_for_those_who_see_no_colour() -> None:
    fleet = [shape(f"acme/{state}", state) for state in State]

    rows = [line.split() for line in drawn(standing(*fleet)) if line.startswith("  acme/")]

    assert {row[2] for row in rows} == set(State)
    assert len({row[1] for row in rows}) == len(State)


def test_colours_are_used_on_a_terminal_and_not_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    on_terminal = drawn(standing(*FLEET), force_terminal=True, color_system="standard")

    assert any("\x1b[" in line for line in on_terminal)
    assert not any("\x1b" in line for line in drawn(standing(*FLEET)))


def test_no_colour_is_used_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    lines = drawn(standing(*FLEET), force_terminal=True, color_system="standard")

    assert not any("\x1b[3" in line for line in lines)


def test_groups_stand_above_their_targets() -> None:
    other = {**shape("zeta/large"), "group": "zeta/all"}

    lines = [line.strip().split(" ")[0] for line in drawn(standing(other, *FLEET[:2]))]

    order = ["acme/all", "acme/large", "acme/small", "zeta/all", "zeta/large"]
    assert [line for line in lines if line in order] == order


def test_a_low_screen_shows_the_worst() -> None:
    fleet = [shape(f"acme/{n}") for n in range(50)] + [shape("acme/broken", State.DOWN, "Gone")]

    lines = drawn(standing(*fleet, incidents=[incident(n) for n in range(9)]), height=24)

    assert len(lines) <= 24
    assert any("acme/broken" in line for line in lines)
    (note,) = (line for line in lines if "more, none of them worse" in line)
    shown = sum(line.startswith("  acme/") for line in lines)
    assert note == f"and {51 - shown} more, none of them worse"


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_words_of_a_provider_are_inert(words: str, width: int) -> None:
    bad = shape("acme/large", State.DOWN, words) | {"reason": words}
    lines = drawn(standing(bad, incidents=[incident(0, message=words)]), width)

    assert not COMMANDS.search("".join(lines))
    assert max(map(len, lines)) <= width
    assert len(lines) <= 10


def test_the_headline_calls_nothing_up_that_is_not_known_to_be() -> None:
    counted = headline(standing(*FLEET))

    assert counted == "4 targets: 1 down, 1 degraded, 1 unknown, 1 up"
    assert headline(standing(shape("acme/large"))) == "1 target: 1 up"
    assert headline(standing()) == "no targets"


def test_only_a_target_that_is_down_is_bad() -> None:
    assert standing(*FLEET).is_bad
    assert not standing(*FLEET[1:]).is_bad


def test_open_incidents_are_all_told_and_few_of_the_others() -> None:
    found = [incident(n, is_open=n in {3, 9}) for n in range(10)]

    told = brief(standing(incidents=found)).incidents

    assert told == [found[n] for n in (3, 9, 0, 1, 2)]


def test_incidents_that_nobody_knows_are_not_none() -> None:
    lines = drawn(brief(standing(*FLEET, incidents=None)))

    assert lines[-1] == "incidents are not known: the database does not answer"


def test_what_must_be_known_stands_above_the_targets() -> None:
    lines = drawn(standing(*FLEET, notices=("the changed configuration was refused",)))

    heads = next(n for n, line in enumerate(lines) if line.startswith("TARGET"))
    assert "the changed configuration was refused" in lines[:heads]


def test_a_simulated_fleet_and_silence_are_told() -> None:
    stale = shape("acme/large") | {"stale": True}
    told = {"vantage": "here", "targets": [stale], "simulated": True}

    text = "\n".join(drawn(standing(told=told)))

    assert "SIMULATED FLEET" in text
    assert "● up, stale" in text
