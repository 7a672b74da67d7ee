"""The dashboards are drawn by the code that stands beside them, and say what they show."""

import importlib.util
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from grafana.boards.answers import filled
from tests.grafana.boards import BOARDS, FILES, all_panels, panels, queries, variables
from tests.grafana.shipped import REPOSITORY, promtool

pytestmark = pytest.mark.timeout(600)

QUERIES = list(queries())
PANELS = [pytest.param(*each, id=f"{each[0]}: {each[1]['title']}") for each in all_panels()]
#: Prometheus puts these on everything it scrapes, and the scrape's configuration the last.
SCRAPED = {"job", "instance", "vantage"}
#: Prometheus makes these itself.
FOREIGN = {"up", "scrape_duration_seconds", "scrape_samples_scraped"}
ANYTHING = dict.fromkeys(("vantage", "provider", "model", "group", "target"), "x") | {
    "__rate_interval": "1m",
    "__interval": "1m",
    "__range": "6h",
}


def exposed() -> dict[str, dict[str, set[str]]]:
    """The values of each label of each metric that the default detail has."""
    found: dict[str, dict[str, set[str]]] = {}
    text = (REPOSITORY / "tests/golden/metrics.txt").read_text()
    for name, labels in re.findall(r"^(\w+)(?:\{(.*)\})? \S+$", text, re.MULTILINE):
        values = found.setdefault(name, {})
        for label, value in re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels):
            values.setdefault(label, set()).add(value)
    return found


EXPOSED = exposed()
#: The values of the labels that have few.
VALUES = {
    label: set[str]().union(*(each.get(label, ()) for each in EXPOSED.values()))
    for label in ("state", "window", "policy", "kind")
}


def selectors(expr: str) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """The metrics that a query selects, with their matchers."""
    found = re.findall(r"\b((?:llmprobe_|scrape_)\w+|up)\{(.*?)\}", expr)
    matchers = r'(\w+)(=~|!=|!~|=)"(.*?)"'
    return [(name, re.findall(matchers, inside)) for name, inside in found]


def test_there_is_a_board_for_each_question() -> None:
    assert BOARDS.keys() == {"fleet", "target", "model", "routing", "monitor"}


#: The SDK would rather draw what only Grafana 13 loads.
classic = pytest.mark.filterwarnings("ignore:Prefer using dashboardv2:DeprecationWarning")


@pytest.fixture
def sdk() -> None:
    """Skip the test where Grafana's types are missing; where tests must be complete, fail it."""
    if importlib.util.find_spec("grafana_foundation_sdk") is None:
        reason = "grafana-foundation-sdk is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


@classic
def test_the_files_are_as_the_code_draws_them(sdk: None) -> None:
    from grafana.boards.drawn import drawn  # noqa: PLC0415 - what it needs may be missing

    assert {path.name: path.read_text() for path in FILES} == drawn()


@classic
@pytest.mark.parametrize("board", BOARDS)
def test_grafanas_types_know_all_that_is_in_a_file(sdk: None, board: str) -> None:
    from grafana.boards.frame import read_back  # noqa: PLC0415 - what it needs may be missing

    assert read_back(BOARDS[board]) == BOARDS[board]


@pytest.mark.parametrize("board", BOARDS)
def test_panels_do_not_overlap_and_have_numbers_of_their_own(board: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in BOARDS[board]["panels"]:
        place = panel["gridPos"]
        rows = range(place["y"], place["y"] + place["h"])
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in rows}
        assert place["x"] + place["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells

    numbers = [panel["id"] for panel in BOARDS[board]["panels"]]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_a_panel_says_what_it_shows_in_which_unit_and_what_an_empty_one_means(
    board: str, panel: dict[str, Any]
) -> None:
    assert len(panel["description"]) > len(panel["title"])
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    if panel["type"] == "table":
        assert panel["fieldConfig"]["defaults"]["noValue"]


@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_what_is_coloured_by_meaning_says_it_in_words_or_figures_too(
    board: str, panel: dict[str, Any]
) -> None:
    mappings = panel["fieldConfig"]["defaults"].get("mappings", [])
    if panel["type"] in {"state-timeline", "status-history"}:
        assert mappings
    for mapping in mappings:
        if mapping["type"] == "value":
            assert all(each["text"] for each in mapping["options"].values())


def test_a_title_stands_once_on_a_board() -> None:
    for board in BOARDS:
        titles = [panel["title"] for panel in panels(board)]
        assert sorted(set(titles)) == sorted(titles)


def test_all_queries_are_valid(tmp_path: Path) -> None:
    rules = [
        {
            "record": f"q:{number}",
            "expr": filled(query.expr, ANYTHING),
            "labels": {"of": str(query)},
        }
        for number, query in enumerate(QUERIES)
    ]
    path = tmp_path / "queries.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))

    done = subprocess.run(
        [promtool(), "check", "rules", str(path)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    assert f"{len(QUERIES)} rules found" in done.stdout


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_a_query_knows_the_metrics_and_their_labels(query: Any) -> None:
    chosen = selectors(query.expr)

    assert chosen
    for name, matchers in chosen:
        known = EXPOSED.get(name, {}).keys() | SCRAPED
        assert name in EXPOSED or name in FOREIGN
        assert {label for label, _, _ in matchers} <= known, name
        for label, sign, value in matchers:
            if label in VALUES and "$" not in value:
                parts = {value} if sign == "=" else set(value.split("|"))
                assert parts <= VALUES[label]


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_a_query_groups_by_labels_that_are_there(query: Any) -> None:
    everywhere = {label for labels in EXPOSED.values() for label in labels} | SCRAPED
    named = re.findall(r"\b(?:by|without|on|group_left)\s*\(([^()]*)\)", query.expr)

    assert {label.strip() for each in named for label in each.split(",")} <= everywhere
    legends = [
        asked["legendFormat"]
        for panel in panels(query.board)
        if panel["title"] == query.panel
        for asked in panel["targets"]
    ]
    assert {label for each in legends for label in re.findall(r"{{(\w+)}}", each)} <= everywhere


@pytest.mark.parametrize("board", BOARDS)
def test_links_lead_to_boards_and_choose_what_those_can_choose(board: str) -> None:
    text = (REPOSITORY / f"grafana/dashboards/{board}.json").read_text()
    links = re.findall(r'"url": "(/d/[^"]+)"', text)

    for link in links:
        name, asked = re.findall(r"^/d/llmprobe-(\w+)\?(.*)$", link)[0]
        chosen = set(re.findall(r"var-(\w+)=|\$\{(\w+):queryparam\}", asked))
        assert {one or other for one, other in chosen} <= variables(name).keys()
        assert "${__url_time_range}" in asked


def test_the_fleet_leads_to_each_target() -> None:
    text = (REPOSITORY / "grafana/dashboards/fleet.json").read_text()

    assert "/d/llmprobe-target?var-target=${__value.raw:percentencode}" in text
    assert "/d/llmprobe-target?var-target=${__field.labels.target:percentencode}" in text


def test_uptime_is_shown_worst_first() -> None:
    (table,) = (panel for panel in panels("fleet") if panel["title"] == "Uptime, worst first")

    assert table["options"]["sortBy"] == [{"desc": False, "displayName": "Uptime 24 h"}]
