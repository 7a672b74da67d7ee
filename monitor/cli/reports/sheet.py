"""A report as CSV (RFC 4180): a row for each target, each incident and each group."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from monitor.app.report import Episode, GroupReport, Report, TargetReport
from monitor.cli.inert import cell
from monitor.cli.reports.words import counted, evidence
from monitor.health.rollup import Quantity
from monitor.model.window import WindowStats

#: What a row is of stands first; what does not apply to it is empty.
COLUMNS = (
    "row",
    "vantage",
    "group",
    "target",
    "provider",
    "model",
    "begin_at",
    "end_at",
    "duration_seconds",
    "uptime_ratio",
    "uptime_lower_ratio",
    "uptime_upper_ratio",
    "openrouter_uptime_ratio",
    "availability_ratio",
    "unavailable_seconds",
    "coverage_ratio",
    "good",
    "valid",
    "excluded",
    "expected",
    "ttft_median_seconds",
    "ttft_p95_seconds",
    "duration_median_seconds",
    "duration_p95_seconds",
    "output_tokens_per_second_median",
    "cost_usd",
    "incidents",
    "reason",
    "rule",
    "http_status",
    "provider_code",
    "evidence",
    "request_ids",
    "failing_runs",
)


def spreadsheet(report: Report) -> str:
    """Write it; what a spreadsheet would take for a formula is made text by an apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for row in _rows(report):
        writer.writerow({name: cell(value) for name, value in row.items()})
    return text.getvalue()


def _rows(report: Report) -> Iterator[dict[str, Any]]:
    span = {"begin_at": report.begin_at.isoformat(), "end_at": report.end_at.isoformat()}
    for told in report.targets:
        yield {"row": "target", **_names(told), **span, **_target(told)}
    for told in report.targets:
        for each in told.episodes:
            yield {"row": "incident", **_names(told), **_episode(each)}
    for group in report.groups:
        yield {"row": "group", **span, **_group(group)}


def _names(told: TargetReport) -> dict[str, Any]:
    labels = told.labels
    return {
        "vantage": told.vantage,
        "group": labels.group,
        "target": labels.key,
        "provider": labels.provider,
        "model": labels.model,
    }


def _target(told: TargetReport) -> dict[str, Any]:
    ttft, duration = told.times(Quantity.TTFT), told.times(Quantity.DURATION)
    return {
        **_stats(told.completion.stats),
        "unavailable_seconds": told.completion.bucket.availability.unavailable_seconds,
        "ttft_median_seconds": ttft.median,
        "ttft_p95_seconds": ttft.p95,
        "duration_median_seconds": duration.median,
        "duration_p95_seconds": duration.p95,
        "output_tokens_per_second_median": told.speeds.median,
        "cost_usd": told.cost_usd,
        "incidents": len(told.episodes),
    }


def _group(told: GroupReport) -> dict[str, Any]:
    return {
        "vantage": told.vantage,
        "group": told.group,
        **_stats(told.stats),
        "ttft_median_seconds": told.stats.ttft_median_seconds,
        "ttft_p95_seconds": told.stats.ttft_p95_seconds,
        "duration_median_seconds": told.stats.duration_median_seconds,
        "cost_usd": told.cost_usd,
        "incidents": told.incidents,
    }


def _stats(stats: WindowStats) -> dict[str, Any]:
    return {
        "uptime_ratio": stats.uptime_ratio,
        "uptime_lower_ratio": stats.uptime_lower_ratio,
        "uptime_upper_ratio": stats.uptime_upper_ratio,
        "openrouter_uptime_ratio": stats.openrouter_uptime_ratio,
        "availability_ratio": stats.availability_ratio,
        "coverage_ratio": stats.coverage_ratio,
        "good": stats.good,
        "valid": stats.valid,
        "excluded": stats.excluded,
        "expected": stats.expected,
    }


def _episode(episode: Episode) -> dict[str, Any]:
    incident = episode.incident
    return {
        "begin_at": incident.begin_at.isoformat(),
        "end_at": incident.end_at.isoformat() if incident.end_at else None,
        "duration_seconds": episode.seconds,
        "reason": incident.reason,
        "rule": incident.rule,
        "http_status": incident.http_status,
        "provider_code": incident.provider_code,
        "evidence": "; ".join(evidence(episode).splitlines()),
        "request_ids": " ".join(episode.request_ids),
        "failing_runs": counted(episode),
    }
