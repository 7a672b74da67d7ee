"""Every panel and every rule is asked of a real Prometheus that scrapes the demo fleet."""

import math
from collections.abc import Iterator
from typing import Any

import pytest

from grafana.boards.answers import filled
from tests.e2e.process import MonitorProcess
from tests.grafana.boards import BOARDS, Query, queries
from tests.grafana.fleet import probed
from tests.grafana.hastened import hastened_rules
from tests.grafana.shipped import rules
from tests.prometheus import Prometheus, prometheus
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

QUERIES = list(queries())
RECORDED = {rule["record"]: rule["expr"] for rule in rules() if "record" in rule}
ALERTS = {rule["alert"]: rule["expr"] for rule in rules() if "alert" in rule}

_STEP = 5
_SHOWN = 30
#: What the variables stand for: all targets, and the span of the test instead of hours.
CHOSEN = dict.fromkeys(("provider", "model", "group", "target"), ".+") | {
    "vantage": "here",
    "__rate_interval": f"{2 * _STEP}s",
    "__interval": f"{_STEP}s",
    "__range": f"{_SHOWN}s",
}

#: Recorded series that this fleet does not have, and why.
WITHOUT_DATA = {
    "llmprobe:target_ttft_median:usual7d": "what is usual is learned from 300 records on",
    "llmprobe:target_generation_mean:usual7d": "what is usual is learned from 300 records on",
    "llmprobe:target_output_tokens_per_second:usual7d": "as the others",
}
#: What this fleet does to itself; the other alerts have data only while they hold.
HOLDING = {"LLMTargetDown", "LLMTargetBudgetBurn1h", "LLMTargetCredentials"}


@pytest.fixture(scope="module")
def monitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MonitorProcess]:
    with probed(tmp_path_factory.mktemp("fleet")) as running:
        yield running


@pytest.fixture(scope="module")
def asked(
    monitor: MonitorProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    folder = tmp_path_factory.mktemp("prometheus")
    with prometheus(folder, monitor.address, rules=hastened_rules(folder)) as running:
        yield running


def has_data(series: list[dict[str, Any]]) -> bool:
    """Say whether any of them has a number."""
    values = [value for each in series for _, value in each.get("values") or [each.get("value")]]
    return any(not math.isnan(float(value)) for value in values)


def is_answered(running: Prometheus, query: Query) -> bool:
    # Looked at each minute, a span of seconds may have no look at all.
    expr = filled(query.expr, CHOSEN).replace(":1m]", ":2s]")
    if query.is_instant:
        return has_data(running.ask(expr))
    end = running.now()
    return has_data(running.ask_over(expr, end - _SHOWN, end, _STEP))


@pytest.mark.parametrize("board", BOARDS)
def test_every_query_of_a_board_has_an_answer(
    asked: Prometheus, monitor: MonitorProcess, board: str
) -> None:
    left = [query for query in QUERIES if query.board == board]
    assert left

    def all_answered() -> bool:
        monitor.get("/")  # somebody looks, or the store is asked nothing
        left[:] = [query for query in left if not is_answered(asked, query)]
        return not left

    try:
        wait_until(all_answered, seconds=90)
    except TimeoutError:
        pytest.fail(f"no data: {', '.join(map(str, left))}")


@pytest.mark.parametrize("name", RECORDED)
def test_every_recording_rule_has_data_or_a_reason(asked: Prometheus, name: str) -> None:
    if name in WITHOUT_DATA:
        assert not has_data(asked.ask(RECORDED[name]))
    else:
        wait_until(lambda: has_data(asked.ask(RECORDED[name])), seconds=60)
        wait_until(lambda: has_data(asked.ask(name)), seconds=30)


@pytest.mark.parametrize("name", ALERTS)
def test_every_alert_can_be_asked_and_holds_where_its_cause_is(
    asked: Prometheus, name: str
) -> None:
    found = asked.ask(ALERTS[name])

    if name in HOLDING:
        wait_until(lambda: has_data(asked.ask(ALERTS[name])), seconds=60)
    else:
        assert all(math.isfinite(float(each["value"][1])) for each in found)


def test_prometheus_finds_nothing_wrong_with_any_rule(asked: Prometheus) -> None:
    def are_reckoned() -> bool:
        return all(rule["health"] != "unknown" for rule in asked.rules())

    wait_until(are_reckoned)

    assert [rule["lastError"] for rule in asked.rules() if rule["health"] != "ok"] == []
    assert len(asked.rules()) == len(RECORDED) + len(ALERTS)


def test_the_tables_name_what_is_there() -> None:
    assert WITHOUT_DATA.keys() <= RECORDED.keys()
    assert ALERTS.keys() >= HOLDING
