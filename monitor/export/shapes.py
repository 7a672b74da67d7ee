"""Pure: the nouns as JSON; names and units are those of the model."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from monitor.health.rollup import QUANTITIES, Bucket, Cause, Quantity, quantiles
from monitor.health.series import Point
from monitor.model.incident import Incident
from monitor.model.maintenance import Ongoing
from monitor.model.result import Result
from monitor.model.snapshot import TargetView
from monitor.model.target import Kind
from monitor.model.window import WindowStats

_STATS = tuple(each.name for each in fields(WindowStats))
_stats_of = attrgetter(*_STATS)
#: What a window tells of times; a span of history tells more of them, in the same words.
_TIMES = (
    *("ttft_median_seconds", "ttft_p95_seconds", "duration_median_seconds", "ttft_samples"),
    "output_tokens_per_second_median",
)


def target_shape(view: TargetView) -> dict[str, Any]:
    """Show one target."""
    target, health = view.target, view.health
    return {
        "key": target.key,
        "provider": target.provider,
        "model": target.model,
        "group": target.group,
        "region": target.region,
        "dialect": target.dialect,
        "host": target.host,
        "simulated": target.simulated,
        "interval_seconds": view.interval_seconds,
        "state": health.state,
        "state_since_at": _instant(health.since_at),
        "reason": health.reason,
        "stale": view.is_stale,
        "consecutive_failures": health.consecutive_failures,
        "last_probe_at": _instant(view.last_probe_at),
        "last_success_at": _instant(health.last_success_at),
        "in_maintenance": view.maintenance is not None,
        "maintenance": _maintenance_shape(view.maintenance),
        "windows": {
            name: _stats_shape(stats) | _outside_shape(view, name)
            for name, stats in view.windows.items()
        },
        "last_result": result_shape(view.last_result) if view.last_result else None,
    }


def result_shape(result: Result) -> dict[str, Any]:
    """Show one result, with all that is stored of it."""
    verdict = result.verdict
    return {
        "id": result.id,
        "target": result.target,
        "kind": result.kind,
        "vantage": result.vantage,
        "slot_at": _instant(result.slot_at),
        "confirm": result.confirm,
        "started_at": _instant(result.started_at),
        "schedule_delay_seconds": result.schedule_delay_seconds,
        **asdict(verdict),
        **asdict(result.measurement),
        "finish_reason": result.finish_reason,
        "request_id": result.request_id,
        "loop_lag_seconds": result.loop_lag_seconds,
        "tainted": result.tainted,
    }


def span_shape(point: Point, kind: Kind) -> dict[str, Any]:
    """Show what the runs of a span add up to: of a step of a series, or of any other span."""
    bucket = point.bucket
    return {
        "begin_at": _instant(point.begin_at),
        "end_at": _instant(point.end_at),
        **_uptime_shape(point.stats),
        **(_availability_shape(bucket) if kind is Kind.COMPLETION else {}),
        **_quantity_shapes(point, kind),
        **bucket.spent._asdict(),
        "outcomes": _causes_shape(bucket.outcomes),
        "confirms": _causes_shape(bucket.confirms),
    }


def incident_shape(incident: Incident) -> dict[str, Any]:
    """Show one incident."""
    return {
        name: _instant(value) if isinstance(value, datetime) else value
        for name, value in asdict(incident).items()
    }


def _stats_shape(stats: WindowStats) -> dict[str, Any]:
    # Ten times as quick as `asdict`: thousands of targets have seven windows each.
    return dict(zip(_STATS, _stats_of(stats), strict=True))


def _maintenance_shape(work: Ongoing | None) -> dict[str, Any] | None:
    return {"end_at": _instant(work.end_at), "reason": work.reason} if work else None


def _outside_shape(view: TargetView, window: str) -> dict[str, float | None]:
    """Show the uptime without the times of planned work; without any, it is the uptime."""
    known = view.outside_maintenance or {window: view.windows[window].uptime_ratio}
    return {"outside_maintenance_uptime_ratio": known.get(window)}


def _uptime_shape(stats: WindowStats) -> dict[str, Any]:
    left_out = (*_TIMES, "availability_ratio")
    return {name: value for name, value in _stats_shape(stats).items() if name not in left_out}


def _availability_shape(bucket: Bucket) -> dict[str, Any]:
    known = bucket.availability
    return {**known._asdict(), "availability_ratio": known.ratio}


def _quantity_shapes(point: Point, kind: Kind) -> dict[str, Any]:
    shapes: dict[str, Any] = {}
    for quantity in QUANTITIES[kind]:
        shapes |= _quantity_shape(quantity, point)
    return shapes


def _quantity_shape(quantity: Quantity, point: Point) -> dict[str, Any]:
    found = quantiles(point.bucket.sketch(quantity), point.planned)
    name = quantity.value.removesuffix("_seconds")
    unit = quantity.value.removeprefix(name)
    told = {f"{name}_{each}{unit}": value for each, value in found._asdict().items()}
    return {f"{name}_samples": told.pop(f"{name}_samples{unit}"), **told}


def _causes_shape(counts: Mapping[Cause, int]) -> list[dict[str, Any]]:
    return [{**cause._asdict(), "count": count} for cause, count in sorted(counts.items())]


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
