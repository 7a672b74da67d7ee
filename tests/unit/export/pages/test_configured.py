"""What is told of a configuration that was refused."""

import pytest

from monitor.export.pages.configured import refusal
from monitor.model.configuration import Configuration
from tests.fakes import START
from tests.unit.export.pictures import LATER


def test_nothing_is_told_of_a_configuration_that_holds() -> None:
    assert refusal(Configuration(read_at=START), LATER) == ""
    assert refusal(None, LATER) == ""


@pytest.mark.parametrize(
    ("problems", "told"),
    [
        (("line 3: what\x1b?",), "line 3: what␛?"),
        (("a", "b", "c"), "a; b; c"),
        (("a", "b", "c", "d", "e"), "a; b; c; 2 more in the log"),
    ],
    ids=["one", "three", "many"],
)
def test_a_refused_configuration_is_told_with_why_and_what_holds(
    problems: tuple[str, ...], told: str
) -> None:
    words = refusal(Configuration(read_at=START, problems=problems), LATER)

    assert words == (f"The newest configuration was refused; the one of 12:00 UTC holds. {told}")
