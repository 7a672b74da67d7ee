"""The rules by which a target misbehaves over time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.simulator.behaviour import (
    Always,
    Behaviour,
    During,
    EveryNth,
    Rule,
    WithProbability,
)
from monitor.simulator.faults import FaultKind, Misbehaviour


def faults(behaviour: Behaviour, requests: int, *, seed: int = 0) -> str:
    """Draw a run of requests, one a second: the first letter of each fault, a dot for none."""
    found = (
        behaviour.fault_for(number, float(number), names=(seed, "p", "m", number))
        for number in range(1, requests + 1)
    )
    return "".join(fault.kind[0] if fault else "." for fault in found)


@pytest.mark.parametrize(
    ("rules", "drawn"),
    [
        pytest.param((), "........", id="no rule, no fault"),
        pytest.param((Rule(FaultKind.EMBLEM),), "eeeeeeee", id="always"),
        pytest.param((Rule(FaultKind.STALL, EveryNth(3)),), "..s..s..", id="every third"),
        pytest.param(
            (Rule(FaultKind.QUOTA, During(from_seconds=2, to_seconds=4)),),
            ".qq.....",
            id="once, its end excluded",
        ),
        pytest.param(
            (Rule(FaultKind.QUOTA, During(from_seconds=1, to_seconds=2, period_seconds=3)),),
            "q..q..q.",
            id="in each period",
        ),
        pytest.param(
            (Rule(FaultKind.STALL, EveryNth(4)), Rule(FaultKind.QUOTA, EveryNth(2))),
            ".q.s.q.s",
            id="the first rule that fits decides",
        ),
        pytest.param(
            (Rule(FaultKind.REFUSED, During(from_seconds=0, to_seconds=99)),),
            "........",
            id="a refusal concerns no single request",
        ),
        pytest.param(
            (Rule(FaultKind.EMPTY, WithProbability(probability=1)),), "eeeeeeee", id="certainty"
        ),
    ],
)
def test_a_run_of_requests_meets_the_faults_of_its_rules(
    rules: tuple[Rule, ...], drawn: str
) -> None:
    assert faults(Behaviour(rules=rules), 8) == drawn


def test_chance_repeats_with_its_seed_and_keeps_its_share() -> None:
    behaviour = Behaviour(rules=(Rule(FaultKind.STALL, WithProbability(probability=0.3)),))

    first = faults(behaviour, 1000, seed=1)

    assert faults(behaviour, 1000, seed=1) == first
    assert faults(behaviour, 1000, seed=2) != first
    assert 250 < first.count("s") < 350


def test_the_chances_of_two_rules_are_independent() -> None:
    rule = WithProbability(probability=0.5)
    behaviour = Behaviour(rules=(Rule(FaultKind.STALL, rule), Rule(FaultKind.QUOTA, rule)))

    drawn = faults(behaviour, 1000)

    assert 180 < drawn.count("q") < 320


def test_a_rule_can_carry_the_particulars_of_its_fault() -> None:
    late = Misbehaviour(kind=FaultKind.SLOW_FIRST_TOKEN, delay_seconds=1.5)

    fault = Behaviour(rules=(Rule(late, Always()),)).fault_for(1, 0.0, names=())

    assert fault == late


@given(
    start=st.integers(0, 50),
    length=st.integers(1, 50),
    spare=st.none() | st.integers(0, 50),
    at=st.integers(0, 500),
)
def test_a_span_changes_exactly_when_it_says(
    start: int, length: int, spare: int | None, at: int
) -> None:
    period = None if spare is None else start + length + spare
    span = During(from_seconds=start, to_seconds=start + length, period_seconds=period)

    change = span.change_in(at)

    if change is None:
        assert not span.holds(at)
        assert period is None
        return
    assert all(span.holds(at + k) == span.holds(at) for k in range(int(change)))
    # A span that fills its whole period begins again where it ends.
    assert span.holds(at + change) != span.holds(at) or length == period or not spare


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(lambda: EveryNth(0), id="every 0th"),
        pytest.param(lambda: WithProbability(probability=1.1), id="more than certain"),
        pytest.param(lambda: During(from_seconds=3, to_seconds=3), id="an empty span"),
        pytest.param(
            lambda: During(from_seconds=3, to_seconds=9, period_seconds=8), id="a short period"
        ),
        pytest.param(lambda: Rule(FaultKind.REFUSED, EveryNth(2)), id="refused by number"),
        pytest.param(lambda: Rule(FaultKind.REFUSED), id="refused always"),
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused(broken: type) -> None:
    with pytest.raises(ValueError, match=r"."):
        broken()
