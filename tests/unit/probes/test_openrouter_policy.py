"""OpenRouter's documented uptime rule."""

import pytest

from monitor.model.outcome import Outcome
from monitor.probes.openrouter_policy import openrouter_verdict


@pytest.mark.parametrize("status", [401, 402, 404, 500, 502, 503, 524, 529])
def test_these_statuses_count_as_bad(status: int) -> None:
    assert openrouter_verdict(Outcome.UNCLASSIFIED, status) is False


@pytest.mark.parametrize("status", [301, 400, 403, 408, 413, 422, 429])
def test_these_statuses_are_left_out(status: int) -> None:
    assert openrouter_verdict(Outcome.UNCLASSIFIED, status) is None


@pytest.mark.parametrize("outcome", [Outcome.OK, Outcome.STARVED])
def test_an_answer_is_good(outcome: Outcome) -> None:
    assert openrouter_verdict(outcome, 200) is True


@pytest.mark.parametrize(
    "outcome", [Outcome.SERVER_ERROR, Outcome.RATE_LIMITED, Outcome.TRUNCATED, Outcome.EMPTY]
)
def test_errors_in_the_middle_of_a_stream_are_bad(outcome: Outcome) -> None:
    assert openrouter_verdict(outcome, 200) is False


@pytest.mark.parametrize("outcome", [Outcome.TIMEOUT, Outcome.UNREACHABLE, Outcome.MALFORMED])
def test_no_answer_is_bad(outcome: Outcome) -> None:
    assert openrouter_verdict(outcome, None) is False


@pytest.mark.parametrize(
    "outcome", [Outcome.INCONCLUSIVE, Outcome.MISSED, Outcome.MISROUTED, Outcome.FILTERED]
)
@pytest.mark.parametrize("status", [None, 200, 404, 500])
def test_what_says_nothing_of_the_provider_is_left_out(
    outcome: Outcome, status: int | None
) -> None:
    assert openrouter_verdict(outcome, status) is None
