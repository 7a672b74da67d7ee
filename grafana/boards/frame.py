"""What surrounds the panels of a board: variables, links, time, and the place of each panel."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import dashboard

from grafana.boards.panels import DATASOURCE, WHOLE

_TAG = "llmprobe"
_ALL = dashboard.VariableOption(selected=True, text="All", value="$__all")
#: Of Grafana 10.4: what is newer brings it up to date when it loads it.
_SCHEMA = 39
_MENU = "inControlsMenu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Panels under a heading, side by side as far as they fit."""

    title: str
    panels: tuple[dashboard.Panel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A dashboard.

    Attributes:
        name: Of its file, and in its address.
        title: Above it.
        about: What it answers.
        rows: What is on it.
        variables: What can be chosen, beside the datasource and the vantage.
        since: The time shown begins so long ago.
    """

    name: str
    title: str
    about: str
    rows: tuple[Row, ...]
    variables: tuple[dashboard.VariableModel, ...]
    since: str = "6h"


def text_of(board: Board) -> str:
    """Write a dashboard down as Grafana reads it."""
    drawn = dashboard.Dashboard(
        uid=f"llmprobe-{board.name}",
        title=f"LLM providers: {board.title}",
        description=board.about,
        tags=[_TAG],
        timezone="browser",
        editable=False,
        graph_tooltip=dashboard.DashboardCursorSync.TOOLTIP,
        time=dashboard.DashboardDashboardTime(from_val=f"now-{board.since}", to="now"),
        refresh="30s",
        schema_version=_SCHEMA,
        version=1,
        panels=list(_placed(board.rows)),
        templating=dashboard.DashboardDashboardTemplating(
            list_val=[_datasource(), _vantage(), *board.variables]
        ),
        annotations=dashboard.AnnotationContainer(list_val=[]),
        links=[_others()],
    )
    return json.dumps(_plain(drawn), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def read_back(told: dict[str, Any]) -> Any:
    """Read a dashboard with Grafana's types and write it once more: what they do not know goes."""
    register_default_plugins()
    return _plain(dashboard.Dashboard.from_json(told))


def choices(*, several: bool = True) -> tuple[dashboard.VariableModel, ...]:
    """Give the variables that narrow down the targets: each offers what those before it leave.

    Args:
        several: Offer and begin with all targets; else with the first one.
    """
    return (
        _choice("provider", "Provider"),
        _choice("model", "Model"),
        _choice("group", "Group"),
        _choice("target", "Target", with_all=several),
    )


def group_choices() -> tuple[dashboard.VariableModel, ...]:
    """Give variables for one logical model, and those who serve it."""
    return (
        _choice("group", "Group", before=(), with_all=False, multi=False),
        _choice("provider", "Provider", before=("group",)),
        _choice("model", "Model", before=("group", "provider")),
        _choice("target", "Target", before=("group", "provider", "model")),
    )


def to_target() -> dashboard.DashboardLink:
    """Lead from a cell that names a target to that target."""
    return _link("Target", "target", "var-target=${__value.raw:percentencode}")


def to_target_of_series() -> dashboard.DashboardLink:
    """Lead from a series that has the label `target` to that target."""
    return _link("Target", "target", "var-target=${__field.labels.target:percentencode}")


def to_model() -> dashboard.DashboardLink:
    """Lead from a cell that names a group to its board."""
    return _link("Model", "model", "var-group=${__value.raw:percentencode}")


_ORDER = ("provider", "model", "group", "target")


def _choice(
    name: str,
    label: str,
    *,
    before: tuple[str, ...] | None = None,
    with_all: bool = True,
    multi: bool = True,
) -> dashboard.VariableModel:
    chosen = _ORDER[: _ORDER.index(name)] if before is None else before
    matchers = ", ".join(f'{each}=~"${each}"' for each in ("vantage", *chosen))
    return _queried(
        name, label, f"llmprobe_target_info{{{matchers}}}", with_all=with_all, multi=multi
    )


def _queried(
    name: str, label: str, selector: str, *, with_all: bool = False, multi: bool = False
) -> dashboard.VariableModel:
    words = f"label_values({selector}, {name})"
    return dashboard.VariableModel(
        type_val=dashboard.VariableType.QUERY,
        name=name,
        label=label,
        datasource=DATASOURCE,
        query={"query": words, "refId": name},
        definition=words,
        multi=multi,
        include_all=with_all,
        current=_ALL if with_all else None,
        refresh=dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED,
        sort=dashboard.VariableSort.ALPHABETICAL_CASE_INSENSITIVE_ASC,
    )


def _datasource() -> dashboard.VariableModel:
    return dashboard.VariableModel(
        type_val=dashboard.VariableType.DATASOURCE,
        name="datasource",
        label="Data source",
        query="prometheus",
        refresh=dashboard.VariableRefresh.ON_DASHBOARD_LOAD,
    )


def _vantage() -> dashboard.VariableModel:
    return _queried("vantage", "Vantage", "llmprobe_build_info")


def _link(title: str, board: str, chosen: str) -> dashboard.DashboardLink:
    kept = "${datasource:queryparam}&${vantage:queryparam}&${__url_time_range}"
    return dashboard.DashboardLink(title=title, url=f"/d/llmprobe-{board}?{chosen}&{kept}")


def _others() -> dashboard.DashboardLink:
    return dashboard.DashboardLink(
        title="LLM providers",
        type_val=dashboard.DashboardLinkType.DASHBOARDS,
        icon="external link",
        tags=[_TAG],
        as_dropdown=True,
        include_vars=True,
        keep_time=True,
    )


def _plain(drawn: dashboard.Dashboard) -> Any:
    return _with_links_in_sight(json.loads(json.dumps(drawn, cls=JSONEncoder)))


def _with_links_in_sight(value: Any) -> Any:
    """Leave out that links belong into a menu, which the SDK puts on all of them."""
    if isinstance(value, list):
        return [_with_links_in_sight(each) for each in value]
    if isinstance(value, dict):
        kept = {name: each for name, each in value.items() if name != "placement" or each != _MENU}
        return {name: _with_links_in_sight(each) for name, each in kept.items()}
    return value


def _placed(rows: Sequence[Row]) -> Iterator[dashboard.Panel | dashboard.RowPanel]:
    """Give headings and panels their numbers and places, from left to right and down."""
    number, top = 1, 0
    for row in rows:
        heading = dashboard.GridPos(x=0, y=top, w=WHOLE, h=1)
        yield dashboard.RowPanel(title=row.title, grid_pos=heading, id_val=number)
        number, top, left, height = number + 1, top + 1, 0, 0
        for panel in row.panels:
            place = panel.grid_pos or dashboard.GridPos()
            if left + place.w > WHOLE:
                left, top, height = 0, top + height, 0
            place.x, place.y, panel.id_val = left, top, number
            yield panel
            number, left, height = number + 1, left + place.w, max(height, place.h)
        top += height
