"""What a 2xx answer came to."""

import pytest

from monitor.model.outcome import Outcome
from monitor.probes.completion import completion_judgement, finish_judgement
from monitor.probes.reading import Reading, TokenRead, Usage

TOKENS = (TokenRead(at_ns=1, characters=3),)


def reading(**given: object) -> Reading:
    settings: dict[str, object] = {"is_terminal": True, "events": 2, "finish_reason": "stop"}
    return Reading(**(settings | given))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        (reading(token_reads=TOKENS, first_answer_ns=1), Outcome.OK),
        (reading(token_reads=TOKENS, first_answer_ns=1, finish_reason="length"), Outcome.OK),
        (reading(token_reads=TOKENS), Outcome.OK),
        (reading(token_reads=TOKENS, finish_reason=None), Outcome.OK),
        (reading(token_reads=TOKENS, finish_reason="MAX_TOKENS"), Outcome.STARVED),
        (reading(token_reads=TOKENS, first_answer_ns=1, is_terminal=False), Outcome.TRUNCATED),
        (reading(token_reads=TOKENS, malformed="x"), Outcome.MALFORMED),
        (reading(token_reads=TOKENS, malformed="x", is_terminal=False), Outcome.TRUNCATED),
        (reading(malformed="x"), Outcome.MALFORMED),
        (reading(), Outcome.EMPTY),
        (reading(is_terminal=False, events=0), Outcome.EMPTY),
        (reading(is_terminal=False), Outcome.TRUNCATED),
        (reading(finish_reason="length"), Outcome.EMPTY),
    ],
    ids=[
        "answer",
        "answer-to-the-ceiling",
        "reasoning-and-stop",
        "done-without-finish-reason",
        "reasoning-to-the-ceiling",
        "no-terminal-event",
        "tokens-and-garbage",
        "tokens-and-half-an-event",
        "garbage",
        "nothing-generated",
        "nothing-at-all",
        "events-but-no-end",
        "ceiling-without-tokens",
    ],
)
def test_tokens_and_the_terminal_event_decide(seen: Reading, outcome: Outcome) -> None:
    assert completion_judgement(seen).outcome is outcome


@pytest.mark.parametrize(
    ("usage", "outcome"),
    [
        (Usage(output_tokens=16, reasoning_tokens=16), Outcome.STARVED),
        (Usage(output_tokens=16, reasoning_tokens=15), Outcome.STARVED),
        (Usage(output_tokens=1, reasoning_tokens=290), Outcome.STARVED),
        (Usage(reasoning_tokens=16), Outcome.STARVED),
        (Usage(output_tokens=16), Outcome.STARVED),
        (Usage(output_tokens=16, reasoning_tokens=3), Outcome.EMPTY),
        (Usage(output_tokens=0, reasoning_tokens=0), Outcome.EMPTY),
        (Usage(output_tokens=0), Outcome.EMPTY),
        (None, Outcome.EMPTY),
    ],
    ids=["all", "nearly-all", "beside", "only", "unsaid", "part", "none", "zero", "unknown"],
)
def test_hidden_reasoning_to_the_ceiling_is_starvation(
    usage: Usage | None, outcome: Outcome
) -> None:
    seen = reading(finish_reason="max_output_tokens", usage=usage)

    assert completion_judgement(seen).outcome is outcome


@pytest.mark.parametrize(
    "finish",
    [
        *("content_filter", "SAFETY", "refusal", "RECITATION", "guardrail_intervened"),
        *("MODEL_ARMOR", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "LANGUAGE"),
    ],
)
def test_a_filter_is_told_by_its_finish_reason(finish: str) -> None:
    judgement = finish_judgement(reading(finish_reason=finish, token_reads=TOKENS))

    assert judgement is not None
    assert judgement.outcome is Outcome.FILTERED


@pytest.mark.parametrize("finish", ["OTHER", "IMAGE_OTHER", "MALFORMED_RESPONSE", "stop"])
def test_a_finish_that_names_no_reason_decides_nothing(finish: str) -> None:
    assert finish_judgement(reading(finish_reason=finish)) is None


@pytest.mark.parametrize(
    ("finish", "outcome", "rule"),
    [
        ("error", Outcome.SERVER_ERROR, "finish-server-error"),
        ("abort", Outcome.SERVER_ERROR, "finish-server-error"),
        ("TIMEOUT", Outcome.TIMEOUT, "finish-timeout"),
        ("insufficient_system_resource", Outcome.OVERLOADED, "finish-overloaded"),
    ],
)
def test_an_error_is_told_by_its_finish_reason(finish: str, outcome: Outcome, rule: str) -> None:
    judgement = finish_judgement(reading(finish_reason=finish))

    assert judgement is not None
    assert (judgement.outcome, judgement.rule) == (outcome, rule)


@pytest.mark.parametrize("finish", [None, "stop", "length", "tool_calls", "end_turn", "OTHER"])
def test_other_finish_reasons_decide_nothing_alone(finish: str | None) -> None:
    assert finish_judgement(reading(finish_reason=finish)) is None
