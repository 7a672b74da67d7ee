"""Pure: a target as a row of the fleet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.export.pages.places import mark, target_href
from monitor.export.pages.planned import work_words
from monitor.export.pages.present import and_now, by_now
from monitor.export.pages.strips import EMPTY, NO_TREND, FleetPast, Strip
from monitor.export.pages.words import (
    NOTHING,
    OUTCOMES,
    STATES,
    cause,
    clock,
    duration,
    percent,
    seconds,
    speed,
    visible,
    with_status,
)
from monitor.export.pages.young import data_since, freshest
from monitor.model.health import State
from monitor.model.snapshot import TargetView
from monitor.model.window import WindowStats

NO_STATS = WindowStats()
#: The state of a target that is not heard of: what is said of it is said of the past.
SILENT = "not heard of lately"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A target of the fleet.

    Attributes:
        id: Of its row.
        key: The target's key.
        href: Of its page.
        provider: Who serves it.
        model: What is asked for.
        variant: What tells it from others of the same provider and model; empty if nothing.
        state: What is believed of it.
        word: The state in a word.
        cause: Why, in words; empty where there is nothing to explain.
        since: From when on.
        work: The planned work that is under way; empty if there is none.
        uptimes: Of the last 24 hours and the last 30 days, with how much each is based on.
        strip: The last days.
        ttft: The median time to the first token of the last hour.
        spark: How that median went.
        trend: The same in words.
        speed: Tokens a second.
        probed_at: When the newest run began.
        begun_at: Since when there is data of it; None if nobody knows.
        young: The same in words, if that is less than 30 days.
    """

    id: str
    key: str
    href: str
    provider: str
    model: str
    variant: str
    state: str
    word: str
    cause: str
    since: str
    work: str
    uptimes: Sequence[tuple[str, str]]
    strip: Strip
    ttft: str
    spark: str
    trend: str
    speed: str
    probed_at: datetime | None
    begun_at: datetime | None
    young: str


def row(view: TargetView, past: FleetPast, now: datetime) -> Row:
    """Tell a target."""
    target, begun_at = view.target, past.begins.get(view.target.key)
    windows = freshest(view.windows, begun_at, now)
    trend = past.trends.get(target.key, NO_TREND)
    return Row(
        id=f"t-{mark(target.key)}",
        key=visible(target.key),
        href=target_href(target.key),
        provider=visible(target.provider),
        model=visible(target.model),
        variant=visible(target.key.partition("@")[2]),
        state="silent" if view.is_stale else view.health.state.value,
        word=SILENT if view.is_stale else STATES[view.health.state][0],
        cause=why(view),
        since=since_words(view, now),
        work=work_words(view.maintenance, now),
        uptimes=[
            uptime(windows.get(name, NO_STATS), data_since(begun_at, name, now))
            for name in ("24h", "30d")
        ],
        strip=past.strips.get(target.key, EMPTY),
        ttft=seconds(windows.get("1h", NO_STATS).ttft_median_seconds),
        spark=trend.path,
        trend=trend.words,
        speed=speed(view.tokens_per_second),
        probed_at=view.last_probe_at,
        begun_at=begun_at,
        young=data_since(begun_at, "30d", now),
    )


def why(view: TargetView) -> str:
    """Say why a target is in its state; of one that is up, what its newest run failed for.

    A target that has never answered well is unknown for the reason of its newest run.
    """
    last = view.last_result.verdict if view.last_result else None
    failed = last if last and not last.is_good else None
    newest = with_status(OUTCOMES[failed.outcome], failed.http_status) if failed else ""
    match view.health.state:
        case State.UP | State.UNKNOWN:
            return f"newest run: {newest}" if newest else ""
        case State.RECOVERING:
            return "answers again"
        case _:
            # A reason of a success says only that it is not believed yet.
            of_newest = ("ok", failed.outcome.value if failed else "ok")
            began = newest if view.health.reason in of_newest else cause(view.health.reason)
            return and_now(began, by_now(view, view.health.reason))


def since_words(view: TargetView, now: datetime) -> str:
    """Say since when a target is in its state; of one that is up that is no news."""
    health = view.health
    at = health.since_at
    if health.state is State.DOWN:
        at = health.failing_since_at or at
    if at is None or health.state is State.UP:
        return ""
    return f"since {clock(at, now)} UTC, {duration((now - at).total_seconds())}"


def uptime(stats: WindowStats, since: str = "") -> tuple[str, str]:
    """Write an uptime, and what it is based on: since when, if that is not the whole window."""
    more = f", {stats.excluded:,} left out" if stats.excluded else ""
    more += f", {since} UTC" if since else ""
    if stats.uptime_ratio is None:
        return NOTHING, f"no runs that count{more}"
    bounds = f"{percent(stats.uptime_lower_ratio, 1)} to {percent(stats.uptime_upper_ratio, 1)}"
    covered = percent(stats.coverage_ratio, 1)
    words = f"{stats.good:,} of {stats.valid:,} good, 95 % bounds {bounds}, coverage {covered}"
    return percent(stats.uptime_ratio), words + more
