"""Draw some panels' queries without Grafana: `python -m grafana.boards.pictures ORIGIN FOLDER`.

The pictures show what Prometheus answers to the queries of the dashboards' files, and are no
screenshots. Wants matplotlib, which nothing else here does.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt

from grafana.boards.answers import Series, Span, asked_at, asked_over, cells, filled, panel_of

_MINUTES = 20
_STEP = 15
_NOTE = "drawn from Prometheus' answers to the query of this panel; no screenshot of Grafana"
_ALL = dict.fromkeys(("provider", "model", "group", "target", "vantage"), ".*")
_SPANS = {"__rate_interval": "1m", "__interval": f"{_STEP}s", "__range": f"{_MINUTES}m"}

#: The file, the board and the panel, and what is chosen on the board.
PICTURES: tuple[tuple[str, str, str, Mapping[str, str]], ...] = (
    ("fleet-states", "fleet", "State of each target", {}),
    ("fleet-uptime", "fleet", "Uptime, worst first", {}),
    ("target-runs", "target", "Runs, step by step", {}),
    (
        "target-ttft",
        "target",
        "Time to first token, all runs",
        {"target": ".+/chat-.+"},
    ),
    (
        "model-ttft",
        "model",
        "Median time to first token",
        {"target": ".+/chat-large"},
    ),
    ("routing-weights", "routing", "Weights", {"target": ".+/chat-large"}),
)

Draw = Callable[[Any, Mapping[str, Any], Sequence[Series], Span], None]


def main(origin: str, folder: Path) -> None:
    """Draw all pictures into a folder.

    Raises:
        OSError: Prometheus does not answer.
    """
    mpl.use("Agg")
    folder.mkdir(parents=True, exist_ok=True)
    end = asked_at(origin, "vector(time())")[0].points[0][1]
    span = Span(start=end - 60 * _MINUTES, end=end, step=_STEP)
    for name, board, title, chosen in PICTURES:
        draw(origin, folder / f"{name}.png", panel_of(board, title), chosen, span)


def draw(
    origin: str, path: Path, panel: Mapping[str, Any], chosen: Mapping[str, str], span: Span
) -> None:
    """Draw one panel."""
    values = {**_ALL, **_SPANS, **chosen}
    figure, axes = plt.subplots(figsize=(9, 3.6))
    if panel["type"] == "table":
        columns = [
            asked_at(origin, filled(each["expr"], values), span.end) for each in panel["targets"]
        ]
        _draw_table(axes, panel, columns)
    else:
        expr = filled(panel["targets"][0]["expr"], values)
        _DRAWN[panel["type"]](axes, panel, asked_over(origin, expr, span), span)
        axes.xaxis_date(tz=UTC)
        axes.xaxis.set_major_formatter(_clock)
    axes.set_title(panel["title"], loc="left", fontsize=11)
    figure.text(0.99, 0.01, _NOTE, ha="right", fontsize=6, color="0.4")
    figure.tight_layout(rect=(0, 0.03, 1, 1))
    figure.savefig(path, dpi=90, metadata={"Software": None})
    plt.close(figure)


def _day(at: float) -> float:
    """An instant as matplotlib counts: in days."""
    return at / 86400


def _clock(day: float, _place: object) -> str:
    return datetime.fromtimestamp(86400 * day, UTC).strftime("%H:%M")


def _name(series: Series) -> str:
    return series.labels.get("target") or ", ".join(series.labels.values())


def _meanings(panel: Mapping[str, Any]) -> dict[float, tuple[str, str]]:
    """The words and colours of a panel's figures."""
    options = panel["fieldConfig"]["defaults"]["mappings"][0]["options"]
    return {float(number): (each["text"], each["color"]) for number, each in options.items()}


