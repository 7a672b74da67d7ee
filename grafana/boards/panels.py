"""One maker for each sort of panel; what all panels have is put on by `panel`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import (
    common as common_builders,
)
from grafana_foundation_sdk.builders import (
    heatmap,
    stat,
    statetimeline,
    statushistory,
    timeseries,
)
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common, dashboard, prometheus
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode

from grafana.boards.looks import PLAIN

#: Whichever Prometheus is chosen above.
DATASOURCE = common.DataSourceRef(type_val="prometheus", uid="${datasource}")
#: As wide as a board.
WHOLE = 24
#: Runs come less often than scrapes: each step shall have one, at the usual interval of a minute.
STEP = "2m"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What a panel says of itself.

    Attributes:
        title: Above it.
        about: What it shows, for those who do not know.
        unit: Of its values, as Grafana names units.
        none: Stands where there is no value.
        width: Of the 24 columns.
        height: In rows of 30 pixels.
    """

    title: str
    about: str
    unit: str
    none: str | None = None
    width: int = 12
    height: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A query.

    Attributes:
        expr: PromQL.
        legend: How its series are called.
        instant: Ask for the end of the time shown only.
        form: How Grafana reads the answer.
        exemplar: Ask for the runs behind it, too.
    """

    expr: str
    legend: str = "{{target}}"
    instant: bool = False
    form: prometheus.PromQueryFormat = prometheus.PromQueryFormat.TIME_SERIES
    exemplar: bool = False


def lines(
    text: Text,
    *asks: Ask,
    bounds: dashboard.ThresholdsConfig = PLAIN,
    stacked: bool = False,
    colors: Mapping[str, str] | None = None,
    step: str | None = None,
    top: float | None = None,
) -> dashboard.Panel:
    """Draw series over time; *stacked* ones as bars."""
    made = _lined(timeseries.Panel(), stacked=stacked).legend(_table_legend())
    if top is not None:
        made = made.max(top)
    drawn = panel(made.min(0).tooltip(_all_at_once()), text, asks, bounds=bounds, step=step)
    palette = dashboard.FieldColor(mode=dashboard.FieldColorModeId.PALETTE_CLASSIC_BY_NAME)
    return colored(drawn, palette, colors or {})


def number(
    text: Text,
    *asks: Ask,
    bounds: dashboard.ThresholdsConfig = PLAIN,
    mappings: Sequence[dashboard.ValueMapping] = (),
    colors: Mapping[str, str] | None = None,
    background: bool = True,
) -> dashboard.Panel:
    """Show the newest value of each series, large."""
    newest = common_builders.ReduceDataOptions().calcs(["lastNotNull"])
    color = common.BigValueColorMode.BACKGROUND if background else common.BigValueColorMode.VALUE
    made = stat.Panel().reduce_options(newest).color_mode(color)
    made = made.graph_mode(common.BigValueGraphMode.NONE)
    named = len(asks) > 1 or "{{" in asks[0].legend
    mode = common.BigValueTextMode.VALUE_AND_NAME if named else common.BigValueTextMode.VALUE
    drawn = panel(made.text_mode(mode), text, asks, bounds=bounds, mappings=mappings)
    by_bounds = dashboard.FieldColor(mode=dashboard.FieldColorModeId.THRESHOLDS)
    return colored(drawn, by_bounds, colors or {})


def stretches(
    text: Text,
    ask: Ask,
    mappings: Sequence[dashboard.ValueMapping],
    links: Sequence[dashboard.DashboardLink] = (),
) -> dashboard.Panel:
    """Draw what holds for a while, one row for each series."""
    made = statetimeline.Panel().merge_values(True).row_height(0.8).fill_opacity(85)
    made = made.show_value(common.VisibilityMode.AUTO).per_page(20).line_width(0)
    made = made.tooltip(_one_at_once())
    return panel(made, text, (ask,), mappings=mappings, links=links)


def boxes(
    text: Text, ask: Ask, mappings: Sequence[dashboard.ValueMapping], step: str = STEP
) -> dashboard.Panel:
    """Draw a box for each step, one row for each series."""
    made = statushistory.Panel().row_height(0.8).col_width(0.8).fill_opacity(85).line_width(0)
    made = made.show_value(common.VisibilityMode.NEVER).tooltip(_one_at_once())
    return panel(made, text, (ask,), mappings=mappings, step=step)


def heat(text: Text, expr: str, step: str = STEP) -> dashboard.Panel:
    """Draw how many observations each bucket got in each step."""
    colors = heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Viridis")
    made = heatmap.Panel().calculate(False).color(colors.steps(64))
    made = made.y_axis(heatmap.YAxisConfig().unit(text.unit)).cell_gap(1)
    made = made.filter_values(heatmap.FilterValueRange().le(1e-9))
    made = made.show_legend().cell_values(heatmap.CellValues().unit("short").decimals(0))
    ask = Ask(expr=expr, legend="{{le}}", form=prometheus.PromQueryFormat.HEATMAP, exemplar=True)
    return panel(made, text, (ask,), step=step)


def panel(
    builder: Builder[dashboard.Panel],
    text: Text,
    asks: Sequence[Ask],
    *,
    bounds: dashboard.ThresholdsConfig = PLAIN,
    mappings: Sequence[dashboard.ValueMapping] = (),
    links: Sequence[dashboard.DashboardLink] = (),
    step: str | None = None,
) -> dashboard.Panel:
    """Finish a panel with what all of them have."""
    drawn = builder.build()
    drawn.title, drawn.description, drawn.interval = text.title, text.about, step
    drawn.datasource = DATASOURCE
    drawn.grid_pos = dashboard.GridPos(w=text.width, h=text.height)
    drawn.targets = [query(ask, ref) for ask, ref in zip(asks, _REFS, strict=False)]
    drawn.field_config = drawn.field_config or dashboard.FieldConfigSource()
    defaults = drawn.field_config.defaults
    defaults.unit, defaults.no_value, defaults.thresholds = text.unit, text.none, bounds
    defaults.mappings, defaults.links = list(mappings), list(links)
    return drawn


def query(ask: Ask, ref: str) -> Dataquery:
    """Make a query of Prometheus."""
    return prometheus.Dataquery(
        datasource=DATASOURCE,
        expr=ask.expr,
        legend_format=ask.legend,
        instant=ask.instant,
        range_val=not ask.instant,
        format_val=ask.form,
        exemplar=ask.exemplar or None,
        editor_mode=prometheus.QueryEditorMode.CODE,
        ref_id=ref,
    )


def colored(
    drawn: dashboard.Panel, usual: dashboard.FieldColor, colors: Mapping[str, str]
) -> dashboard.Panel:
    """Give series their colours, by name; others get the usual ones."""
    settings = drawn.field_config or dashboard.FieldConfigSource()
    settings.defaults.color = usual
    settings.overrides = [
        override(name, color={"mode": "fixed", "fixedColor": color})
        for name, color in colors.items()
    ]
    return drawn


def override(name: str, **properties: object) -> dashboard.DashboardFieldConfigSourceOverrides:
    """Set properties of the series or the column of that name."""
    return dashboard.DashboardFieldConfigSourceOverrides(
        matcher=dashboard.MatcherConfig(id_val="byName", options=name),
        properties=[
            dashboard.DynamicConfigValue(id_val=each.replace("custom_", "custom."), value=value)
            for each, value in properties.items()
        ],
    )


_REFS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _lined(made: timeseries.Panel, *, stacked: bool) -> timeseries.Panel:
    if not stacked:
        made = made.line_width(2).fill_opacity(0).show_points(common.VisibilityMode.AUTO)
        return made.draw_style(common.GraphDrawStyle.LINE)
    together = common_builders.StackingConfig().mode(common.StackingMode.NORMAL).group("A")
    made = made.draw_style(common.GraphDrawStyle.BARS).fill_opacity(80).line_width(0)
    return made.stacking(together)


def _table_legend() -> common_builders.VizLegendOptions:
    legend = common_builders.VizLegendOptions().show_legend(True).calcs(["lastNotNull"])
    legend = legend.display_mode(common.LegendDisplayMode.TABLE)
    return legend.placement(common.LegendPlacement.BOTTOM)


def _all_at_once() -> common_builders.VizTooltipOptions:
    shown = common_builders.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI)
    return shown.sort(common.SortOrder.DESCENDING)


def _one_at_once() -> common_builders.VizTooltipOptions:
    return common_builders.VizTooltipOptions().mode(common.TooltipDisplayMode.SINGLE)
