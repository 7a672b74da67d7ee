"""The rules do what they say: `promtool` runs each file of cases, and each alert has both kinds."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.grafana.shipped import CASES, REPOSITORY, RULES, alerts, promtool, read, rules

pytestmark = pytest.mark.timeout(600)

SEVERITIES = {"page", "ticket", "info"}
#: Prometheus makes this one itself.
_FOREIGN = {"up"}
_NAME = re.compile(r"\b(up|llmprobe_\w+|llmprobe:\w+:\w+)\b(?!\s*\()")


def run(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


@cache
def all_cases() -> list[dict[str, Any]]:
    return [test for path in CASES for test in read(path)["tests"]]


def cases_of(alert: str, *, fires: bool) -> Iterator[str]:
    """Name the cases in which an alert fires, or does not."""
    for test in all_cases():
        for case in test.get("alert_rule_test", ()):
            if case["alertname"] == alert and bool(case["exp_alerts"]) is fires:
                yield test["name"]


def texts(alert: str) -> dict[str, str]:
    found: dict[str, str] = alerts()[alert]["annotations"]
    return found


def expressions() -> Iterator[str]:
    """Everything that asks Prometheus, also from within what an alert says."""
    for rule in rules():
        yield rule["expr"]
        yield from re.findall(
            r'printf "(.*?)" \$labels', rule.get("annotations", {}).get("cause", "")
        )


def test_the_rules_are_valid_and_none_is_there_twice() -> None:
    run(promtool(), "check", "rules", "--lint=all", "--lint-fatal", *map(str, RULES))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_the_rules_do_what_their_cases_say(path: Path) -> None:
    run(promtool(), "test", "rules", str(path))


@pytest.mark.parametrize("alert", alerts())
def test_every_alert_fires_in_one_case_and_is_silent_in_another(alert: str) -> None:
    fires, silent = set(cases_of(alert, fires=True)), set(cases_of(alert, fires=False))

    assert fires
    assert silent - fires, "it has to be silent in a case of its own"


@pytest.mark.parametrize("alert", alerts())
def test_every_alert_says_how_bad_it_is_and_what_it_is_about(alert: str) -> None:
    labels = alerts()[alert]["labels"]

    assert labels["severity"] in SEVERITIES
    assert alert.startswith(f"LLM{labels['scope'].title()}")
    assert texts(alert).keys() - {"cause"} == {"summary", "description", "runbook_url"}


@pytest.mark.parametrize("alert", alerts())
def test_every_alert_leads_to_its_runbook(alert: str) -> None:
    path, _, anchor = texts(alert)["runbook_url"].partition("#")
    headings = re.findall(r"^### (\w+)$", (REPOSITORY / path).read_text(), re.MULTILINE)

    assert anchor == alert.lower()
    assert headings.count(alert) == 1


def test_no_runbook_is_for_an_alert_that_is_not_there() -> None:
    own = read(REPOSITORY / "grafana/provisioning/alerting/prometheus.yaml")
    grafanas = {rule["title"] for group in own["groups"] for rule in group["rules"]}
    text = (REPOSITORY / "docs/runbooks.md").read_text()

    assert set(re.findall(r"^### (\w+)$", text, re.MULTILINE)) == alerts().keys() | grafanas


def test_the_rules_ask_for_metrics_that_exist() -> None:
    golden = (REPOSITORY / "tests/golden/metrics.txt").read_text()
    changelog = (REPOSITORY / "CHANGELOG.md").read_text()
    exported = set(re.findall(r"^# TYPE (\w+)", golden, re.MULTILINE))
    exported |= set(re.findall(r"`(llmprobe_\w+)`", changelog))
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    # An operator may record this one.
    known = exported | recorded | _FOREIGN | {"llmprobe:target_objective:override"}

    asked = {name for text in expressions() for name in _NAME.findall(text)}
    unknown = {name for name in asked if re.sub("_(bucket|count|sum)$", "", name) not in known}
    assert {name for name in unknown if name not in known} == set()
    assert "llmprobe_probe_failures_total" in asked


def test_every_record_is_named_by_level_metric_and_operation() -> None:
    names = [rule["record"] for rule in rules() if "record" in rule]

    assert [
        name for name in names if not re.fullmatch(r"llmprobe:(target|group)\w*:\w+", name)
    ] == []
