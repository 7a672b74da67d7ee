"""Pure: what stands on the page of a target."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from monitor.export.pages.charts import Chart, Part, axis, boxes, x_ticks
from monitor.export.pages.charts import Tick as Scale
from monitor.export.pages.dated import (
    Failure,
    failures,
    latency_chart,
    token_charts,
    uptime_chart,
)
from monitor.export.pages.incidents import Exchange, Fact, Outage, exchange
from monitor.export.pages.present import with_newest
from monitor.export.pages.rows import NO_STATS, Row
from monitor.export.pages.strips import first_day, table
from monitor.export.pages.waterfalls import Waterfall, waterfalls
from monitor.export.pages.words import (
    NOTHING,
    OUTCOMES,
    clock,
    dollars,
    duration,
    moment,
    percent,
    seconds,
    visible,
)
from monitor.export.pages.young import data_since, freshest
from monitor.health.rollup import Quantity
from monitor.health.series import Point
from monitor.health.sketch import merge
from monitor.model.result import Result
from monitor.model.routing import GroupRouting
from monitor.model.snapshot import TargetView
from monitor.model.target import Target
from monitor.model.window import WindowStats

#: So many runs are taken apart; so many days have their latencies counted.
_TAKEN_APART = 12
_DISTRIBUTED_DAYS = 7
#: The classes of a distribution: each is so much wider than the one before.
_CLASSES = 18
_WINDOWS = ("1h", "24h", "7d", "30d", "90d")


class Tick(NamedTuple):
    """A run, as one of many.

    Attributes:
        sort: `good`, `bad` (the provider's fault) or `left` (left out of uptime).
        words: All of it in a sentence.
        cells: The same as a row of the table: when, what, status, rule, TTFT, duration.
    """

    sort: str
    words: str
    cells: Sequence[str]


class Window(NamedTuple):
    """A window as a row of a table.

    Attributes:
        name: Of the window.
        since: Since when there is data, if that is not the whole of it; else empty.
        cells: Its figures.
    """

    name: str
    since: str
    cells: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetPage:
    """The page of a target.

    Attributes:
        row: As on the page of the fleet.
        days: Its last days as rows of a table.
        group: The logical model it belongs to.
        facts: What it is.
        windows: Its figures by window.
        ticks: The last runs, oldest first; None if nobody knows.
        waterfalls: The newest of them, taken apart.
        axis: Marks of the scale of these, with their places.
        distribution: Of the time to first token; None without runs.
        charts: By date.
        failures: What went wrong over the same days.
        evidence: The newest run that failed; None if none of the last did.
        outages: Its incidents; None if nobody knows.
    """

    row: Row
    days: Sequence[Sequence[str]]
    group: str
    facts: Sequence[Fact]
    windows: Sequence[Window]
    ticks: Sequence[Tick] | None
    waterfalls: Sequence[Waterfall]
    axis: Sequence[Scale]
    distribution: Chart | None
    charts: Sequence[Chart]
    failures: Sequence[Failure] | None
    evidence: Exchange | None
    outages: Sequence[Outage] | None


def target_page(
    told: Row,
    view: TargetView,
    weight: str | None,
    past: tuple[Sequence[Result] | None, Sequence[Point] | None, Sequence[Outage] | None],
    now: datetime,
) -> TargetPage:
    """Put the page together.

    Args:
        told: The target as on the page of the fleet.
        view: The same, as the snapshot has it.
        weight: Its weight now, in words; None if nobody knows.
        past: The last runs, newest first; the last days; its incidents.
        now: What times are told from.
    """
    runs, days, found = past
    seen = with_newest(runs or (), view.last_result)
    runs = runs if runs is None else seen
    falls, marks = waterfalls([each for each in runs or () if each.started_at][:_TAKEN_APART], now)
    failing = next((each for each in seen if each.started_at and not each.verdict.is_good), None)
    return TargetPage(
        row=told,
        days=table(told.strip, first_day(now)),
        group=visible(view.target.group),
        facts=list(facts(view.target, view.interval_seconds, weight)),
        windows=list(_windows(view, told.begun_at, now)),
        ticks=None if runs is None else [tick(each, now) for each in reversed(runs)],
        waterfalls=falls,
        axis=marks,
        distribution=distribution(days[-_DISTRIBUTED_DAYS:]) if days else None,
        charts=list(_charts(view.target.key, days)) if days else [],
        failures=failures({view.target.key: days}) if days else None,
        evidence=exchange(failing, "Newest failing run") if failing else None,
        outages=found,
    )


def weight_words(group: GroupRouting | None, key: str) -> str | None:
    """Say what share of its group's traffic a target gets, and why if that is no merit of its own.

    Args:
        group: As published; None if nobody knows.
        key: The target's key.
    """
    weights = {each.view.target.key: each.weight for each in group.candidates} if group else {}
    if group is None or key not in weights:
        return None
    why = " (panic: no target of the group works, so all weigh the same)"
    return f"{weights[key]:.2f}" + (why if group.is_panic and weights[key] else "")


def facts(target: Target, interval_seconds: float, weight: str | None) -> Iterator[Fact]:
    """Say what a target is."""
    prices = target.prices
    known: Mapping[str, str | None] = {
        "provider": target.provider,
        "model": target.model,
        "region": target.region,
        "dialect": target.dialect,
        "host": target.host,
        "probed every": duration(interval_seconds),
        "price": None
        if prices is None
        else f"{dollars(prices.input_usd_per_million)} in, "
        f"{dollars(prices.output_usd_per_million)} out per million tokens",
        "routing weight": weight,
    }
    for name, value in known.items():
        if value:
            yield Fact(name, visible(value))


def _windows(view: TargetView, begun_at: datetime | None, now: datetime) -> Iterator[Window]:
    windows = freshest(view.windows, begun_at, now)
    for name in _WINDOWS:
        stats = windows.get(name, NO_STATS)
        bounds = (stats.uptime_lower_ratio, stats.uptime_upper_ratio)
        cells = (
            percent(stats.uptime_ratio),
            NOTHING if bounds[0] is None else f"{percent(bounds[0])} – {percent(bounds[1])}",
            percent(stats.availability_ratio),
            _counted(stats),
            percent(stats.coverage_ratio, 1),
            seconds(stats.ttft_median_seconds),
            seconds(stats.ttft_p95_seconds),
            seconds(stats.duration_median_seconds),
        )
        yield Window(name, data_since(begun_at, name, now), cells)


def _counted(stats: WindowStats) -> str:
    """Say how many runs count in uptime, and how many were left out."""
    left_out = f", {stats.excluded:,} left out" if stats.excluded else ""
    return f"{stats.valid:,} counted{left_out}"


def tick(result: Result, now: datetime) -> Tick:
    """Tell a run as one of many."""
    verdict, measured = result.verdict, result.measurement
    sort = "good" if verdict.is_good else "bad" if verdict.is_valid else "left"
    status = f", HTTP {verdict.http_status}" if verdict.http_status else ""
    ttft = f", first token after {seconds(measured.ttft_seconds)}" if measured.ttft_seconds else ""
    kind = " (confirm run)" if result.confirm else ""
    words = f"{clock(result.at, now)} UTC{kind}: {OUTCOMES[verdict.outcome]}{status}{ttft}"
    cells = (
        moment(result.at),
        verdict.outcome.value + kind,
        verdict.fault.value,
        str(verdict.http_status or NOTHING),
        verdict.rule,
        seconds(measured.ttft_seconds),
        seconds(measured.duration_seconds),
        visible(verdict.message or ""),
    )
    return Tick(sort, words, cells)


def _charts(key: str, days: Sequence[Point]) -> Iterator[Chart]:
    dates = [each.begin_at for each in days]
    yield uptime_chart(dates, [each.stats.uptime_ratio for each in days], "runs that were good")
    yield latency_chart(dates, [(key, days)])
    yield from token_charts(dates, [[each.bucket] for each in days])


def distribution(days: Sequence[Point]) -> Chart | None:
    """Count the times to first token of the last days in classes of growing width."""
    values = merge(each.bucket.sketch(Quantity.TTFT) for each in days).ordered()
    if not len(values):
        return None
    low, high = values[0] / 1.02, values[len(values) - 1] * 1.02
    factor = (high / low) ** (1 / _CLASSES)
    edges = [low * factor**number for number in range(_CLASSES + 1)]
    places = [bisect_right(values, edge) for edge in edges]
    counts = [last - first for first, last in pairwise(places)]
    ranges = [f"{seconds(begin)} to {seconds(end)}" for begin, end in pairwise(edges)]
    scale = axis(map(float, counts), lambda each: f"{each:,.0f}")
    parts = [
        [Part(number, "plain", f"{words}: {number:,} runs")] if number else []
        for words, number in zip(ranges, counts, strict=True)
    ]
    return Chart(
        id="distribution",
        title=f"Time to first token, {_DISTRIBUTED_DAYS} days: runs in each class",
        x_ticks=x_ticks([seconds(edge) for edge in edges[1:]], 4),
        y_ticks=scale.ticks,
        boxes=boxes(parts, scale),
        head=("Time to first token", "Runs"),
        rows=[(words, f"{number:,}") for words, number in zip(ranges, counts, strict=True)],
    )
