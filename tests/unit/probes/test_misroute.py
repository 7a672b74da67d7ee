"""Answers that come from somewhere else than asked."""

import json

import pytest

from monitor.model.outcome import Outcome
from monitor.probes.classify import classify
from monitor.probes.exchange import Exchange, Read
from monitor.probes.misroute import misrouted
from monitor.probes.reading import Reading, TokenRead


def described(metadata: object, *, as_event: bool = False) -> Exchange:
    answer = json.dumps({"choices": [], "openrouter_metadata": metadata}).encode()
    body = b"data: {}\n\ndata: " + answer + b"\n\ndata: [DONE]\n\n" if as_event else answer
    return Exchange(status=200, reads=(Read(0, body),))


@pytest.mark.parametrize(
    "header", ["x-openrouter-cache-status", "cf-aig-cache-status", "helicone-cache"]
)
def test_a_cache_tells_so_in_a_header(header: str) -> None:
    assert misrouted(Exchange(status=200, headers={header: "HIT"})) == "misrouted-cache"
    assert misrouted(Exchange(status=200, headers={header: "MISS"})) is None


@pytest.mark.parametrize("as_event", [False, True])
@pytest.mark.parametrize(
    ("metadata", "rule"),
    [
        ({"strategy": "direct", "attempt": 1}, None),
        ({"strategy": "direct", "attempts": [{"provider": "A"}]}, None),
        ({"strategy": "fallback", "attempt": 1}, "misrouted-fallback"),
        ({"strategy": "direct", "attempt": 2}, "misrouted-attempt"),
        ({"attempts": [{"provider": "A"}, {"provider": "B"}]}, "misrouted-attempt"),
        (None, None),
    ],
)
def test_a_gateway_describes_its_routing(
    metadata: object, rule: str | None, *, as_event: bool
) -> None:
    assert misrouted(described(metadata, as_event=as_event)) == rule


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'data: {"openrouter_metadata": {"attempt": 2',
        b'["openrouter_metadata"]',
        b'{"openrouter_metadata": ' + b" " * (1 << 19) + b"{}}",
    ],
    ids=["empty", "cut", "list", "too-long"],
)
def test_what_cannot_be_read_is_not_misrouted(body: bytes) -> None:
    assert misrouted(Exchange(status=200, reads=(Read(0, body),))) is None


@pytest.mark.parametrize(
    ("told", "asked", "outcome"),
    [
        pytest.param("Acme", "acme", Outcome.OK, id="the one that was asked"),
        pytest.param("Bolt", "Acme", Outcome.MISROUTED, id="somebody else"),
        pytest.param(None, "Acme", Outcome.OK, id="the gateway does not say"),
        pytest.param("Bolt", None, Outcome.OK, id="nobody in particular was asked"),
    ],
)
def test_an_answer_of_somebody_else_is_misrouted(
    told: str | None, asked: str | None, outcome: Outcome
) -> None:
    reading = Reading(
        token_reads=(TokenRead(at_ns=1, characters=3),),
        first_answer_ns=1,
        finish_reason="stop",
        is_terminal=True,
        events=2,
        served_by=told,
    )

    verdict = classify(Exchange(status=200), reading, served_by=asked)

    assert verdict.outcome is outcome
    assert verdict.is_valid is (outcome is Outcome.OK)
