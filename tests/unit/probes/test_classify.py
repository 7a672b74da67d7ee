"""An answer with status 2xx: good, or in which way not."""

import pytest

from monitor.model.outcome import Fault, Outcome, Phase
from monitor.probes.classify import classify
from monitor.probes.reading import Reading, Usage
from tests.unit.probes.answers import GOOD, answer


def test_a_good_answer_is_ok_and_tells_no_more() -> None:
    verdict = classify(answer(200, retry_after="3"), GOOD)

    assert (verdict.outcome, verdict.rule, verdict.phase) == (Outcome.OK, "completion-ok", None)
    assert (verdict.message, verdict.retry_after_seconds) == (None, None)
    assert verdict.openrouter_good is True


def test_words_of_the_answer_are_no_evidence() -> None:
    body = 'data: {"choices":[{"delta":{"content":"rate limit exceeded, we are overloaded"}}]}\n\n'
    reading = Reading(token_reads=GOOD.token_reads, first_answer_ns=1, events=1)

    assert classify(answer(200, body), GOOD).outcome is Outcome.OK
    assert classify(answer(200, body), reading).outcome is Outcome.TRUNCATED


def test_half_a_json_answer_is_malformed_whatever_its_words() -> None:
    body = '{"choices":[{"message":{"content":"the model is overloaded'

    verdict = classify(answer(200, body), Reading(malformed="no JSON"))

    assert (verdict.outcome, verdict.message) == (Outcome.MALFORMED, "no JSON")


def test_an_error_in_the_stream_is_judged_by_its_content_despite_done() -> None:
    error = {"error": {"code": 429, "message": "x", "metadata": {"error_type": "rate_limit"}}}
    reading = Reading(
        token_reads=GOOD.token_reads, is_terminal=True, finish_reason="error", errors=(error,)
    )

    verdict = classify(answer(200), reading)

    assert (verdict.outcome, verdict.phase) == (Outcome.RATE_LIMITED, Phase.STREAM)
    assert verdict.openrouter_good is False


def test_an_error_in_the_stream_that_says_nothing_is_the_providers() -> None:
    verdict = classify(answer(200), Reading(errors=({"error": "stream exploded"},)))

    assert (verdict.outcome, verdict.fault) == (Outcome.SERVER_ERROR, Fault.PROVIDER)
    assert verdict.rule == "stream-error"


def test_an_error_that_only_says_the_ceiling_was_reached_is_starvation() -> None:
    reading = Reading(
        token_reads=GOOD.token_reads,
        finish_reason="length",
        is_terminal=True,
        errors=({"error": {"code": 400, "message": "Token limit reached"}},),
    )

    assert classify(answer(200), reading).outcome is Outcome.STARVED


def test_an_error_finish_without_words_is_a_server_error() -> None:
    reading = Reading(finish_reason="error", is_terminal=True, events=1)

    verdict = classify(answer(200), reading)

    assert (verdict.outcome, verdict.rule) == (Outcome.SERVER_ERROR, "finish-server-error")


def test_a_filter_needs_no_look_at_the_body() -> None:
    reading = Reading(finish_reason="content_filter", is_terminal=True, events=2)

    verdict = classify(answer(200, '{"error":"overloaded"}'), reading)

    assert (verdict.outcome, verdict.message) == (Outcome.FILTERED, "content_filter")


def test_a_whole_json_answer_without_tokens_is_empty_not_truncated() -> None:
    body = {"choices": [{"finish_reason": None, "message": {"role": "assistant", "content": ""}}]}

    assert classify(answer(200, body), Reading(events=1)).outcome is Outcome.EMPTY


def test_a_page_with_status_200_is_malformed() -> None:
    page = "<html><head><title>Sign in to the network</title></head></html>"

    assert classify(answer(200, page, content_type="text/html"), None).outcome is Outcome.MALFORMED


def test_a_success_that_no_dialect_read_is_empty_or_malformed() -> None:
    assert classify(answer(200), None).outcome is Outcome.EMPTY
    assert classify(answer(200, "hello"), None).outcome is Outcome.MALFORMED


@pytest.mark.parametrize(
    "reading", [GOOD, Reading(finish_reason="length", usage=Usage(output_tokens=9))]
)
def test_an_answer_out_of_a_cache_is_misrouted(reading: Reading) -> None:
    verdict = classify(answer(200, x_openrouter_cache_status="HIT"), reading)

    assert (verdict.outcome, verdict.rule) == (Outcome.MISROUTED, "misrouted-cache")
    assert (verdict.fault, verdict.openrouter_good) == (Fault.REQUEST, None)