def _draw_rows(axes: Any, panel: Mapping[str, Any], series: Sequence[Series], span: Span) -> None:
    """Draw a row for each series, coloured by what its figures mean."""
    meanings = _meanings(panel)
    ordered = sorted(series, key=_name, reverse=True)
    gap = 0.85 if panel["type"] == "status-history" else 1.0
    for row, each in enumerate(ordered):
        for at, value in each.points:
            place = [(_day(at), _day(span.step * gap))]
            axes.broken_barh(place, (row - 0.4, 0.8), color=meanings[value][1], linewidth=0)
    axes.set_yticks(range(len(ordered)), [_name(each) for each in ordered], fontsize=8)
    seen = sorted({value for each in series for _, value in each.points})
    patches = [mpl.patches.Patch(color=meanings[v][1], label=meanings[v][0]) for v in seen]
    axes.legend(handles=patches, ncols=6, fontsize=7, loc="lower left", bbox_to_anchor=(0.3, 1.0))
    axes.set_xlim(_day(span.start), _day(span.end))


def _draw_lines(axes: Any, panel: Mapping[str, Any], series: Sequence[Series], span: Span) -> None:
    """Draw series over time."""
    for each in sorted(series, key=_name):
        axes.plot(
            [_day(at) for at, _ in each.points], [n for _, n in each.points], label=_name(each)
        )
    axes.set_ylim(bottom=0)
    axes.set_xlim(_day(span.start), _day(span.end))
    axes.set_ylabel("seconds" if panel["fieldConfig"]["defaults"]["unit"] == "s" else "")
    axes.grid(visible=True, linewidth=0.3)
    axes.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _draw_heat(axes: Any, _panel: Mapping[str, Any], series: Sequence[Series], span: Span) -> None:
    """Draw how many observations each bucket got."""
    apart = {end: counts for end, counts in cells(series).items() if any(counts.values())}
    instants = sorted({at for counts in apart.values() for at in counts})
    grid = [[counts.get(at) or float("nan") for at in instants] for counts in apart.values()]
    edges = [_day(at) for at in instants]
    mesh = axes.pcolormesh(edges, range(len(apart)), grid, cmap="viridis", shading="nearest")
    axes.set_yticks(range(len(apart)), [f"up to {end} s" for end in apart], fontsize=8)
    axes.set_xlim(_day(span.start), _day(span.end))
    axes.figure.colorbar(mesh, ax=axes, label="runs a minute")


_DRAWN: dict[str, Draw] = {
    "state-timeline": _draw_rows,
    "status-history": _draw_rows,
    "timeseries": _draw_lines,
    "heatmap": _draw_heat,
}


def _draw_table(axes: Any, panel: Mapping[str, Any], columns: Sequence[Sequence[Series]]) -> None:
    """Draw a row for each target, the worst first, as the panel sorts."""
    renamed = panel["transformations"][1]["options"]["renameByName"]
    titles = [renamed[f"Value #{each['refId']}"] for each in panel["targets"]]
    looks = {each["matcher"]["options"]: each["properties"] for each in _overrides(panel)}
    found = [{_name(each): each.points[0][1] for each in column} for column in columns]
    (order,) = panel["options"]["sortBy"]
    by = found[titles.index(order["displayName"])]
    names = sorted(found[0], key=lambda name: (by.get(name, 2.0), name))
    shown = [
        [_cell(each.get(name), looks[title]) for each, title in zip(found, titles, strict=True)]
        for name in names
    ]
    axes.axis("off")
    drawn = axes.table(
        cellText=[[text for text, _ in row] for row in shown],
        cellColours=[[color for _, color in row] for row in shown],
        rowLabels=names,
        colLabels=titles,
        loc="center",
    )
    drawn.auto_set_font_size(False)
    drawn.set_fontsize(7)


def _overrides(panel: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = panel["fieldConfig"]["overrides"]
    return found


def _cell(value: float | None, look: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Give a cell's text and colour."""
    if value is None:
        return "", "white"
    properties = {each["id"]: each["value"] for each in look}
    if "mappings" in properties:
        said = properties["mappings"][0]["options"][str(int(value))]
        return said["text"], said["color"]
    color = "white"
    for step in properties.get("thresholds", {"steps": []})["steps"]:
        if step["value"] is None or value >= step["value"]:
            color = step["color"]
    form = {"percentunit": "{:.1%}", "s": "{:.2f} s"}.get(properties["unit"], "{:.0f}")
    return form.format(value), color


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
