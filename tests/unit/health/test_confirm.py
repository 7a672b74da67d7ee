"""What is in doubt is looked at again."""

import pytest

from monitor.health.confirm import confirm_delay
from monitor.model.health import Health, State
from monitor.model.outcome import Outcome
from monitor.model.policy import HealthPolicy
from monitor.model.target import Kind
from tests.factories import make_result
from tests.stories import LETTERS, Story


@pytest.mark.parametrize(
    ("story", "confirm", "bounds"),
    [
        pytest.param("sf", 0, (8, 12), id="a first failure is confirmed after 10 s"),
        pytest.param("sff", 1, (16, 24), id="and again after 20 s"),
        pytest.param("sff", 2, None, id="but not a third time"),
        pytest.param("sfff", 0, None, id="down is settled"),
        pytest.param("s", 0, None, id="a success needs no confirmation"),
        pytest.param("fffs", 0, (8, 12), id="a first success while down does"),
        pytest.param("fffss", 1, None, id="the second settles it"),
        pytest.param("sx", 0, None, id="our own fault is not repeated"),
        pytest.param("sbbf", 0, None, id="nor a failure of what is blocked"),
        pytest.param("fffss f", 0, None, id="nor a relapse"),
        pytest.param("fffss f s", 0, (8, 12), id="a success after the hold is confirmed"),
    ],
)
def test_what_is_in_doubt_is_confirmed(
    story: str, confirm: int, bounds: tuple[float, float] | None
) -> None:
    health, letters = Story().tell(story).health, story.replace(" ", "")
    result = make_result(LETTERS[letters[-1]], minute=len(letters) - 1, confirm=confirm)

    delay = confirm_delay(health, result)

    assert (delay is None) == (bounds is None)
    if delay is not None and bounds is not None:
        assert bounds[0] <= delay <= bounds[1]


def test_a_success_in_a_hold_is_not_confirmed() -> None:
    told = Story(every_seconds=10).tell("fffss sf s")

    assert confirm_delay(told.health, told.results[-1]) is None


def test_the_delays_are_the_policys() -> None:
    told = Story().tell("sf")
    policy = HealthPolicy(confirm_seconds=(1.0, 2.0))

    delay = confirm_delay(told.health, told.results[-1], policy)

    assert delay is not None
    assert 0.8 <= delay <= 1.2


def test_other_kinds_are_not_confirmed() -> None:
    result = make_result(Outcome.SERVER_ERROR, kind=Kind.THROUGHPUT)

    assert confirm_delay(Health(state=State.UP), result) is None
