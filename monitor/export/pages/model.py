"""Pure: what stands on the page of a model, that is of a group of targets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.export.pages.asking import Dates
from monitor.export.pages.charts import Chart
from monitor.export.pages.dated import (
    Failure,
    failures,
    latency_chart,
    token_charts,
    uptime_chart,
)
from monitor.export.pages.fleet import Group
from monitor.export.pages.incidents import Outage
from monitor.export.pages.rows import NO_STATS, Row, row
from monitor.export.pages.strips import FleetPast
from monitor.export.pages.words import (
    NOTHING,
    count,
    dollars,
    percent,
    seconds,
    speed,
)
from monitor.health.percentiles import Lately
from monitor.model.routing import GroupRouting
from monitor.model.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What one target offers, beside the others.

    Attributes:
        row: As on the page of the fleet.
        weight: Its share of the group's traffic now, in words.
        weight_ratio: The same, from 0 to 1.
        prices: Of input, output and an image.
        context: The longest prompt with its answer, in tokens.
        most: The longest answer.
        latency: The median TTFT of the last half hour, and its 90th percentile.
        throughput: The median tokens a second of the last half hour.
        uptime_30m: Of the last half hour.
    """

    row: Row
    weight: str
    weight_ratio: float
    prices: Sequence[str]
    context: str
    most: str
    latency: tuple[str, str]
    throughput: str
    uptime_30m: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPage:
    """The page of a model.

    Attributes:
        group: Its name, and how it is.
        is_panic: No target of it may be routed to, so all weigh the same.
        offers: Its targets, the heaviest first.
        charts: By date.
        failures: What went wrong over the same days, the most frequent first; None if nobody
            knows.
        outages: The newest incidents; None if nobody knows.
    """

    group: Group
    is_panic: bool
    offers: Sequence[Offer]
    charts: Sequence[Chart]
    failures: Sequence[Failure] | None
    outages: Sequence[Outage] | None


def model_page(
    group: Group,
    routing: GroupRouting | None,
    lately: Mapping[str, Lately],
    past: tuple[FleetPast, Dates | None, Sequence[Outage] | None],
    now: datetime,
) -> ModelPage:
    """Put the page together.

    Args:
        group: The group.
        routing: What a router should do; None if nobody knows.
        lately: How quick its targets were in the last half hour, by key.
        past: Strips and trends, the last days, incidents.
        now: What times are told from.
    """
    strips, dates, found = past
    weights = {each.view.target.key: each.weight for each in routing.candidates} if routing else {}
    views = sorted(group.views, key=lambda view: -weights.get(view.target.key, 0.0))
    total = sum(weights.values()) or 1.0
    return ModelPage(
        group=group,
        is_panic=routing is not None and routing.is_panic,
        offers=[
            _offer(
                row(view, strips, now),
                view.target,
                weights.get(view.target.key),
                total,
                lately.get(view.target.key, Lately()),
                percent(view.windows.get("30m", NO_STATS).uptime_ratio),
            )
            for view in views
        ],
        # By key: a line keeps its look while weights move.
        charts=list(charts(dates, [view.target for view in group.views])) if dates else [],
        failures=failures(dates.points) if dates else None,
        outages=found,
    )


def _offer(
    told: Row,
    target: Target,
    weight: float | None,
    total: float,
    quick: Lately,
    uptime_30m: str,
) -> Offer:
    prices = target.prices
    ttft = quick.ttft_seconds
    return Offer(
        row=told,
        weight=NOTHING if weight is None else f"{weight:.2f}",
        weight_ratio=(weight or 0.0) / total,
        prices=[
            dollars(getattr(prices, name, None))
            for name in ("input_usd_per_million", "output_usd_per_million", "image_usd")
        ],
        context=count(target.context_tokens),
        most=count(target.longest_output_tokens),
        latency=(seconds(ttft.p50), seconds(ttft.p90)) if ttft else (NOTHING, NOTHING),
        throughput=speed(quick.tokens_per_second.p50) if quick.tokens_per_second else NOTHING,
        uptime_30m=uptime_30m,
    )


def charts(dates: Dates, targets: Sequence[Target]) -> Iterator[Chart]:
    """Draw the last days of a group."""
    series = {each.key: dates.points[each.key] for each in targets if each.key in dates.points}
    first = next(iter(series.values()), ())
    if not first:
        return
    days = [point.begin_at for point in first]
    yield uptime_chart(days, dates.shares, "at least one target available")
    yield latency_chart(days, list(series.items()))
    by_day = zip(*series.values(), strict=True)
    yield from token_charts(days, [[each.bucket for each in column] for column in by_day])
