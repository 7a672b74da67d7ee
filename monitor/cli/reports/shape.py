"""A report as JSON; names and figures are those of the API."""

from typing import Any

from monitor.app.report import Episode, GroupReport, Report, TargetReport
from monitor.cli.reports.words import method
from monitor.export.shapes import incident_shape, result_shape, span_shape
from monitor.model.target import Kind


def report_shape(report: Report) -> dict[str, Any]:
    """Give all of a report as one JSON object."""
    wanted = report.wanted
    return {
        "begin_at": report.begin_at.isoformat(),
        "end_at": report.end_at.isoformat(),
        "asked": {
            "begin_at": wanted.begin_at.isoformat(),
            "end_at": wanted.end_at.isoformat(),
            "vantage": wanted.vantage,
            "target": wanted.target,
            "group": wanted.group,
            "provider": wanted.provider,
        },
        "generated_at": report.generated_at.isoformat(),
        "version": report.version,
        "simulated": report.is_simulated,
        "vantages": list(report.vantages),
        "method": list(method(report)),
        "targets": [_target(each) for each in report.targets],
        "groups": [_group(each) for each in report.groups],
    }


def _target(told: TargetReport) -> dict[str, Any]:
    labels = told.labels
    return {
        "key": labels.key,
        "provider": labels.provider,
        "model": labels.model,
        "group": labels.group,
        "region": labels.region,
        "dialect": labels.dialect,
        "host": labels.host,
        "simulated": labels.simulated,
        "retired_at": labels.retired_at.isoformat() if labels.retired_at else None,
        "vantage": told.vantage,
        "probed_since_at": told.since_at.isoformat(),
        "interval_seconds": list(told.interval_seconds),
        "cost_usd": told.cost_usd,
        "completion": span_shape(told.completion, Kind.COMPLETION),
        "throughput": span_shape(told.throughput, Kind.THROUGHPUT) if told.throughput else None,
        "incidents": [_episode(each) for each in told.episodes],
    }


def _episode(episode: Episode) -> dict[str, Any]:
    return {
        **incident_shape(episode.incident),
        "duration_seconds": episode.seconds,
        "failing_runs": dict(episode.outcomes),
        "request_ids": list(episode.request_ids),
        "first_failure": result_shape(episode.first) if episode.first else None,
        "last_failure": result_shape(episode.last) if episode.last else None,
    }


def _group(told: GroupReport) -> dict[str, Any]:
    stats = told.stats
    return {
        "group": told.group,
        "vantage": told.vantage,
        "targets": told.targets,
        "good": stats.good,
        "valid": stats.valid,
        "excluded": stats.excluded,
        "expected": stats.expected,
        "uptime_ratio": stats.uptime_ratio,
        "uptime_lower_ratio": stats.uptime_lower_ratio,
        "uptime_upper_ratio": stats.uptime_upper_ratio,
        "openrouter_uptime_ratio": stats.openrouter_uptime_ratio,
        "coverage_ratio": stats.coverage_ratio,
        "availability_ratio": stats.availability_ratio,
        "ttft_median_seconds": stats.ttft_median_seconds,
        "ttft_p95_seconds": stats.ttft_p95_seconds,
        "incidents": told.incidents,
        "cost_usd": told.cost_usd,
    }
