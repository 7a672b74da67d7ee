"""Every rule decides at least one example, and each example is decided by its own rule."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from monitor.model.outcome import Outcome
from monitor.probes.classify import classify
from monitor.probes.evidence import evidence_of_answer, matches
from monitor.probes.exchange import Exchange, Read
from monitor.probes.reading import Reading
from monitor.probes.rules.rule import Form, Rule, fold, provider_names
from monitor.probes.rules.table import KNOWN_CODES, RULES, candidates

_FILE = Path(__file__).with_name("examples.jsonl")
#: Answers in the shapes that the providers document, with the rule that must decide each.
EXAMPLES: list[dict[str, Any]] = [
    json.loads(line) for line in _FILE.read_text("utf-8").splitlines()
]
BY_ID = {rule.id: rule for rule in RULES}


def exchange_of(example: Mapping[str, Any]) -> Exchange:
    body = example["body"]
    data = (body if isinstance(body, str) else json.dumps(body)).encode()
    return Exchange(
        status=example["status"],
        headers=example.get("headers", {}),
        reads=(Read(0, data),) if data else (),
    )


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda row: f"{row['rule']}-{row.get('provider', 'any')}"
)
def test_an_example_is_decided_by_its_rule(example: dict[str, Any]) -> None:
    reading = Reading(malformed="strange", events=1) if example["status"] == 200 else None

    verdict = classify(exchange_of(example), reading, provider=example.get("provider"))

    assert (verdict.rule, verdict.outcome) == (example["rule"], BY_ID[example["rule"]].outcome)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda row: row["rule"])
def test_the_index_leaves_out_no_rule_that_matches(example: dict[str, Any]) -> None:
    evidence = evidence_of_answer(exchange_of(example))
    names = provider_names(example.get("provider"))
    matching = [rule for rule in RULES if matches(rule, evidence, names)]
    offered = dict.fromkeys(rule.id for rule in candidates(evidence.codes, evidence.status))

    assert matching
    assert [rule.id for rule in matching] == [
        rule.id for rule in RULES if rule.id in offered and matches(rule, evidence, names)
    ]
    assert list(offered) == [rule.id for rule in RULES if rule.id in offered]


def test_every_rule_has_an_example() -> None:
    assert set(BY_ID) == {example["rule"] for example in EXAMPLES}


def test_the_ids_of_rules_are_unique() -> None:
    assert len(BY_ID) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_has_a_source_and_a_condition(rule: Rule) -> None:
    assert rule.source
    assert rule.codes or rule.phrases or rule.statuses
    assert fold("") not in rule.codes


def test_no_rule_books_a_success() -> None:
    assert not {Outcome.OK, Outcome.STARVED, Outcome.MISSED} & {rule.outcome for rule in RULES}


def test_a_code_of_one_provider_is_no_code_of_another() -> None:
    example = {"status": 400, "body": {"error": {"code": "1302", "message": "(none)"}}}

    assert classify(exchange_of(example), None, provider="zhipu").outcome is Outcome.RATE_LIMITED
    assert classify(exchange_of(example), None, provider="acme").outcome is Outcome.INVALID_REQUEST


@pytest.mark.parametrize(
    ("configured", "name"),
    [("zai", "zai"), ("z-ai", "zai"), ("Google Vertex", "vertex"), ("together_ai", "together")],
)
def test_a_provider_is_known_by_each_part_of_its_name(configured: str, name: str) -> None:
    assert name in provider_names(configured)


def test_no_provider_has_no_name() -> None:
    assert provider_names(None) == {""}


def test_only_pages_have_rules_of_their_own_form() -> None:
    assert {rule.form for rule in RULES} == {None, Form.HTML}


def test_the_known_codes_are_folded() -> None:
    assert fold("RateLimitError") in KNOWN_CODES
    assert all(code == code.lower() for code in KNOWN_CODES)
