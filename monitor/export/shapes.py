"""Pure: the nouns as JSON; names and units are those of the model."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from monitor.model.result import Result
from monitor.model.snapshot import TargetView


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
        "windows": {name: asdict(stats) for name, stats in view.windows.items()},
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


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
