"""A run in words; whatever a provider said in it commands no terminal."""

from dataclasses import replace

import pytest

from monitor.app.once import Seen
from monitor.cli.explain import explain
from monitor.model.outcome import Outcome, Phase
from monitor.probes.exchange import Cut, Exchange, Instants, Interruption
from tests.factories import make_probe, make_result
from tests.hostile import COMMANDS, HOSTILE


def explained(
    words: str, outcome: Outcome = Outcome.OVERLOADED, *, first_byte_ns: int = 2
) -> list[str]:
    result = make_result(outcome, http_status=529, request_id=words, finish_reason=words)
    verdict = replace(result.verdict, message=words, provider_code=words, retry_after_seconds=7.0)
    exchange = Exchange(
        instants=Instants(sent_ns=1, first_byte_ns=first_byte_ns, headers_ns=3, end_ns=4),
        status=529,
        headers={"content-type": words},
        interruption=Interruption(cut=Cut.RESET, phase=Phase.STREAM, message=words),
    )
    seen = Seen(exchange=exchange, reading=None, result=replace(result, verdict=verdict))
    return [line.plain for line in explain(make_probe(), seen, 80)]


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_words_are_inert_wherever_they_stand(words: str) -> None:
    lines = explained(words)

    assert not COMMANDS.search("".join(lines))
    assert len(lines) == len(explained("Busy"))
    assert max(map(len, lines)) < 3000


def test_it_is_told_what_came_of_it_and_what_that_counts() -> None:
    lines = explained("Busy")

    assert "  outcome  overloaded   fault  provider   rule  test" in lines
    assert "  uptime   counts as bad" in lines
    assert "  message  Busy" in lines
    assert "  retry    after 7 s" in lines
    assert any("cut: reset in phase stream Busy" in line for line in lines)


def test_instants_stand_in_the_order_in_which_they_came() -> None:
    """The kernel stamps an answer; that the request has left is known a little later."""
    early, late = ("first byte of the answer", "last byte of the request sent")
    for first_byte_ns, order in ((0, [early, late]), (2, [late, early])):
        lines = explained("Busy", first_byte_ns=first_byte_ns)
        told = [words for line in lines for words in order if line.endswith(words)]
        assert told == order


def test_a_missing_model_is_said_to_count_only_where_it_worked() -> None:
    assert any("has never worked" in line for line in explained("x", Outcome.MODEL_UNAVAILABLE))
