"""What an answer says of why it failed, brought into the shape that rules are matched against."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitor.probes.body import decode
from monitor.probes.exchange import Exchange
from monitor.probes.rules.rule import NO_ANSWER, Form, Rule, fold, words_of
from monitor.probes.rules.table import KNOWN_CODES
from monitor.probes.unwrap import Findings, unwrap

#: Headers that carry a code of their own.
_CODE_HEADERS = ("x-amzn-errortype", "x-ms-error-code")
_CODE_PARTS = re.compile(r"[.:#/]+")
_MAX_HEADER = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What rules are matched against.

    Attributes:
        form: What the body looked like.
        named: Codes in the provider's spelling, outermost first.
        codes: The same codes folded, and the marks of headers.
        texts: The provider's words, white space collapsed; wrappers' words last.
        words: The codes that no rule knows, written as words.
        inner_status: The status that the body repeats, innermost; None if it repeats none.
        status: That, else the status of a failed answer; 0 if no answer came; None for a success.
        pauses: What the body says about when to come back.
    """

    form: Form
    named: tuple[str, ...] = ()
    codes: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    inner_status: int | None = None
    status: int | None = None
    pauses: tuple[object, ...] = ()

    @property
    def provider_code(self) -> str | None:
        """The first code with a name, else the number that the body repeats."""
        named = next((code for code in self.named if not code.isdigit()), None)
        number = None if self.inner_status is None else str(self.inner_status)
        return named or next(iter(self.named), number)


def evidence_of_answer(exchange: Exchange) -> Evidence:
    """Gather what headers and body of an answer say."""
    form, payloads = decode(
        exchange.body,
        exchange.headers.get("content-type", "").lower(),
        is_success=exchange.is_success_status,
    )
    outer = None if exchange.is_success_status else exchange.status or NO_ANSWER
    named, marks = _header_codes(exchange.headers)
    return _evidence(form, unwrap(payloads), outer, named=named, marks=marks)


def evidence_of_errors(errors: Iterable[object]) -> Evidence:
    """Gather what the error events of a stream say; the status of the answer says nothing."""
    return _evidence(Form.EVENTS, unwrap(errors), None)


def matches(rule: Rule, evidence: Evidence, names: frozenset[str]) -> bool:
    """Whether every condition of *rule* holds; *names* are those of the probed provider."""
    return (
        (not rule.codes or not rule.codes.isdisjoint(evidence.codes))
        and (not rule.statuses or evidence.status in rule.statuses)
        and (not rule.providers or not rule.providers.isdisjoint(names))
        and (rule.form is None or rule.form is evidence.form)
        and (not rule.phrases or telling_text(rule, evidence) is not None)
    )


def telling_text(rule: Rule, evidence: Evidence) -> str | None:
    """Give the first text in which one of the rule's phrases is found."""
    for text in (*evidence.texts, *evidence.words):
        for phrase in rule.phrases:
            if phrase.search(text):
                return text
    return None


def _evidence(
    form: Form,
    findings: Findings,
    outer: int | None,
    *,
    named: tuple[str, ...] = (),
    marks: frozenset[str] = frozenset(),
) -> Evidence:
    named = tuple(dict.fromkeys((*named, *findings.codes)))
    inner = findings.status
    return Evidence(
        form=form,
        named=named,
        codes=frozenset(part for code in named for part in _folded(code)) | marks,
        texts=tuple(" ".join(text.split()) for text in (*findings.texts, *findings.wrappers)),
        words=tuple(words_of(code) for code in named if fold(code) not in KNOWN_CODES),
        inner_status=inner,
        status=outer if inner is None else inner,
        pauses=tuple(findings.pauses),
    )


def _folded(code: str) -> set[str]:
    """Fold a code whole, and each part of a compound one (`Throttling.RateQuota`)."""
    return {fold(code), *(fold(part) for part in _CODE_PARTS.split(code))}


def _header_codes(headers: Mapping[str, str]) -> tuple[tuple[str, ...], frozenset[str]]:
    found = (headers.get(name, "")[:_MAX_HEADER].split(":")[0].strip() for name in _CODE_HEADERS)
    named = [code for code in found if code]
    if headers.get("x-clickhouse-exception-code", "").isdigit():
        named.append(f"clickhouse_{headers['x-clickhouse-exception-code'][:10]}")
    marks = set()
    if "cf-mitigated" in headers:
        marks.add(fold("cf_mitigated"))
    if headers.get("server", "").lower().startswith("cloudflare"):
        marks.add(fold("via_cloudflare"))
    return tuple(named), frozenset(marks)
