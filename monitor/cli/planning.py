"""Pure: what a configuration would do, and what that costs, as JSON."""

from collections.abc import Iterable, Sequence
from typing import Any

from monitor.config.cost import Bill
from monitor.config.settings import Discovery, Settings
from monitor.model.target import Probe


def plan_shape(settings: Settings, warnings: Sequence[str]) -> dict[str, Any]:
    """Show all that `check-config` tells; no credential is among it."""
    return {
        "source": settings.source,
        "vantage": settings.vantage,
        "warnings": list(warnings),
        "probes": [_probe(each) for each in settings.probes],
        "discoveries": [_discovery(each) for each in settings.discoveries],
        "limits": {
            "overall": settings.limits.overall,
            "per_provider": settings.limits.per_provider,
            "per_host": settings.limits.per_host,
            "providers": dict(settings.limits.providers),
        },
        "budget_usd_per_day": {
            "overall": settings.budget.overall,
            "providers": dict(settings.budget.providers),
        },
        "cost_per_day": _bill(settings.probes),
    }


def _probe(probe: Probe) -> dict[str, Any]:
    target = probe.target
    return {
        "target": target.key,
        "kind": probe.kind,
        "group": target.group,
        "dialect": target.dialect,
        "host": target.host,
        "interval_seconds": probe.interval_seconds,
        "first_token_seconds": probe.deadlines.first_token_seconds,
        "total_seconds": probe.deadlines.total_seconds,
        "cost_per_day": _bill([probe]),
    }


def _discovery(found: Discovery) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "provider": found.provider,
        "model": found.model,
        "cost_per_day_each": _bill(found.templates),
    }


def _bill(probes: Iterable[Probe]) -> dict[str, Any]:
    """Tell the most that it can cost: dollars where prices are known, tokens in any case."""
    bill = Bill.of(tuple(probes))
    return {
        "usd": bill.usd if bill.is_known or bill.usd else None,
        "output_tokens": bill.output_tokens,
        "unpriced_output_tokens": bill.unpriced_tokens,
    }
