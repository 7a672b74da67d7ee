"""What an answer says, in the shape that rules are matched against."""

import pytest

from monitor.model.outcome import Outcome
from monitor.probes.evidence import (
    Evidence,
    evidence_of_answer,
    evidence_of_errors,
    matches,
    telling_text,
)
from monitor.probes.exchange import Exchange, Read
from monitor.probes.rules.rule import NO_ANSWER, Form, Rule, codes, phrases

NOBODY = frozenset[str]()


def seen(status: int | None, body: str = "", **headers: str) -> Evidence:
    return evidence_of_answer(
        Exchange(
            status=status,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            reads=(Read(0, body.encode()),),
        )
    )


def rule(**given: object) -> Rule:
    settings: dict[str, object] = {"id": "r", "outcome": Outcome.OVERLOADED, "source": "s"}
    return Rule(**(settings | given))  # type: ignore[arg-type]


def test_the_status_inside_the_body_goes_before_the_outer_one() -> None:
    evidence = seen(404, '{"error":{"code":429}}')

    assert (evidence.inner_status, evidence.status) == (429, 429)


@pytest.mark.parametrize(("outer", "status"), [(503, 503), (None, NO_ANSWER), (200, None)])
def test_without_one_the_outer_status_counts_unless_it_claims_success(
    outer: int | None, status: int | None
) -> None:
    assert seen(outer, "{}").status == status


def test_codes_of_headers_come_first() -> None:
    evidence = seen(
        400, '{"code":"inner"}', x_amzn_errortype="ThrottlingException:http://x/", server="nginx"
    )

    assert evidence.named == ("ThrottlingException", "inner")
    assert evidence.provider_code == "ThrottlingException"


@pytest.mark.parametrize(
    ("headers", "mark"),
    [
        ({"server": "cloudflare"}, "via_cloudflare"),
        ({"cf_mitigated": "challenge"}, "cf_mitigated"),
        ({"x_clickhouse_exception_code": "202"}, "clickhouse_202"),
    ],
)
def test_headers_leave_marks(headers: dict[str, str], mark: str) -> None:
    assert codes(mark) <= seen(500, "x", **headers).codes


def test_the_edge_is_no_code_of_the_provider() -> None:
    assert seen(500, "some words", server="cloudflare").provider_code is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('{"error":{"code":"1302","type":"busy"}}', "busy"),
        ('{"error":{"code":"1302"}}', "1302"),
        ('{"error":{"code":429}}', "429"),
        ("{}", None),
    ],
)
def test_a_named_code_is_told_before_a_number(body: str, code: str | None) -> None:
    assert seen(400, body).provider_code == code


def test_a_compound_code_is_known_by_its_parts() -> None:
    evidence = seen(400, '{"code":"com.amazon#Sub.PartException"}')

    assert codes("com.amazon#Sub.PartException Sub PartException") <= evidence.codes


def test_only_codes_that_no_rule_knows_are_read_as_words() -> None:
    evidence = seen(400, '{"code":"ModelTpmLimitHit","type":"rate_limit_error"}')

    assert evidence.words == ("model tpm limit hit",)


def test_white_space_of_texts_is_collapsed() -> None:
    assert evidence_of_errors(["too \n\n many\twords"]).texts == ("too many words",)


def test_every_condition_of_a_rule_must_hold() -> None:
    evidence = seen(503, '{"error":{"code":"odd","message":"so busy"}}')
    full = rule(
        codes=codes("odd"),
        phrases=phrases("busy"),
        statuses=frozenset({503}),
        providers=frozenset({"acme"}),
        form=Form.JSON,
    )

    assert matches(full, evidence, frozenset({"acme"}))
    assert not matches(full, evidence, NOBODY)
    assert not matches(rule(codes=codes("even")), evidence, NOBODY)
    assert not matches(rule(phrases=phrases("idle")), evidence, NOBODY)
    assert not matches(rule(statuses=frozenset({500})), evidence, NOBODY)
    assert not matches(rule(codes=codes("odd"), form=Form.HTML), evidence, NOBODY)


@pytest.mark.parametrize("text", ["Too BUSY", "too busy.", "it is too busy now"])
def test_a_phrase_is_found_in_any_case_as_whole_words(text: str) -> None:
    assert telling_text(rule(phrases=phrases("too busy")), evidence_of_errors([text])) == text


@pytest.mark.parametrize("text", ["too busyness", "tattoo busy", "busy, too"])
def test_a_phrase_is_not_found_inside_words(text: str) -> None:
    assert telling_text(rule(phrases=phrases("too busy")), evidence_of_errors([text])) is None
