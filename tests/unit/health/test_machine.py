"""The state machine, told as stories; `tests.stories` says what the letters mean."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.health.machine import Context, step
from monitor.model.health import Health, State
from monitor.model.outcome import Outcome
from monitor.model.policy import HealthPolicy
from monitor.model.target import Kind
from tests.factories import make_result
from tests.fakes import START
from tests.stories import Story

UP, DEGRADED, DOWN = State.UP, State.DEGRADED, State.DOWN
RECOVERING, BLOCKED, UNKNOWN = State.RECOVERING, State.BLOCKED, State.UNKNOWN

#: Successes enough for one failure not to weigh.
LONG = "s" * 60


@pytest.mark.parametrize(
    ("story", "states"),
    [
        pytest.param("", [], id="nothing was heard"),
        pytest.param("s", [UP], id="the first success brings it up"),
        pytest.param("ff", [], id="two failures are no verdict on an unknown one"),
        pytest.param("fff", [DOWN], id="the third takes an unknown one down"),
        pytest.param("sf", [UP, DEGRADED], id="the first failure degrades"),
        pytest.param("sff", [UP, DEGRADED], id="two failures are a blip"),
        pytest.param("sfff", [UP, DEGRADED, DOWN], id="three strikes"),
        pytest.param("sffsf", [UP, DEGRADED], id="a success breaks the row"),
        pytest.param(LONG + "fss", [UP, DEGRADED], id="two successes do not clear it"),
        pytest.param(LONG + "fsss", [UP, DEGRADED, UP], id="three successes clear it"),
        pytest.param(
            LONG + "fsfsss", [UP, DEGRADED], id="three do not, while the last minutes were bad"
        ),
        pytest.param(
            LONG + "fsfsss" + 40 * "s", [UP, DEGRADED, UP], id="but they do when that is past"
        ),
        pytest.param("sfsfsff", [UP, DEGRADED, DOWN], id="flapping: under a half of six"),
        pytest.param("sfsfsf", [UP, DEGRADED], id="a half of six is not under it"),
        pytest.param(LONG + "ffsffsf", [UP, DEGRADED], id="old successes count for ten minutes"),
        pytest.param("fffs", [DOWN], id="one success is no recovery"),
        pytest.param("fffsfs", [DOWN], id="a failure breaks the recovery"),
        pytest.param("fffss", [DOWN, RECOVERING], id="two successes let it recover"),
        pytest.param("fffss sss", [DOWN, RECOVERING], id="three more are not enough"),
        pytest.param("fffss ssss", [DOWN, RECOVERING, UP], id="the fourth brings it up"),
        pytest.param("fffss sf", [DOWN, RECOVERING, DOWN], id="any failure is a relapse"),
        pytest.param("b", [], id="one bad answer to our key is none"),
        pytest.param("bb", [BLOCKED], id="two block"),
        pytest.param("sbb", [UP, BLOCKED], id="from up"),
        pytest.param("sbsb", [UP], id="but only in a row"),
        pytest.param("sbtb", [UP, BLOCKED], id="a limited run is no success between them"),
        pytest.param("sbbf fff", [UP, BLOCKED], id="failures leave it blocked"),
        pytest.param("sbbs", [UP, BLOCKED, UP], id="one success unblocks"),
        pytest.param("fffbbs", [DOWN, BLOCKED, RECOVERING], id="what was down then recovers"),
        pytest.param(
            "fffss bbs", [DOWN, RECOVERING, BLOCKED, RECOVERING], id="what recovered does so anew"
        ),
        pytest.param("tttttt", [], id="a rate limit is no state"),
        pytest.param("sftftf", [UP, DEGRADED, DOWN], id="and breaks no row"),
        pytest.param("sfxfxf", [UP, DEGRADED, DOWN], id="neither does our own fault"),
        pytest.param("s" + "." * 60 + "s", [UP], id="silence changes nothing"),
    ],
)
def test_the_states_that_a_story_goes_through(story: str, states: list[State]) -> None:
    assert Story().tell(story).states == states


@pytest.mark.parametrize("minutes", [5, 20])
def test_after_an_outage_the_way_back_is_taken_once(minutes: int) -> None:
    told = Story().tell("s" * 70 + "f" * minutes + "s" * 60)

    assert told.states == [UP, DEGRADED, DOWN, RECOVERING, UP]


class TestHolds:
    def test_after_a_relapse_successes_do_not_count_for_half_a_minute(self) -> None:
        told = Story(every_seconds=10).tell("fffss sf")
        assert told.health.hold_seconds == 30

        told.tell("sss")  # 10, 20 and 30 s after it: the third is the first that counts
        assert (told.health.state, told.health.consecutive_successes) == (DOWN, 1)
        assert told.tell("s").health.state is RECOVERING

    def test_each_relapse_doubles_the_hold_up_to_ten_minutes(self) -> None:
        told, holds = Story().tell("fff"), []
        for _ in range(7):
            while told.health.state is not RECOVERING:
                told.tell("s")
            holds.append(told.tell("f").health.hold_seconds)

        assert holds == [30, 60, 120, 240, 480, 600, 600]

    def test_half_an_hour_up_forgives(self) -> None:
        told = Story().tell("fffss f" + "s" * 7)
        assert told.health.state is UP
        assert told.health.hold_seconds == 30

        told.tell("s" * 31 + "fff" + "ss" + "f")
        assert told.health.hold_seconds == 30

    def test_less_does_not(self) -> None:
        told = Story().tell("fffss f" + "s" * 7 + "s" * 20 + "fff" + "ss" + "f")

        assert told.health.hold_seconds == 60

    def test_a_hold_of_a_clock_that_was_ahead_does_not_last(self) -> None:
        """Two hours ahead when it began, and set right since."""
        told = Story(every_seconds=60, now=START + timedelta(hours=2)).tell("fffss sf")
        assert told.health.hold_seconds == 30

        told.now = START
        assert told.tell("ss").health.state is RECOVERING


class TestSlowness:
    def test_it_is_believed_after_the_third_slow_median_in_a_row(self) -> None:
        told = Story(usual_ttft_seconds=0.4).tell("s" * 5 + "SSS")
        assert told.health.slow_streak == 1
        assert told.tell("S").states == [UP]
        assert told.tell("S").states == [UP, DEGRADED]
        assert told.transitions[-1].reason == "slow"

    def test_it_ends_when_the_median_is_near_the_usual_again(self) -> None:
        told = Story(usual_ttft_seconds=0.4).tell("s" * 5 + "S" * 5 + "ss")
        assert told.health.state is DEGRADED
        assert told.tell("sss").health.state is UP

    @pytest.mark.parametrize(
        ("usual", "states"),
        [
            pytest.param(None, [UP], id="nothing is known of the usual"),
            pytest.param(1.1, [UP], id="it is below twice the usual"),
            pytest.param(0.9, [UP, DEGRADED], id="it is above"),
        ],
    )
    def test_it_is_judged_by_the_targets_own_past(
        self, usual: float | None, states: list[State]
    ) -> None:
        assert Story(usual_ttft_seconds=usual).tell("S" * 10).states == states

    def test_half_a_second_more_is_needed_however_quick_the_usual(self) -> None:
        story = Story(usual_ttft_seconds=0.1).tell("s" * 12)  # four times, but 0.3 s more

        assert story.states == [UP]

    def test_between_leaving_and_entering_it_stays(self) -> None:
        told = Story(usual_ttft_seconds=1.2).tell("S" * 10)
        assert told.states == [UP]

        slow = replace(told.health, is_slow=True, state=DEGRADED)
        assert Story(usual_ttft_seconds=1.2, health=slow).tell("S" * 6).health.is_slow


def test_a_limited_run_throttles_until_the_next_success() -> None:
    told = Story().tell("st")
    assert told.health.is_throttled
    assert told.tell("f").health.is_throttled
    assert not told.tell("s").health.is_throttled


def test_a_recovery_begins_with_a_clean_record() -> None:
    told = Story().tell(LONG + "fff" + "ss")

    assert told.health.history_since_at == told.transitions[-1].at
    assert told.tell("ssss").health.state is UP


def test_a_transition_names_its_run_and_the_first_failure_of_its_streak() -> None:
    told = Story().tell("sfff")

    down = told.transitions[-1]
    assert (down.old_state, down.new_state) == (DEGRADED, DOWN)
    assert down.reason == "server_error"
    assert down.result_id == told.results[3].id
    assert down.incident_at == told.results[1].slot_at


def test_an_outage_ends_with_the_first_success_of_the_streak_that_led_out_of_it() -> None:
    told = Story().tell("sfffsfss")

    recovering = told.transitions[-1]
    assert (recovering.old_state, recovering.new_state) == (DOWN, RECOVERING)
    assert recovering.at == told.results[7].at
    assert recovering.incident_at == told.results[6].at


def test_a_flapping_target_says_so() -> None:
    assert Story().tell("sfsfsff").transitions[-1].reason == "flapping"


@pytest.mark.parametrize("kind", [Kind.THROUGHPUT, Kind.MODELS])
def test_only_completion_runs_step_health(kind: Kind) -> None:
    result = make_result(Outcome.SERVER_ERROR, kind=kind)

    assert step(Health(), result, Context(now=START)) == (Health(), None)


def test_confirm_runs_step_health_too() -> None:
    health = Story().tell("sf").health
    for confirm in (1, 2):
        result = make_result(Outcome.OVERLOADED, minute=1, confirm=confirm)
        health, _ = step(health, result, Context(now=result.at))

    assert health.state is DOWN


def test_success_and_failure_leave_their_instants() -> None:
    told = Story().tell("sxf")

    assert told.health.ever_worked
    assert told.health.last_success_at == START
    assert told.health.last_result_at == START + timedelta(minutes=2)
    assert told.health.failing_since_at == START + timedelta(minutes=2)


@pytest.mark.parametrize("state", list(State))
def test_a_restart_resumes_any_state(state: State) -> None:
    since_at = START - timedelta(minutes=1)
    health = Health(state=state, since_at=since_at, blocked_from=UP)
    resumed = Story(health=health).tell("x").health

    assert (resumed.state, resumed.since_at) == (state, since_at)


def test_a_policy_says_how_many_it_takes() -> None:
    policy = HealthPolicy(failures=2, successes=1, ramp=(0.5, 1.0))

    told = Story(policy=policy).tell("s ff s ss")
    assert told.states == [UP, DEGRADED, DOWN, RECOVERING, UP]
