"""The demonstration's fleet shows each trouble soon, and is mostly well."""

from collections import Counter

from monitor.simulator.behaviour import SimulatedTarget
from monitor.simulator.fleet import DEMO_FLEET
from monitor.simulator.simulator import Simulator

INTERVAL_SECONDS = 10


def story(target: SimulatedTarget, seconds: int = 120) -> str:
    """Draw the requests of the first two minutes: `s` for success, `f` for a failure."""
    behaviour = target.behaviour
    shut = behaviour.closed_spans
    drawn = ""
    for number, at in enumerate(range(0, seconds, INTERVAL_SECONDS), start=1):
        names = (0, target.provider, target.model, number)
        fault = behaviour.fault_for(number, at, names=names)
        drawn += "f" if fault or any(span.holds(at) for span in shut) else "s"
    return drawn


def has_right_key(target: SimulatedTarget) -> bool:
    return target.behaviour.accepted_key in (None, target.api_key)


def test_the_fleet_can_be_simulated() -> None:
    providers = Simulator(DEMO_FLEET).providers

    assert providers == ("aurora", "borealis", "cirrus", "dynamo", "ember")
    assert 10 <= len(DEMO_FLEET) <= 12


def test_every_group_has_targets_that_can_stand_in_for_each_other() -> None:
    providers = Counter(target.group for target in DEMO_FLEET)

    assert providers == {"sim/chat-small": 4, "sim/chat-large": 5, "sim/reason-large": 2}


def test_within_two_minutes_there_is_up_degraded_and_down() -> None:
    stories = {
        f"{target.provider}/{target.model}": story(target)
        for target in DEMO_FLEET
        if has_right_key(target)
    }

    assert stories["borealis/chat-large"] == "f" * 12
    assert stories["cirrus/chat-large"] == "ssf" * 4
    assert stories["dynamo/chat-large"] == "ssssss" + "fffff" + "s"
    assert sum(drawn == "s" * 12 for drawn in stories.values()) >= 5


def test_one_target_has_a_key_that_is_not_accepted() -> None:
    assert [target.provider for target in DEMO_FLEET if not has_right_key(target)] == ["ember"]


def test_one_provider_refuses_connections_for_a_while() -> None:
    shut = [target for target in DEMO_FLEET if target.behaviour.closed_spans]

    assert [target.provider for target in shut] == ["ember"]
    assert "f" in story(shut[0], seconds=420)
    assert story(shut[0], seconds=420).count("s") > 30


def test_speeds_are_varied_and_plausible() -> None:
    scripts = [target.behaviour.script for target in DEMO_FLEET]

    assert all(0.15 <= script.first_token_seconds <= 0.9 for script in scripts)
    speeds = [script.tokens_per_chunk / script.gap_seconds for script in scripts]
    assert min(speeds) == 30
    assert max(speeds) == 200
