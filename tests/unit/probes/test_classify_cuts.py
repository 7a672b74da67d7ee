"""What cut an exchange, and what the status alone says."""

import pytest

from monitor.model.outcome import Fault, Outcome, Phase
from monitor.model.target import Deadlines
from monitor.probes.classify import classify
from monitor.probes.exchange import Cut, Exchange, Interruption, Read
from monitor.probes.reading import Reading
from monitor.probes.receiver import owned
from tests.unit.probes.answers import GOOD, answer, cut


@pytest.mark.parametrize("phase", [Phase.CONNECT, Phase.FIRST_TOKEN, Phase.STALL, Phase.TOTAL])
@pytest.mark.parametrize("status", [None, 200])
def test_a_deadline_is_a_timeout_in_its_phase(phase: Phase, status: int | None) -> None:
    verdict = classify(cut(Cut.DEADLINE, phase, status), Reading())

    assert (verdict.outcome, verdict.phase) == (Outcome.TIMEOUT, phase)
    assert verdict.rule == f"deadline-{phase.replace('_', '-')}"
    assert verdict.openrouter_good is False


@pytest.mark.parametrize(
    ("what", "phase"),
    [
        (Cut.DNS, Phase.DNS),
        (Cut.REFUSED, Phase.CONNECT),
        (Cut.CONNECT, Phase.CONNECT),
        (Cut.TLS, Phase.TLS),
        (Cut.RESET, Phase.SEND),
        (Cut.RESET, Phase.RESPONSE),
    ],
)
def test_no_answer_is_unreachable_in_its_phase(what: Cut, phase: Phase) -> None:
    verdict = classify(cut(what, phase, message="gaierror: no such name"), None)

    assert (verdict.outcome, verdict.phase) == (Outcome.UNREACHABLE, phase)
    assert (verdict.http_status, verdict.message) == (None, "gaierror: no such name")


def test_a_reset_before_the_answer_is_booked_on_the_response() -> None:
    assert classify(cut(Cut.RESET, Phase.FIRST_TOKEN), None).phase is Phase.RESPONSE


def test_bytes_that_are_no_http_are_malformed() -> None:
    verdict = classify(cut(Cut.PROTOCOL, Phase.RESPONSE), None)

    assert (verdict.outcome, verdict.rule) == (Outcome.MALFORMED, "cut-protocol")


@pytest.mark.parametrize("what", [Cut.RESET, Cut.PROTOCOL])
def test_a_stream_that_breaks_off_is_truncated(what: Cut) -> None:
    reading = Reading(token_reads=GOOD.token_reads, first_answer_ns=1, events=1)

    assert classify(cut(what, Phase.STREAM, 200), reading).outcome is Outcome.TRUNCATED


def test_a_stream_without_end_is_malformed() -> None:
    verdict = classify(cut(Cut.TOO_LARGE, Phase.STREAM, 200), Reading(events=9))

    assert (verdict.outcome, verdict.rule) == (Outcome.MALFORMED, "cut-too-large")


@pytest.mark.parametrize("status", [None, 200, 500])
@pytest.mark.parametrize(
    ("what", "rule"),
    [(Cut.SHUTDOWN, "prober-shutdown"), (Cut.SUPERSEDED, "prober-superseded")],
)
def test_what_we_cut_ourselves_is_inconclusive(what: Cut, rule: str, status: int | None) -> None:
    verdict = classify(cut(what, Phase.STALL, status), Reading())

    assert (verdict.outcome, verdict.rule) == (Outcome.INCONCLUSIVE, rule)
    assert (verdict.fault, verdict.openrouter_good) == (Fault.PROBER, None)


def test_an_error_that_arrived_before_the_cut_decides() -> None:
    broken = cut(Cut.RESET, Phase.STREAM, 200)

    verdict = classify(broken, Reading(errors=({"error": {"type": "insufficient_quota"}},)))

    assert verdict.outcome is Outcome.QUOTA_EXHAUSTED


def test_an_error_that_the_dialect_did_not_know_decides_before_the_cut() -> None:
    broken = Exchange(
        status=200,
        reads=(Read(0, b'data: {"object":"error","message":"the queue is full"}\n\n'),),
        interruption=Interruption(cut=Cut.DEADLINE, phase=Phase.TOTAL),
    )

    assert classify(broken, Reading(events=1)).outcome is Outcome.OVERLOADED


def test_a_refusal_whose_body_broke_off_is_judged_by_its_status() -> None:
    assert classify(cut(Cut.RESET, Phase.STREAM, 401), None).outcome is Outcome.UNAUTHORIZED


def test_a_complete_answer_is_complete_however_the_connection_ended() -> None:
    assert classify(cut(Cut.PROTOCOL, Phase.STREAM, 200), GOOD).outcome is Outcome.OK


@pytest.mark.parametrize("status", [None, 200, 429, 500])
@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("what", list(Cut))
def test_every_cut_in_every_phase_has_a_verdict(
    what: Cut, phase: Phase, status: int | None
) -> None:
    verdict = classify(cut(what, phase, status), Reading() if status == 200 else None)

    assert verdict.outcome not in (Outcome.OK, Outcome.UNCLASSIFIED)
    assert verdict.rule == verdict.rule.lower()


@pytest.mark.parametrize("status", range(100, 600))
def test_every_status_with_an_empty_body_has_a_sensible_verdict(status: int) -> None:
    verdict = classify(answer(status), Reading() if 200 <= status < 300 else None)

    expected = {
        1: {Fault.PROVIDER},
        2: {Fault.PROVIDER},
        3: {Fault.REQUEST},
        4: {Fault.REQUEST, Fault.ACCOUNT, Fault.PROVIDER},
        5: {Fault.PROVIDER, Fault.PROBER},
    }
    assert verdict.fault in expected[status // 100]
    assert verdict.http_status == status


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (204, Outcome.EMPTY),
        (302, Outcome.INVALID_REQUEST),
        (404, Outcome.UNCLASSIFIED),
        (418, Outcome.INVALID_REQUEST),
        (498, Outcome.UNCLASSIFIED),
        (511, Outcome.INCONCLUSIVE),
        (561, Outcome.UNCLASSIFIED),
    ],
)
def test_a_bare_status_says_no_more_than_it_says(status: int, outcome: Outcome) -> None:
    assert classify(answer(status), None).outcome is outcome


def test_an_unknown_server_status_is_the_providers() -> None:
    assert classify(answer(561), None).fault is Fault.PROVIDER
    assert classify(answer(404), None).fault is Fault.REQUEST


def test_an_exchange_without_any_trace_is_our_own_fault() -> None:
    verdict = classify(Exchange(), None)

    assert (verdict.outcome, verdict.rule) == (Outcome.INCONCLUSIVE, "prober-no-evidence")


@pytest.mark.parametrize("which", [Cut.TLS, Cut.RESET, Cut.CONNECT])
def test_a_peer_that_hung_up_while_our_loop_stood_still_was_kept_waiting(which: Cut) -> None:
    seen = Exchange(interruption=Interruption(cut=which, phase=Phase.TLS))

    stalled = owned(seen, Deadlines(), 1.0).interruption
    assert stalled is not None
    assert stalled.cut is Cut.STALLED
    assert owned(seen, Deadlines(), 0.1) is seen
    assert owned(seen, Deadlines(), None) is seen
