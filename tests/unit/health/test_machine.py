"""The state machine, told as stories: s success, f failure, x not the provider's doing."""

import pytest

from monitor.health.machine import Context, confirm_delay, step
from monitor.model.health import Health, State, Transition
from monitor.model.outcome import Outcome
from monitor.model.target import Kind
from tests.factories import make_result
from tests.fakes import START

LETTERS = {"s": Outcome.OK, "f": Outcome.SERVER_ERROR, "x": Outcome.UNAUTHORIZED}


def play(story: str, health: Health | None = None) -> tuple[Health, list[Transition]]:
    """Step through a story, a letter a minute."""
    believed, transitions = health or Health(), []
    for minute, letter in enumerate(story):
        result = make_result(LETTERS[letter], minute=minute)
        believed, transition = step(believed, result, Context(now=result.slot_at))
        transitions += [transition] if transition else []
    return believed, transitions


@pytest.mark.parametrize(
    ("story", "state"),
    [
        pytest.param("", State.UNKNOWN, id="nothing was heard"),
        pytest.param("s", State.UP, id="the first success brings it up"),
        pytest.param("ff", State.UNKNOWN, id="two failures are no verdict"),
        pytest.param("fff", State.DOWN, id="the third failure takes an unknown one down"),
        pytest.param("sf", State.DEGRADED, id="the first failure degrades"),
        pytest.param("sff", State.DEGRADED, id="two failures are a blip"),
        pytest.param("sfff", State.DOWN, id="three strikes"),
        pytest.param("sffsf", State.DEGRADED, id="a success breaks the row"),
        pytest.param("sfss", State.DEGRADED, id="two successes do not clear it"),
        pytest.param("sfsss", State.UP, id="three successes clear it"),
        pytest.param("sfsfss", State.DEGRADED, id="one failure of three keeps it degraded"),
        pytest.param("fffs", State.DOWN, id="one success is no recovery"),
        pytest.param("fffsfs", State.DOWN, id="a failure breaks the recovery"),
        pytest.param("fffss", State.UP, id="two successes bring it back"),
        pytest.param("xxxxxxxx", State.UNKNOWN, id="a bad key never takes a target down"),
        pytest.param("sxxxx", State.UP, id="our own fault changes nothing"),
        pytest.param("sfxfxf", State.DOWN, id="our own fault breaks no row"),
    ],
)
def test_the_state_after_a_story(story: str, state: State) -> None:
    health, _ = play(story)

    assert health.state is state


def test_a_transition_names_its_run_and_the_first_failure_of_its_streak() -> None:
    _, transitions = play("sfff")

    down = transitions[-1]
    assert (down.old_state, down.new_state) == (State.DEGRADED, State.DOWN)
    assert down.reason == "server_error"
    assert down.result_id == make_result(Outcome.SERVER_ERROR, minute=3).id
    assert down.incident_at == make_result(minute=1).slot_at


def test_each_change_of_state_is_told_once() -> None:
    _, transitions = play("sffffff")

    assert [each.new_state for each in transitions] == [State.UP, State.DEGRADED, State.DOWN]


@pytest.mark.parametrize("state", [State.RECOVERING, State.BLOCKED])
def test_states_that_nothing_leads_out_of_yet_are_left_by_three_failures_only(
    state: State,
) -> None:
    assert play("sss", Health(state=state))[0].state is state
    assert play("fff", Health(state=state))[0].state is State.DOWN


@pytest.mark.parametrize("kind", [Kind.THROUGHPUT, Kind.MODELS])
def test_only_completion_runs_step_health(kind: Kind) -> None:
    result = make_result(Outcome.SERVER_ERROR, kind=kind)

    assert step(Health(), result, Context(now=START)) == (Health(), None)


def test_confirm_runs_step_health_too() -> None:
    health, _ = play("sf")
    for confirm in (1, 2):
        result = make_result(Outcome.OVERLOADED, minute=1, confirm=confirm)
        health, _ = step(health, result, Context(now=result.at))

    assert health.state is State.DOWN


def test_success_and_failure_leave_their_instants() -> None:
    health, _ = play("sxf")

    assert health.ever_worked
    assert health.last_success_at == START
    assert health.last_result_at == make_result(minute=2).slot_at
    assert health.failing_since_at == make_result(minute=2).slot_at


@pytest.mark.parametrize(
    ("story", "confirm", "outcome", "bounds"),
    [
        pytest.param("sf", 0, "f", (8, 12), id="a first failure is confirmed after 10 s"),
        pytest.param("sff", 1, "f", (16, 24), id="and again after 20 s"),
        pytest.param("sff", 2, "f", None, id="but not a third time"),
        pytest.param("sfff", 0, "f", None, id="down is settled"),
        pytest.param("s", 0, "s", None, id="a success needs no confirmation"),
        pytest.param("fffs", 0, "s", (8, 12), id="a first success while down does"),
        pytest.param("fffss", 1, "s", None, id="the second settles it"),
        pytest.param("sx", 0, "x", None, id="our own fault is not repeated"),
    ],
)
def test_what_is_in_doubt_is_confirmed(
    story: str, confirm: int, outcome: str, bounds: tuple[float, float] | None
) -> None:
    health, _ = play(story)
    result = make_result(LETTERS[outcome], minute=len(story) - 1, confirm=confirm)

    delay = confirm_delay(health, result)

    assert (delay is None) == (bounds is None)
    if delay is not None and bounds is not None:
        assert bounds[0] <= delay <= bounds[1]


def test_other_kinds_are_not_confirmed() -> None:
    result = make_result(Outcome.SERVER_ERROR, kind=Kind.THROUGHPUT)

    assert confirm_delay(Health(state=State.UP), result) is None
