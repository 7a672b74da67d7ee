"""What a verdict tells, and the error that began it all."""

import json

import pytest

from monitor.model.outcome import Fault, Outcome, Phase
from monitor.model.target import Secret
from monitor.probes.classify import classify
from monitor.probes.reading import Reading
from tests.unit.probes.answers import answer

#: A page of a status chart answered so: its store was full, and a wrapper called it 404.
EMBLEM = {
    "error": {
        "message": "Too many simultaneous queries. Maximum: 1000. ",
        "code": 404,
        "metadata": {
            "status": None,
            "location": "getEndpointsMedianLatencyGroupedByDate:query",
            "message": "Too many simultaneous queries. Maximum: 1000. ",
            "stack": "Error: Too many simultaneous queries. \n at (vc/edge/function:164:51483)",
        },
    }
}


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503, 529])
def test_too_many_simultaneous_queries_is_overload_under_any_status(status: int) -> None:
    verdict = classify(answer(status, EMBLEM), None, provider="openrouter")

    assert verdict.outcome is Outcome.OVERLOADED
    assert verdict.fault is Fault.PROVIDER
    assert verdict.message == "Too many simultaneous queries. Maximum: 1000."


@pytest.mark.parametrize(
    "error",
    [
        EMBLEM,
        {"error": "Too many simultaneous queries. Maximum: 1000."},
        {"type": "error", "error": {"type": "not_found_error", "message": json.dumps(EMBLEM)}},
        [{"error": {"code": 404, "status": "NOT_FOUND", "message": EMBLEM["error"]["message"]}}],
        {"object": "error", "code": "rate_limited", "message": EMBLEM["error"]["message"]},
        {"detail": {"error": {"metadata": {"raw": json.dumps(EMBLEM)}}}},
    ],
    ids=["as-seen", "string", "anthropic", "google-list", "mistral", "raw"],
)
def test_it_is_overload_inside_a_stream_in_any_wrapping(error: object) -> None:
    reading = Reading(errors=(error,), is_terminal=True, events=2)

    verdict = classify(answer(200), reading)

    assert (verdict.outcome, verdict.fault) == (Outcome.OVERLOADED, Fault.PROVIDER)
    assert verdict.phase is Phase.STREAM


def test_it_is_overload_in_a_200_body_that_no_dialect_knows() -> None:
    body = "Code: 202. DB::Exception: Too many simultaneous queries. Maximum: 100."

    assert classify(answer(200, body), None).outcome is Outcome.OVERLOADED


def test_a_missing_model_is_ours_only_if_it_never_worked() -> None:
    missing = answer(404, {"error": {"code": "model_not_found"}})

    assert classify(missing, None).fault is Fault.PROVIDER
    assert classify(missing, None, ever_worked=True).fault is Fault.PROVIDER
    assert classify(missing, None, ever_worked=False).fault is Fault.ACCOUNT


def test_the_excerpt_holds_no_secret() -> None:
    body = {
        "error": {"code": "x-plantedkey", "message": "The key plantedkey of a@b.example is bad"}
    }

    verdict = classify(answer(401, body), None, secrets=(Secret("Bearer plantedkey"),))

    assert verdict.message == "The key *** of *** is bad"
    assert verdict.provider_code == "***"


def test_the_excerpt_is_the_providers_own_sentence_not_the_wrappers() -> None:
    raw = json.dumps({"error": {"message": "Nothing is well", "code": "odd_code"}})
    body = {"error": {"message": "Provider returned error", "code": 500, "metadata": {"raw": raw}}}

    verdict = classify(answer(500, body), None)

    assert (verdict.message, verdict.provider_code) == ("Nothing is well", "odd_code")


def test_a_wrappers_sentence_is_better_than_none() -> None:
    body = {"error": {"message": "Provider returned error", "code": 500}}

    verdict = classify(answer(500, body), None)

    assert (verdict.message, verdict.provider_code) == ("Provider returned error", "500")


def test_the_pause_comes_from_headers_or_body() -> None:
    body = {"error": {"details": [{"retryDelay": "40s"}]}}

    assert classify(answer(429, body), None).retry_after_seconds == 40.0
    assert classify(answer(429, body, retry_after="7"), None).retry_after_seconds == 7.0
