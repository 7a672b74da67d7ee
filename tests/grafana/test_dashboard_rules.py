"""The rules of Grafana's dashboard-linter, and why some are kept in another way."""

import re
from typing import Any

import pytest

from tests.grafana.boards import BOARDS, all_panels, queries, variables

QUERIES = list(queries())
PANELS = [pytest.param(each[1], id=f"{each[0]}: {each[1]['title']}") for each in all_panels()]
COUNTER = re.compile(r"_(?:total|bucket|count|sum)\{")

#: Rules that we keep in another way, or not at all: the linter's name, and why.
EXCLUDED = {
    "template-job": "the names begin with llmprobe_ and no other job has them; where Prometheus' "
    "own names are asked for, the job is named as the alerting rules name it",
    "target-job": "as template-job",
    "template-instance": "an address changes whenever a monitor moves; `vantage` says where it "
    "probes from and stays",
    "target-instance": "as template-instance: every query is about one vantage instead",
    "target-logql": "there are no logs",
    "target-logql-auto": "there are no logs",
}


@pytest.mark.parametrize("board", BOARDS)
def test_template_datasource(board: str) -> None:
    first = BOARDS[board]["templating"]["list"][0]

    assert (first["name"], first["label"]) == ("datasource", "Data source")
    assert (first["type"], first["query"]) == ("datasource", "prometheus")


@pytest.mark.parametrize("board", BOARDS)
def test_template_vantage_in_the_place_of_job_and_instance(board: str) -> None:
    vantage = variables(board)["vantage"]

    assert {"template-job", "template-instance"} <= EXCLUDED.keys()
    # One at a time: what is seen from different places is never merged.
    assert (vantage["multi"], vantage["includeAll"]) == (False, False)


@pytest.mark.parametrize("board", BOARDS)
def test_template_label_promql_and_on_time_change_reload(board: str) -> None:
    asked = [each for each in variables(board).values() if each["type"] == "query"]
    earlier = ["datasource"]

    for each in asked:
        words = each["query"]["query"]
        assert re.fullmatch(rf"label_values\(llmprobe_\w+(\{{.*\}})?, {each['name']}\)", words)
        assert set(re.findall(r"\$(\w+)", words)) <= set(earlier), "it depends on what comes later"
        assert each["datasource"]["uid"] == "${datasource}"
        assert each["refresh"] == 2
        earlier.append(each["name"])


def test_targets_can_be_narrowed_down_on_each_board_that_shows_them() -> None:
    for board in BOARDS.keys() - {"monitor"}:
        chosen = variables(board)
        assert {"provider", "model", "group", "target"} <= chosen.keys()
        assert chosen["target"]["multi"]


@pytest.mark.parametrize("panel", PANELS)
def test_panel_datasource_and_no_panel_without_a_query(panel: dict[str, Any]) -> None:
    asked = panel["targets"]

    assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    assert asked
    assert [each["datasource"] for each in asked] == [panel["datasource"]] * len(asked)
    assert len({each["refId"] for each in asked}) == len(asked)


@pytest.mark.parametrize("panel", PANELS)
def test_panel_title_description_and_units(panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert panel["description"]
    assert panel["fieldConfig"]["defaults"]["unit"]


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_target_is_about_one_vantage_in_the_place_of_job_and_instance(query: Any) -> None:
    asked = re.findall(r"\b(?:llmprobe_\w+|up|scrape_\w+)\{([^}]*)\}", query.expr)

    assert {"target-job", "target-instance"} <= EXCLUDED.keys()
    wanted = "vantage=~" if query.panel == "The same from all vantages" else 'vantage=~"$vantage"'
    assert [matchers for matchers in asked if wanted not in matchers] == []


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_target_rate_interval_and_counter_agg(query: Any) -> None:
    # The time shown is a window of its own: what happened in it.
    spans = re.findall(r"\b(?:rate|increase)\(.*?\[(.*?)\]", query.expr)
    assert set(spans) <= {"$__rate_interval", "$__range"}

    bare = re.sub(r"\b(?:rate|increase)\([^\[]*\[[^\]]*\]\)", "", query.expr)
    if COUNTER.search(bare):
        # Totals go on over restarts: a difference is exact, and sees what is counted first.
        assert "offset $__interval" in bare
        assert "clamp_min(" in bare


@pytest.mark.parametrize("board", BOARDS)
def test_uneditable(board: str) -> None:
    assert BOARDS[board]["editable"] is False


@pytest.mark.parametrize("board", BOARDS)
def test_it_loads_in_grafana_10_to_13(board: str) -> None:
    drawn = BOARDS[board]

    assert drawn["uid"] == f"llmprobe-{board}"
    assert 36 <= drawn["schemaVersion"] <= 39
    assert drawn["graphTooltip"] == 2
    assert drawn["timezone"] == "browser"
