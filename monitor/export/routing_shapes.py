"""Pure: the routing feed as JSON."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from monitor.model.health import Transition
from monitor.model.routing import MAX_AGE_SECONDS, Candidate, GroupRouting, Routing
from monitor.model.window import WindowStats

#: What is told beside a weight is of these windows.
_UPTIME_WINDOW, _LATENCY_WINDOW = "24h", "1h"
_NOTHING = WindowStats()


def routing_shape(routing: Routing, groups: Iterable[GroupRouting]) -> dict[str, Any]:
    """Show groups."""
    return {
        "seq": routing.seq,
        "generated_at": routing.heartbeat_at.isoformat(),
        "max_age_seconds": MAX_AGE_SECONDS,
        "groups": [
            {
                "group": each.group,
                "panic": each.is_panic,
                "available": each.is_available,
                "candidates": [_candidate_shape(one) for one in each.candidates],
            }
            for each in groups
        ],
    }


def transition_shape(transition: Transition) -> dict[str, Any]:
    """Show a change of state."""
    return {
        "target": transition.target,
        "vantage": transition.vantage,
        "at": _instant(transition.at),
        "old_state": transition.old_state,
        "new_state": transition.new_state,
        "reason": transition.reason,
        "incident_at": _instant(transition.incident_at),
        "result_id": transition.result_id,
    }


def _candidate_shape(candidate: Candidate) -> dict[str, Any]:
    view = candidate.view
    uptime = view.windows.get(_UPTIME_WINDOW, _NOTHING)
    latency = view.windows.get(_LATENCY_WINDOW, _NOTHING)
    return {
        "target": view.target.key,
        "deployment": view.target.deployment,
        "provider": view.target.provider,
        "model": view.target.model,
        "weight": candidate.weight,
        "state": candidate.state,
        "reason": view.health.reason,
        "since_at": _instant(view.health.since_at),
        "stale": view.is_stale,
        "throttled": view.health.is_throttled,
        "uptime": uptime.uptime_ratio,
        "ttft_median_seconds": latency.ttft_median_seconds,
        "tokens_per_second": view.tokens_per_second,
        "price": asdict(view.target.prices) if view.target.prices else None,
    }


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
