"""The incidents below the table: no end is made up, and none that is known is left out."""

from typing import Any

import pytest

from monitor.cli.outages import outages, settled
from monitor.cli.standing import Standing
from monitor.model.health import State
from tests.unit.cli.test_board import incident, shape
from tests.unit.export.pictures import LATER


def drawn(*incidents: dict[str, Any], age_seconds: float = 0.0) -> list[str]:
    standing = Standing(
        source="a test",
        now=LATER,
        is_live=True,
        told={"targets": [shape("acme/large", State.DOWN)]},
        incidents=incidents,
        incidents_age_seconds=age_seconds,
    )
    return [line.plain for line in outages(standing)]


@pytest.mark.parametrize(
    ("state", "is_open"),
    [(State.DOWN, True), (State.RECOVERING, False), (State.UP, False), (State.BLOCKED, False)],
)
def test_an_incident_is_open_only_while_its_target_is_down(state: State, is_open: bool) -> None:
    (told,) = settled([incident(5, is_open=True)], [shape("acme/large", state)])

    assert told["is_open"] is is_open


def test_an_incident_ended_when_its_target_began_to_recover() -> None:
    target = shape("acme/large", State.RECOVERING)

    (told,) = settled([incident(5, is_open=True)], [target])

    assert told["end_at"] == target["state_since_at"]


@pytest.mark.parametrize(
    ("number", "is_open"), [(5, False), (5, True)], ids=["it ended", "its target is not known"]
)
def test_an_incident_that_nothing_speaks_against_stays_as_it_was_told(
    number: int,
    is_open: bool,
) -> None:
    told = incident(number, is_open=is_open)
    targets = [shape("zeta/large")] if is_open else [shape("acme/large")]

    assert settled([told], targets) == [told]


@pytest.mark.parametrize(
    ("given", "line"),
    [
        pytest.param({"is_open": True}, "✗ 03-01 12:25 → now            5m", id="open"),
        pytest.param({}, "✓ 03-01 12:25 → 03-01 12:26   60s", id="over"),
        pytest.param({"end_at": None}, "✓ 03-01 12:25 → over             ", id="just over"),
        pytest.param(
            {"end_at": None, "target": "acme/gone"},
            "✓ 03-01 12:25 → no longer probed ",
            id="retired while it was down",
        ),
    ],
)
def test_each_incident_says_how_it_ended(given: dict[str, Any], line: str) -> None:
    told = incident(5, is_open=bool(given.get("is_open"))) | given

    assert drawn(told)[-1] == f"{line}  {told['target']}  overloaded Busy"


@pytest.mark.parametrize(("age", "is_told"), [(0.0, False), (29.0, False), (150.0, True)])
def test_an_old_answer_says_how_old_it_is(age: float, is_told: bool) -> None:
    words = "as they were known 2m ago"

    assert (words in drawn(incident(5), age_seconds=age)) is is_told


def test_ages_and_ends_line_up() -> None:
    lines = drawn(incident(5, is_open=True), incident(9), incident(200))[2:]

    assert len({line.index("acme/large") for line in lines}) == 1
