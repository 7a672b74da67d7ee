"""An exchange and what its dialect read of it, judged: a pure function that always answers.

Order of evidence: what cut the exchange, what the body says (codes, then sentences), and the
status last; see `rules.table`.
"""

from dataclasses import dataclass, replace

from monitor.model.outcome import Outcome, Phase, Verdict, fault_of
from monitor.model.target import Secret
from monitor.probes.completion import (
    EMPTY,
    Judgement,
    completion_judgement,
    finish_judgement,
    is_starved,
)
from monitor.probes.evidence import (
    Evidence,
    evidence_of_answer,
    evidence_of_errors,
    matches,
    telling_text,
)
from monitor.probes.exchange import Cut, Exchange, Interruption
from monitor.probes.misroute import misrouted
from monitor.probes.openrouter_policy import openrouter_verdict
from monitor.probes.pause import pause_seconds
from monitor.probes.reading import Reading
from monitor.probes.rules.rule import Form, Rule, provider_names
from monitor.probes.rules.table import candidates
from monitor.probes.scrub import scrub

_MAX_CODE = 80
_OURS = {
    Cut.SHUTDOWN: "prober-shutdown",
    Cut.STALLED: "prober-stalled",
    Cut.RESOURCES: "prober-resources",
    Cut.SUPERSEDED: "prober-superseded",
}
_GOOD = frozenset({Outcome.OK, Outcome.STARVED})
_UNREACHED = frozenset({Cut.DNS, Cut.REFUSED, Cut.CONNECT, Cut.TLS})
#: Sentences of gateways that only announce the provider's own.
_WRAPPERS = frozenset({"provider returned error", "error", "bad request"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    """A judgement with what a verdict tells about it."""

    judgement: Judgement
    phase: Phase | None = None
    message: str | None = None
    evidence: Evidence | None = None


def classify(
    exchange: Exchange,
    reading: Reading | None,
    *,
    provider: str | None = None,
    served_by: str | None = None,
    ever_worked: bool | None = None,
    secrets: tuple[Secret, ...] = (),
) -> Verdict:
    """Judge a run.

    Args:
        exchange: What was seen on the wire.
        reading: What the dialect made of a 2xx answer; None if there was none.
        provider: Who was probed; a few numbers mean different things at different providers.
        served_by: Who must have answered, where a gateway names it.
        ever_worked: Whether the target ever answered well; None if that is not known.
        secrets: Masked in the excerpt of the provider's words.
    """
    finding = _verified(_judge(exchange, reading, provider_names(provider)), reading, served_by)
    outcome, evidence = finding.judgement.outcome, finding.evidence
    code = evidence.provider_code if evidence else None
    is_failure = finding.phase is not None
    return Verdict(
        outcome=outcome,
        fault=fault_of(outcome, http_status=exchange.status, ever_worked=ever_worked),
        rule=finding.judgement.rule,
        phase=finding.phase,
        http_status=exchange.status,
        provider_code=scrub(code, secrets=secrets, limit=_MAX_CODE) or None if code else None,
        message=scrub(finding.message, secrets=secrets) or None if finding.message else None,
        retry_after_seconds=_pause(exchange, finding) if is_failure else None,
        openrouter_good=openrouter_verdict(outcome, exchange.status),
    )


def _pause(exchange: Exchange, finding: _Finding) -> float | None:
    is_rate_limited = finding.judgement.outcome is Outcome.RATE_LIMITED
    from_body = finding.evidence.pauses if finding.evidence else ()
    return pause_seconds(exchange.headers, from_body, is_rate_limited=is_rate_limited)


def _verified(finding: _Finding, reading: Reading | None, served_by: str | None) -> _Finding:
    """A good answer of somebody else says nothing of the one that was asked."""
    told = reading.served_by if reading else None
    is_other = told and served_by and told.casefold() != served_by.casefold()
    if finding.judgement.outcome not in _GOOD or not is_other:
        return finding
    judgement = Judgement(Outcome.MISROUTED, "misrouted-provider")
    return _Finding(judgement=judgement, phase=Phase.RESPONSE, message=f"answered by {told}")


def _judge(exchange: Exchange, reading: Reading | None, names: frozenset[str]) -> _Finding:
    interruption = exchange.interruption
    if interruption and interruption.cut in _OURS:
        judgement = Judgement(Outcome.INCONCLUSIVE, _OURS[interruption.cut])
        return _Finding(judgement=judgement, phase=interruption.phase)
    if exchange.is_success_status:
        return _judge_success(exchange, reading or _unread(exchange), names)
    if interruption and exchange.status is None:
        return _judge_cut(interruption, is_answered=False)
    return _judge_failure(exchange, names)


def _judge_failure(exchange: Exchange, names: frozenset[str]) -> _Finding:
    evidence = evidence_of_answer(exchange)
    if exchange.status is None and evidence.form is Form.EMPTY:
        return _Finding(judgement=Judgement(Outcome.INCONCLUSIVE, "prober-no-evidence"))
    rule = _first_match(evidence, names)
    return _Finding(
        judgement=_judgement(rule, Judgement(Outcome.UNCLASSIFIED, "unclassified")),
        phase=Phase.RESPONSE,
        message=_message(rule, evidence),
        evidence=evidence,
    )


def _judge_success(exchange: Exchange, reading: Reading, names: frozenset[str]) -> _Finding:
    if reading.errors:
        return _judge_errors(reading, names)
    if exchange.interruption and not reading.is_terminal:
        cut = exchange.interruption.cut
        is_answered = reading.events > 0 or cut is not Cut.PROTOCOL
        finding = _judge_cut(exchange.interruption, is_answered=is_answered)
        return _judge_body(exchange, names, finding, has_tokens=reading.has_tokens)
    judgement = finish_judgement(reading) or completion_judgement(reading)
    if judgement.outcome in _GOOD:
        rule = misrouted(exchange)
        if rule:
            return _Finding(judgement=Judgement(Outcome.MISROUTED, rule), phase=Phase.RESPONSE)
        return _Finding(judgement=judgement)
    words = reading.malformed or reading.finish_reason
    finding = _Finding(judgement=judgement, phase=Phase.STREAM, message=words)
    if judgement.outcome is Outcome.FILTERED:
        return finding
    return _judge_body(exchange, names, finding, has_tokens=reading.has_tokens)


def _judge_errors(reading: Reading, names: frozenset[str]) -> _Finding:
    """Judge an error inside the stream by its content; what came before or after proves nothing."""
    evidence = evidence_of_errors(reading.errors)
    rule = _first_match(evidence, names)
    judgement = _judgement(rule, Judgement(Outcome.SERVER_ERROR, "stream-error"))
    if judgement.outcome is Outcome.INVALID_REQUEST and is_starved(reading):
        return _Finding(judgement=Judgement(Outcome.STARVED, "completion-starved"))
    return _Finding(
        judgement=judgement,
        phase=Phase.STREAM,
        message=_message(rule, evidence),
        evidence=evidence,
    )


def _judge_body(
    exchange: Exchange, names: frozenset[str], otherwise: _Finding, *, has_tokens: bool
) -> _Finding:
    """A 2xx without a good answer: the body may say why in a way that the dialect does not know."""
    evidence = evidence_of_answer(exchange)
    rule = _first_match(evidence, names)
    if rule is None:
        is_whole = evidence.form is Form.JSON and not has_tokens
        is_cut = otherwise.judgement.rule == "completion-truncated" and is_whole
        return replace(otherwise, judgement=EMPTY) if is_cut else otherwise
    return _Finding(
        judgement=Judgement(rule.outcome, rule.id),
        phase=Phase.STREAM,
        message=_message(rule, evidence),
        evidence=evidence,
    )


def _judge_cut(interruption: Interruption, *, is_answered: bool) -> _Finding:
    cut, phase = interruption.cut, interruption.phase
    if cut is Cut.DEADLINE:
        judgement = Judgement(Outcome.TIMEOUT, f"deadline-{_dashed(phase)}")
    elif cut in _UNREACHED:
        judgement = Judgement(Outcome.UNREACHABLE, f"cut-{cut}")
    elif cut is Cut.TOO_LARGE or (cut is Cut.PROTOCOL and not is_answered):
        judgement = Judgement(Outcome.MALFORMED, f"cut-{_dashed(cut)}")
    elif is_answered:
        judgement = Judgement(Outcome.TRUNCATED, f"cut-{cut}")
    else:
        judgement = Judgement(Outcome.UNREACHABLE, f"cut-{cut}")
        phase = Phase.SEND if phase is Phase.SEND else Phase.RESPONSE
    return _Finding(judgement=judgement, phase=phase, message=interruption.message)


def _unread(exchange: Exchange) -> Reading:
    """Stand in for a dialect's reading of a 2xx body that no dialect saw."""
    return Reading(malformed="unread" if exchange.body.strip() else None)


def _first_match(evidence: Evidence, names: frozenset[str]) -> Rule | None:
    for rule in candidates(evidence.codes, evidence.status):
        if matches(rule, evidence, names):
            return rule
    return None


def _judgement(rule: Rule | None, otherwise: Judgement) -> Judgement:
    return Judgement(rule.outcome, rule.id) if rule else otherwise


def _message(rule: Rule | None, evidence: Evidence) -> str | None:
    """Choose the sentence that decided, else the first that is not a wrapper's."""
    telling = telling_text(rule, evidence) if rule else None
    if telling in evidence.texts and " " in telling:
        return telling
    own = (text for text in evidence.texts if text.lower() not in _WRAPPERS)
    return next(own, next(iter(evidence.texts), None))


def _dashed(name: str) -> str:
    return name.replace("_", "-")
