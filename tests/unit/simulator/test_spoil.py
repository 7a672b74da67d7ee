"""What each fault does to the plan of an answer."""

from itertools import islice

import pytest

from monitor.simulator.behaviour import seeded
from monitor.simulator.faults import PLAYED, FaultKind, Misbehaviour, misbehaviour
from monitor.simulator.plan import Channel, Ending, Finish, Part, Plan, plan_answer
from monitor.simulator.script import Script
from monitor.simulator.spoil import spoil

SCRIPT = Script(
    first_token_seconds=0.1,
    gap_seconds=0.02,
    tokens=4,
    reasoning_tokens=2,
    headers_seconds=0.01,
    comment_every_seconds=0.05,
)


def spoilt(kind: FaultKind, *, after_chunks: int | None = None, delay: float | None = None) -> Plan:
    plan = plan_answer(SCRIPT, limit=None, wants_usage=True, input_tokens=5, rng=seeded(0))
    fault = Misbehaviour(kind=kind, after_chunks=after_chunks, delay_seconds=delay)
    return spoil(plan, fault, gap_seconds=SCRIPT.gap_seconds)


def parts(plan: Plan) -> list[Part]:
    return [step.part for step in plan.steps]


def tokens(plan: Plan) -> int:
    return sum(step.tokens for step in plan.steps)


@pytest.mark.parametrize("kind", sorted(PLAYED))
def test_every_played_fault_keeps_the_instant_of_the_headers(kind: FaultKind) -> None:
    assert spoilt(kind).headers_ns == 10_000_000


def test_a_slow_first_token_moves_tokens_and_end_but_not_role_and_comments() -> None:
    plan = spoilt(FaultKind.SLOW_FIRST_TOKEN, delay=2.0)

    steps = list(plan.steps)
    assert [step.offset_ns for step in steps if step.part is Part.ROLE] == [10_000_000]
    assert [step.offset_ns for step in steps if step.part is Part.COMMENT] == [60_000_000]
    assert next(step.offset_ns for step in steps if step.tokens) == 2_100_000_000
    assert steps[-1].offset_ns == 2_200_000_000


@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        (FaultKind.STALL, Ending.HELD),
        (FaultKind.TRUNCATED, Ending.TRUNCATED),
        (FaultKind.RESET, Ending.RESET),
    ],
)
def test_what_is_cut_midway_has_half_its_tokens_and_no_terminal(
    kind: FaultKind, ending: Ending
) -> None:
    plan = spoilt(kind)

    assert plan.ending is ending
    assert parts(plan) == [Part.ROLE, Part.COMMENT, *[Part.TOKENS] * 3]


@pytest.mark.parametrize("after", [0, 1, 5])
def test_the_place_of_the_cut_can_be_told(after: int) -> None:
    assert tokens(spoilt(FaultKind.TRUNCATED, after_chunks=after)) == after


def test_an_error_inside_a_stream_is_followed_by_the_terminal() -> None:
    plan = spoilt(FaultKind.STREAM_ERROR)

    assert parts(plan)[-3:] == [Part.TOKENS, Part.ERROR, Part.DONE]
    assert plan.ending is Ending.COMPLETE


def test_an_error_can_be_all_that_a_stream_holds() -> None:
    script = Script(role_delta=False)
    plan = plan_answer(script, limit=None, wants_usage=False, input_tokens=5, rng=seeded(0))

    broken = spoil(plan, Misbehaviour(kind=FaultKind.STREAM_ERROR, after_chunks=0), gap_seconds=0.1)

    assert parts(broken) == [Part.ERROR, Part.DONE]


def test_an_empty_answer_is_complete_and_bills_nothing() -> None:
    steps = list(spoilt(FaultKind.EMPTY).steps)

    assert not any(step.tokens for step in steps)
    assert [step.finish for step in steps if step.finish] == [Finish.STOP]
    assert [step.usage.output_tokens for step in steps if step.usage] == [0]
    assert steps[-1].part is Part.DONE


def test_a_starved_answer_is_all_reasoning_and_finishes_by_length() -> None:
    steps = list(spoilt(FaultKind.STARVED).steps)

    assert {step.channel for step in steps if step.tokens} == {Channel.REASONING}
    assert [step.finish for step in steps if step.finish] == [Finish.LENGTH]
    assert [step.usage.reasoning_tokens for step in steps if step.usage] == [6]


def test_nothing_is_billed_in_a_stream_that_tells_no_usage() -> None:
    plan = plan_answer(SCRIPT, limit=None, wants_usage=False, input_tokens=5, rng=seeded(0))

    for kind in (FaultKind.EMPTY, FaultKind.STARVED):
        assert Part.USAGE not in parts(spoil(plan, misbehaviour(kind), gap_seconds=0.1))


def test_an_endless_answer_goes_on_at_its_pace_and_never_finishes() -> None:
    plan = spoilt(FaultKind.ENDLESS)

    steps = list(islice(plan.steps, 200))

    assert plan.endless
    assert {step.part for step in steps[2:]} == {Part.TOKENS}
    assert steps[-1].offset_ns - steps[-2].offset_ns == 20_000_000


@pytest.mark.parametrize("words", [0, 3])
def test_an_endless_answer_without_a_gap_still_leaves_the_loop_some_air(words: int) -> None:
    script = Script(first_token_seconds=0, gap_seconds=0, tokens=words)
    plan = plan_answer(script, limit=None, wants_usage=True, input_tokens=5, rng=seeded(0))

    endless = spoil(plan, misbehaviour(FaultKind.ENDLESS), gap_seconds=0)

    *_, before, last = islice(endless.steps, 50)
    assert last.offset_ns - before.offset_ns == 1_000_000


def test_a_fault_without_its_own_delay_takes_the_usual_one() -> None:
    assert misbehaviour(FaultKind.SLOW_FIRST_TOKEN).delay == 30.0
    assert misbehaviour(FaultKind.EMBLEM).delay == 0.0
    assert Misbehaviour(kind=FaultKind.EMBLEM, delay_seconds=0.2).delay == 0.2


def test_a_fault_has_no_negative_particulars() -> None:
    with pytest.raises(ValueError, match="negative"):
        Misbehaviour(kind=FaultKind.STALL, after_chunks=-1)
