"""The planned answer: how tokens are divided, when each step is due, that it repeats."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.simulator.behaviour import seeded
from monitor.simulator.plan import Channel, Ending, Finish, Part, Plan, Step, Usage, plan_answer
from monitor.simulator.script import Script

MS = 1_000_000

SCRIPTS = st.builds(
    Script,
    first_token_seconds=st.floats(0, 5),
    gap_seconds=st.floats(0, 0.5),
    tokens=st.integers(0, 60),
    tokens_per_chunk=st.integers(1, 7),
    reasoning_tokens=st.integers(0, 30),
    hidden_reasoning_tokens=st.integers(0, 30),
    role_delta=st.booleans(),
    jitter_ratio=st.floats(0, 0.9),
)


def planned(
    script: Script, *, limit: int | None = None, wants_usage: bool = True, seed: int = 0
) -> Plan:
    return plan_answer(
        script, limit=limit, wants_usage=wants_usage, input_tokens=10, rng=seeded(seed)
    )


def steps_of(script: Script, *parts: Part, limit: int | None = None) -> list[Step]:
    return [step for step in planned(script, limit=limit).steps if step.part in parts]


def usage_of(script: Script, limit: int | None = None) -> Usage:
    (step,) = steps_of(script, Part.USAGE, limit=limit)
    assert step.usage
    return step.usage


def test_tokens_come_at_the_first_instant_and_then_at_each_gap() -> None:
    script = Script(first_token_seconds=0.1, gap_seconds=0.02, tokens=4)

    dues = [step.offset_ns for step in steps_of(script, Part.TOKENS)]

    assert dues == [100 * MS, 120 * MS, 140 * MS, 160 * MS]


def test_the_role_comes_with_the_headers_and_the_end_after_the_last_token() -> None:
    script = Script(
        first_token_seconds=0.1,
        gap_seconds=0.02,
        tokens=2,
        headers_seconds=0.03,
        trailing_seconds=0.5,
    )

    plan = planned(script)

    assert plan.headers_ns == 30 * MS
    assert plan.ending is Ending.COMPLETE
    assert [(step.part, step.offset_ns) for step in plan.steps] == [
        (Part.ROLE, 30 * MS),
        (Part.TOKENS, 100 * MS),
        (Part.TOKENS, 120 * MS),
        (Part.FINISH, 620 * MS),
        (Part.USAGE, 620 * MS),
        (Part.DONE, 620 * MS),
    ]


def test_without_a_role_delta_the_first_token_alone_brings_the_role() -> None:
    plan = planned(Script(tokens=3, role_delta=False))

    assert [step.opens for step in plan.steps if step.tokens] == [True, False, False]
    assert Part.ROLE not in {step.part for step in plan.steps}


def test_comments_fill_the_time_before_the_first_token_only() -> None:
    script = Script(first_token_seconds=0.1, comment_every_seconds=0.03, headers_seconds=0.02)

    dues = [step.offset_ns for step in steps_of(script, Part.COMMENT)]

    assert dues == [50 * MS, 80 * MS]


@pytest.mark.parametrize(
    ("limit", "reasoning", "text", "finish"),
    [
        pytest.param(None, 6, 8, Finish.STOP, id="without a ceiling all is said"),
        pytest.param(18, 6, 8, Finish.STOP, id="a ceiling that suffices"),
        pytest.param(17, 6, 7, Finish.LENGTH, id="one token short"),
        pytest.param(10, 6, 0, Finish.LENGTH, id="spent on reasoning"),
        pytest.param(3, 0, 0, Finish.LENGTH, id="spent on hidden reasoning"),
    ],
)
def test_a_ceiling_is_spent_on_reasoning_before_text(
    limit: int | None, reasoning: int, text: int, finish: Finish
) -> None:
    script = Script(tokens=8, reasoning_tokens=6, hidden_reasoning_tokens=4)

    steps = list(planned(script, limit=limit).steps)

    said = {
        channel: sum(step.tokens for step in steps if step.channel is channel)
        for channel in Channel
    }
    assert said == {Channel.REASONING: reasoning, Channel.TEXT: text}
    assert [step.finish for step in steps if step.finish] == [finish]


def test_usage_counts_hidden_reasoning_as_output_and_as_reasoning() -> None:
    script = Script(tokens=8, reasoning_tokens=6, hidden_reasoning_tokens=4, cached_tokens=99)

    assert usage_of(script) == Usage(
        input_tokens=10, output_tokens=18, reasoning_tokens=10, cached_tokens=10
    )


@pytest.mark.parametrize(
    ("script", "wants_usage"),
    [
        pytest.param(Script(), False, id="nobody asked"),
        pytest.param(Script(sends_usage=False), True, id="the server does not know it"),
    ],
)
def test_usage_stays_away(script: Script, wants_usage: bool) -> None:
    steps = planned(script, wants_usage=wants_usage).steps

    assert Part.USAGE not in {step.part for step in steps}


@given(script=SCRIPTS, limit=st.none() | st.integers(1, 100))
def test_no_token_is_lost_nor_any_step_before_its_predecessor(
    script: Script, limit: int | None
) -> None:
    steps = list(planned(script, limit=limit).steps)

    streamed = sum(step.tokens for step in steps)
    usage = next(step.usage for step in steps if step.usage)
    hidden = usage.output_tokens - streamed
    assert 0 <= hidden <= script.hidden_reasoning_tokens
    assert usage.output_tokens <= (limit or usage.output_tokens)
    assert all(step.tokens == len(step.text.split()) for step in steps)
    assert all(a.offset_ns <= b.offset_ns for a, b in pairwise(steps) if b.part is not Part.ROLE)


@given(script=SCRIPTS, seed=st.integers(0, 5))
def test_the_same_seed_gives_the_same_plan(script: Script, seed: int) -> None:
    assert planned(script, seed=seed) == planned(script, seed=seed)


def test_jitter_moves_the_steps_within_its_share_and_differs_by_seed() -> None:
    script = Script(first_token_seconds=1.0, gap_seconds=0.0, tokens=1, jitter_ratio=0.2)

    firsts = {
        step.offset_ns / 1e9
        for seed in range(50)
        for step in planned(script, seed=seed).steps
        if step.tokens
    }

    assert len(firsts) == 50
    assert all(0.8 <= first <= 1.2 for first in firsts)


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"gap_seconds": -0.1}, id="a negative time"),
        pytest.param({"tokens": -1}, id="a negative count"),
        pytest.param({"tokens_per_chunk": 0}, id="an empty chunk"),
        pytest.param({"comment_every_seconds": 0}, id="comments without a pause"),
        pytest.param({"jitter_ratio": 1.5}, id="jitter beyond the whole"),
    ],
)
def test_a_script_that_cannot_be_played_is_refused(settings: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"script|chunk|comments|jitter"):
        Script(**settings)  # type: ignore[arg-type]
