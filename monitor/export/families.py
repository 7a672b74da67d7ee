"""Every per-target series is born here: its name, what it shows, and a target's numbers."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from monitor.export.series import (
    Family,
    counter,
    gauge,
    histogram,
    info,
    phases,
    states,
    uptimes,
    windowed,
)
from monitor.model.detail import Detail
from monitor.model.health import State
from monitor.model.outcome import Outcome
from monitor.model.routing import Candidate
from monitor.model.snapshot import TargetView
from monitor.model.target import Kind
from monitor.probes.listing import Listed

_UP_STATES = frozenset({State.UP, State.DEGRADED, State.RECOVERING})


def _zeros(outcomes: Iterable[Outcome]) -> dict[tuple[str, str], int]:
    return {(Kind.COMPLETION.value, outcome.value): 0 for outcome in outcomes}


#: What alerting rules add up begins at 0, so that `rate` sees the first.
_NO_PROBES = {(Kind.COMPLETION.value,): 0}
_NO_FAILURES = _zeros(
    (
        Outcome.OVERLOADED,
        Outcome.SERVER_ERROR,
        Outcome.GATEWAY_ERROR,
        Outcome.TIMEOUT,
        Outcome.UNREACHABLE,
        Outcome.UNCLASSIFIED,
    )
)
_NO_EXCLUDED = _zeros(
    (
        Outcome.RATE_LIMITED,
        Outcome.QUOTA_EXHAUSTED,
        Outcome.UNAUTHORIZED,
        Outcome.FORBIDDEN,
        Outcome.MISSED,
        Outcome.UNCLASSIFIED,
    )
)


def _single(counts: Mapping[str, int]) -> dict[tuple[str], int]:
    return {(value,): count for value, count in counts.items()}


def _cost(view: TargetView) -> dict[tuple[()], float]:
    return {(): view.totals.cost_usd} if view.target.prices else {}


def _up(state: State) -> float | None:
    return None if state is State.UNKNOWN else state in _UP_STATES


def _seconds(at: datetime | None) -> float | None:
    return at.timestamp() if at else None


def _description(view: TargetView) -> tuple[str, ...]:
    target = view.target
    simulated = "true" if target.simulated else "false"
    return target.group, target.region or "", target.dialect, target.host, simulated


#: What is told of every target, in the order in which it is shown.
FAMILIES: tuple[Family[TargetView], ...] = (
    counter(
        "probes",
        "Scheduled runs that count in uptime.",
        ("kind",),
        lambda view: {**_NO_PROBES, **_single(view.totals.valid)},
    ),
    counter(
        "probe_failures",
        "Scheduled runs that count in uptime and failed, by outcome.",
        ("kind", "outcome"),
        lambda view: {**_NO_FAILURES, **view.totals.failures},
    ),
    counter(
        "probes_excluded",
        "Scheduled runs left out of uptime because they were not the provider's doing, by outcome; "
        "`missed` are slots that were not run.",
        ("kind", "outcome"),
        lambda view: {**_NO_EXCLUDED, **view.totals.excluded},
    ),
    counter(
        "probe_causes",
        "Scheduled runs that failed or do not count in uptime, by outcome and by the rule that "
        "decided.",
        ("kind", "outcome", "rule"),
        lambda view: view.totals.causes,
        is_full=True,
    ),
    counter(
        "confirm_runs",
        "Extra runs soon after a failure; they inform health and are not counted in uptime.",
        ("outcome",),
        lambda view: _single(view.totals.confirms),
    ),
    counter(
        "tokens",
        "Tokens that probing used, as the provider counts them, by type.",
        ("type",),
        lambda view: _single(view.totals.tokens),
    ),
    counter(
        "cost_dollars",
        "What probing cost in US dollars, for targets with known prices.",
        (),
        _cost,
    ),
    gauge(
        "up",
        "1 if up, degraded or recovering, 0 if down or blocked; absent while unknown.",
        lambda view: _up(view.health.state),
    ),
    gauge(
        "stale",
        "1 if nothing was heard of the target for three intervals; of who is down, recovering, "
        "blocked or throttled, a slot left out for a pause or the budget counts as heard.",
        lambda view: view.is_stale,
    ),
    gauge(
        "maintenance",
        "1 while there is planned work on the target (`maintenance`), else 0; absent where none is "
        "known of.",
        lambda view: view.maintenance is not None if view.outside_maintenance else None,
    ),
    gauge(
        "consecutive_failures",
        "Failed completion runs since the last success, confirm runs included.",
        lambda view: view.health.consecutive_failures,
    ),
    gauge(
        "last_probe_timestamp_seconds",
        "When the newest run began, in seconds since the epoch.",
        lambda view: _seconds(view.last_probe_at),
    ),
    gauge(
        "last_success_timestamp_seconds",
        "When the newest successful completion run began, in seconds since the epoch.",
        lambda view: _seconds(view.health.last_success_at),
    ),
    gauge(
        "probe_interval_seconds",
        "Planned time from one completion run to the next.",
        lambda view: view.interval_seconds,
    ),
    states("state", "1 for the state that the target is in, 0 for the others."),
    uptimes(
        "uptime_ratio",
        "Good runs over valid runs of the window; policy=provider leaves out what is not the "
        "provider's doing, policy=openrouter follows OpenRouter's documented rule, "
        "policy=outside_maintenance is the first without the times of planned work, where some is "
        "known of.",
    ),
    windowed(
        "uptime_lower_ratio",
        "Lower Wilson 95 % bound of the uptime (provider policy).",
        lambda stats: stats.uptime_lower_ratio,
    ),
    windowed(
        "uptime_upper_ratio",
        "Upper Wilson 95 % bound of the uptime (provider policy).",
        lambda stats: stats.uptime_upper_ratio,
    ),
    windowed(
        "availability_ratio",
        "Share of the window's time in which the target was not down, dated as its incident; time "
        "in which that was not known is left out.",
        lambda stats: stats.availability_ratio,
    ),
    windowed(
        "coverage_ratio",
        "Scheduled runs that took place over the slots that the schedule had.",
        lambda stats: stats.coverage_ratio,
    ),
    windowed(
        "ttft_median_seconds",
        "Median time to first token; absent below 5 samples.",
        lambda stats: stats.ttft_median_seconds,
    ),
    windowed(
        "ttft_p95_seconds",
        "95th percentile of the time to first token; absent below 20 samples.",
        lambda stats: stats.ttft_p95_seconds,
    ),
    windowed(
        "request_duration_median_seconds",
        "Median time to the last token; absent below 5 samples.",
        lambda stats: stats.duration_median_seconds,
    ),
    windowed(
        "output_tokens_per_second_median",
        "Median decode speed of throughput runs, in tokens per second; absent below 5 samples, and "
        "where a window plans fewer than 10.",
        lambda stats: stats.output_tokens_per_second_median,
    ),
    windowed(
        "window_samples",
        "Runs that count in the window's uptime.",
        lambda stats: stats.valid if stats.expected or stats.valid else None,
    ),
    histogram(
        "ttft_seconds",
        "Time from the last byte of the request to the first generated token of any channel, "
        "of successful scheduled completion runs.",
        "ttft_seconds",
    ),
    histogram(
        "request_duration_seconds",
        "Time from the last byte of the request to the last generated token, "
        "of successful scheduled completion runs.",
        "duration_seconds",
    ),
    histogram(
        "ttfat_seconds",
        "Time from the last byte of the request to the first token of the answer itself, "
        "of successful scheduled completion runs.",
        "ttfat_seconds",
        is_full=True,
    ),
    histogram(
        "first_byte_seconds",
        "Time from the last byte of the request to the first byte of the response, "
        "of successful scheduled completion runs.",
        "first_byte_seconds",
        is_full=True,
    ),
    phases(
        "connect_duration_seconds",
        "Time that a new connection of a successful scheduled completion run took, by phase: name "
        "look-up (dns), TCP (connect), handshake (tls).",
        {"dns": "dns_seconds", "connect": "connect_seconds", "tls": "tls_seconds"},
    ),
    histogram(
        "output_tokens_per_second",
        "Decode speed of successful scheduled throughput runs, in tokens per second.",
        "output_tokens_per_second",
        is_full=True,
    ),
    info(
        "target",
        "What is probed.",
        ("group", "region", "dialect", "host", "simulated"),
        _description,
    ),
)


def families_of(detail: Detail) -> tuple[Family[TargetView], ...]:
    """Give the families that a detail has."""
    return tuple(each for each in FAMILIES if detail is Detail.FULL or not each.is_full)


#: What a gateway publishes of a target, beside what we measured.
PUBLISHED: tuple[Family[Listed], ...] = (
    gauge(
        "published_uptime_ratio",
        "Uptime of the last 30 minutes, as the gateway publishes it.",
        lambda listed: listed.uptime_ratio,
    ),
    gauge(
        "published_ttft_median_seconds",
        "Median time to first token of the last 30 minutes, as the gateway publishes it.",
        lambda listed: listed.latency_seconds,
    ),
    gauge(
        "published_tokens_per_second_median",
        "Median throughput of the last 30 minutes, as the gateway publishes it.",
        lambda listed: listed.tokens_per_second,
    ),
)

#: What the routing feed says of a target.
ROUTING: tuple[Family[Candidate], ...] = (
    gauge(
        "routing_weight",
        "Share of its group's traffic that the target should get, in proportion to the others'.",
        lambda candidate: candidate.weight,
    ),
)
