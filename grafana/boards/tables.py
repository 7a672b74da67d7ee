"""Tables: a query for each column, joined by the labels that name a row."""

from collections.abc import Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import table as builders
from grafana_foundation_sdk.models import dashboard, prometheus

from grafana.boards.panels import Ask, Text, override, panel


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of figures.

    Attributes:
        title: Above it.
        expr: Gives a figure for each row, with the labels that name it.
        unit: As Grafana names units.
        bounds: Colours the cells, together with the figure in them.
        mappings: Words that stand for figures.
    """

    title: str
    expr: str
    unit: str = "short"
    bounds: dashboard.ThresholdsConfig | None = None
    mappings: tuple[dashboard.ValueMapping, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A column of labels.

    Attributes:
        name: Of the label.
        title: Above it.
        link: Leads on from its cells.
    """

    name: str
    title: str
    link: dashboard.DashboardLink | None = None


def table(
    text: Text,
    labels: Sequence[Label],
    columns: Sequence[Column],
    *,
    sort: str,
    descending: bool = False,
) -> dashboard.Panel:
    """Show figures in a row for each set of labels, the one first that *sort* says."""
    order = common_builders.TableSortByFieldState().display_name(sort).desc(descending)
    form = prometheus.PromQueryFormat.TABLE
    asks = [Ask(expr=each.expr, legend="", instant=True, form=form) for each in columns]
    drawn = panel(builders.Panel().sort_by([order]), text, asks)
    drawn.transformations = _transformations(labels, columns)
    settings = drawn.field_config or dashboard.FieldConfigSource()
    settings.overrides = [
        *(override(each.title, links=[each.link]) for each in labels if each.link),
        *map(_look, columns),
    ]
    return drawn


def _look(column: Column) -> dashboard.DashboardFieldConfigSourceOverrides:
    properties: dict[str, object] = {"unit": column.unit}
    if column.mappings:
        properties["mappings"] = list(column.mappings)
    if column.bounds:
        properties["thresholds"] = column.bounds
        properties["color"] = {"mode": "thresholds"}
    if column.mappings or column.bounds:
        properties["custom_cellOptions"] = {"type": "color-background", "mode": "basic"}
    return override(column.title, **properties)


def _transformations(
    labels: Sequence[Label], columns: Sequence[Column]
) -> list[dashboard.DataTransformerConfig]:
    """Join the answers into one table, name its columns and put them in order."""
    single = len(columns) == 1
    values = ["Value" if single else f"Value #{chr(ord('A') + n)}" for n in range(len(columns))]
    names = {each.name: each.title for each in labels}
    names |= {value: each.title for value, each in zip(values, columns, strict=True)}
    order = {name: place for place, name in enumerate(names)}
    organised = {"excludeByName": {"Time": True}, "indexByName": order, "renameByName": names}
    return [
        dashboard.DataTransformerConfig(id_val="merge", options={}),
        dashboard.DataTransformerConfig(id_val="organize", options=organised),
    ]
