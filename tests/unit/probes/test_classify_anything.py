"""Whatever comes in, a verdict comes out."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model.outcome import Fault, Outcome
from monitor.probes.classify import classify
from monitor.probes.exchange import Exchange, Read
from monitor.probes.reading import Reading
from monitor.probes.scrub import MAX_EXCERPT
from tests.unit.probes.answers import answer

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["error", "code", "message", "type", "details", "raw", "status", "x"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)
STATUSES = st.none() | st.sampled_from([200, 302, 400, 404, 429, 500, 503])
HEADERS = st.dictionaries(
    st.sampled_from(["content-type", "retry-after", "retry-after-ms", "date", "server"]),
    st.text(max_size=20),
    max_size=3,
)


@settings(deadline=None)
@given(STATUSES, HEADERS, st.binary(max_size=300))
def test_no_bytes_raise(status: int | None, headers: dict[str, str], data: bytes) -> None:
    seen = Exchange(status=status, headers=headers, reads=(Read(0, data),))

    verdict = classify(seen, None)

    assert len((verdict.message or "").encode()) <= MAX_EXCERPT
    assert len((verdict.provider_code or "").encode()) <= 80


@settings(deadline=None)
@given(STATUSES, JSON)
def test_no_json_raises(status: int | None, document: object) -> None:
    seen = Exchange(status=status, reads=(Read(0, json.dumps(document).encode()),))

    assert classify(seen, None).rule
    assert classify(answer(200), Reading(errors=(document,))).rule


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000,
        b"{" * 200_000,
        b'{"error":' * 50_000 + b"1",
        b'"' * 200_000,
        b"model " * 40_000,
        b"<title>" * 40_000,
        b"data: {}\n\n" * 30_000,
        json.dumps({"errors": [{"message": "your account " * 200}] * 2000}).encode(),
    ],
    ids=["lists", "braces", "nested", "quotes", "words", "titles", "events", "wide"],
)
def test_large_and_deep_bodies_are_judged(body: bytes) -> None:
    verdict = classify(Exchange(status=500, reads=(Read(0, body),)), None)

    assert verdict.fault is Fault.PROVIDER
    assert len((verdict.message or "").encode()) <= MAX_EXCERPT


def test_a_payload_that_holds_itself_is_judged() -> None:
    error: dict[str, object] = {"message": "the queue is full"}
    error["error"] = error

    assert classify(answer(200), Reading(errors=(error,))).outcome is Outcome.OVERLOADED
