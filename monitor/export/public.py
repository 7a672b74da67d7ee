"""Pure: what anybody may see. A member of an answer that is not named here is left out.

So nothing that is added to an answer is shown to the world before somebody names it here.
"""

import re
from dataclasses import fields, replace
from typing import Any

from monitor.export.paths import in_one_segment
from monitor.health.machine import FLAPPING
from monitor.health.rollup import QUANTITIES
from monitor.model.health import Health
from monitor.model.outcome import Fault, Outcome, fault_of
from monitor.model.snapshot import Snapshot, TargetView, Totals
from monitor.model.target import Target
from monitor.model.window import WINDOWS, WindowStats

#: What is answered without the token, of all that can be asked.
_PATHS = re.compile(
    r"/|/models/.+|/targets/.+|/static/[^/]+|/live|/api/v1/(?:targets(?:/[^/]+(?:/(?:series|window))?)?|incidents(?:\.atom)?|badge/.+\.svg)"
)
#: Members that are shown. Those of spans of history beside them begin like a quantity.
_NAMED = frozenset(
    (
        *("targets", "target", "steps", "window", "windows", "incidents", "next_cursor"),
        *("generated_at", "age_seconds", "simulated", "asked", "is_widened", "by", "kind"),
        *("key", "provider", "model", "group", "region", "interval_seconds"),
        *("state", "state_since_at", "stale", "reason", "last_probe_at", "last_success_at"),
        *("in_maintenance", "maintenance", "outside_maintenance_uptime_ratio"),
        *("id", "begin_at", "known_at", "end_at", "is_open", "retired_at"),
        *("available_seconds", "unavailable_seconds"),
        *("snapshot_age_seconds", "configuration"),
        *("last_reload_successful", "last_reload_success_at"),
        *("type", "title", "status", "detail", "errors", "parameter"),
        *(each.name for each in fields(WindowStats)),
        *WINDOWS,
    )
)
_QUANTITIES = tuple(
    each.value.removesuffix("_seconds") + "_" for known in QUANTITIES.values() for each in known
)
#: Why a provider failed is told; why our account was refused is nobody's business.
_REASONS = frozenset({FLAPPING, "slow", "unreliable"}).union(
    each.value for each in Outcome if fault_of(each, http_status=500) is Fault.PROVIDER
)


def is_public_path(raw_path: str) -> bool:
    """Say whether what is asked for is shown to those who send no token.

    >>> is_public_path("/api/v1/targets/acme/large"), is_public_path("/metrics")
    (True, False)
    """
    return _PATHS.fullmatch(in_one_segment(raw_path)) is not None


def published(shape: Any) -> Any:
    """Give an answer of the API without what is nobody's business."""
    if isinstance(shape, dict):
        return {name: _member(name, value) for name, value in shape.items() if _is_shown(name)}
    if isinstance(shape, list):
        return [published(each) for each in shape]
    return shape


def published_reason(reason: str | None) -> str | None:
    """Give why a provider failed; None for what is between us and it."""
    return reason if reason in _REASONS else None


def published_picture(picture: Snapshot) -> Snapshot:
    """Give a picture from which pages can be drawn for anybody."""
    return replace(picture, vantage="", targets=tuple(map(_view, picture.targets)))


def _is_shown(name: str) -> bool:
    return name in _NAMED or name.startswith(_QUANTITIES)


def _member(name: str, value: Any) -> Any:
    if name == "reason":
        return published_reason(value)
    return published(value)


def _view(view: TargetView) -> TargetView:
    work = view.maintenance
    return replace(
        view,
        target=_target(view.target),
        health=_health(view.health),
        totals=Totals(),
        last_result=None,
        maintenance=replace(work, reason=None) if work else None,
    )


def _target(target: Target) -> Target:
    return Target(
        key=target.key,
        provider=target.provider,
        model=target.model,
        group=target.group,
        dialect="",
        base_url="",
        region=target.region,
        simulated=target.simulated,
    )


def _health(health: Health) -> Health:
    return replace(health, reason=published_reason(health.reason))
