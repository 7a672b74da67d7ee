"""The per-target series: every name and help text, as functions of the snapshot."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from prometheus_client.core import Metric

from monitor.export.series import counter, gauge, histogram, info, states, uptimes, windowed
from monitor.model.health import State
from monitor.model.outcome import Outcome
from monitor.model.snapshot import Snapshot, TargetView
from monitor.model.target import Kind
from monitor.model.window import WindowStats

_UP_STATES = frozenset({State.UP, State.DEGRADED, State.RECOVERING})

#: Outcomes that alerting rules add up: their series begin at 0, so that `rate` sees the first.
_INITIALISED_FAILURES = (
    Outcome.OVERLOADED,
    Outcome.SERVER_ERROR,
    Outcome.GATEWAY_ERROR,
    Outcome.TIMEOUT,
    Outcome.UNREACHABLE,
)
_INITIALISED_EXCLUDED = (
    Outcome.RATE_LIMITED,
    Outcome.QUOTA_EXHAUSTED,
    Outcome.UNAUTHORIZED,
    Outcome.FORBIDDEN,
    Outcome.MISSED,
)


_TTFT_HELP = (
    "Time from the last byte of the request to the first generated token of any channel, "
    "of successful scheduled completion runs."
)
_DURATION_HELP = (
    "Time from the last byte of the request to the last generated token, "
    "of successful scheduled completion runs."
)


Rows = Mapping[tuple[str, ...], float]

#: Counters: name, what it counts, its further labels, and a target's numbers by their values.
_COUNTERS: tuple[tuple[str, str, tuple[str, ...], Callable[[TargetView], Rows]], ...] = (
    (
        "probes",
        "Scheduled runs that count in uptime.",
        ("kind",),
        lambda view: {(Kind.COMPLETION.value,): 0} | _single(view.totals.valid),
    ),
    (
        "probe_failures",
        "Scheduled runs that count in uptime and failed, by outcome.",
        ("kind", "outcome"),
        lambda view: _with_zeros(_INITIALISED_FAILURES, view.totals.failures),
    ),
    (
        "probes_excluded",
        "Scheduled runs left out of uptime because they were not the provider's doing.",
        ("kind", "outcome"),
        lambda view: _with_zeros(_INITIALISED_EXCLUDED, view.totals.excluded),
    ),
    (
        "confirm_runs",
        "Extra runs soon after a failure; they inform health and are not counted in uptime.",
        ("outcome",),
        lambda view: _single(view.totals.confirms),
    ),
    (
        "tokens",
        "Tokens that probing used, as the provider counts them, by type.",
        ("type",),
        lambda view: _single(view.totals.tokens),
    ),
    (
        "cost_dollars",
        "What probing cost in US dollars, for targets with known prices.",
        (),
        lambda view: {(): view.totals.cost_usd} if view.target.prices else {},
    ),
)

#: Gauges: name, what it shows, and a target's value; None has no series.
_GAUGES: tuple[tuple[str, str, Callable[[TargetView], float | None]], ...] = (
    (
        "up",
        "1 if up, degraded or recovering, 0 if down or blocked; absent while unknown.",
        lambda view: _up(view.health.state),
    ),
    (
        "stale",
        "1 if nothing was heard of the target for three intervals.",
        lambda view: float(view.is_stale),
    ),
    (
        "consecutive_failures",
        "Failed completion runs since the last success, confirm runs included.",
        lambda view: float(view.health.consecutive_failures),
    ),
    (
        "last_probe_timestamp_seconds",
        "When the newest run began, in seconds since the epoch.",
        lambda view: _seconds(view.last_probe_at),
    ),
    (
        "last_success_timestamp_seconds",
        "When the newest successful completion run began, in seconds since the epoch.",
        lambda view: _seconds(view.health.last_success_at),
    ),
    (
        "probe_interval_seconds",
        "Planned time from one completion run to the next.",
        lambda view: view.interval_seconds,
    ),
)

#: Gauges with a series for each window; None has no series.
_WINDOW_FIGURES: tuple[tuple[str, str, Callable[[WindowStats], float | None]], ...] = (
    (
        "uptime_lower_ratio",
        "Lower Wilson 95 % bound of the uptime (provider policy).",
        lambda stats: stats.uptime_lower_ratio,
    ),
    (
        "uptime_upper_ratio",
        "Upper Wilson 95 % bound of the uptime (provider policy).",
        lambda stats: stats.uptime_upper_ratio,
    ),
    (
        "coverage_ratio",
        "Scheduled runs that took place over the slots that the schedule had.",
        lambda stats: stats.coverage_ratio,
    ),
    (
        "ttft_median_seconds",
        "Median time to first token; absent below 5 samples.",
        lambda stats: stats.ttft_median_seconds,
    ),
    (
        "ttft_p95_seconds",
        "95th percentile of the time to first token; absent below 20 samples.",
        lambda stats: stats.ttft_p95_seconds,
    ),
    (
        "request_duration_median_seconds",
        "Median time to the last token; absent below 5 samples.",
        lambda stats: stats.duration_median_seconds,
    ),
    (
        "window_samples",
        "Runs that count in the window's uptime.",
        lambda stats: float(stats.valid) if stats.expected or stats.valid else None,
    ),
)


def families(snapshot: Snapshot) -> Iterator[Metric]:
    """Give all series of all targets, family by family."""
    views = snapshot.targets
    for name, text, labels, rows in _COUNTERS:
        yield counter(name, text, labels, views, rows)
    for name, text, value in _GAUGES:
        yield gauge(name, text, views, value)
    yield states(views)
    yield uptimes(views)
    for name, text, figure in _WINDOW_FIGURES:
        yield windowed(name, text, views, figure)
    yield histogram("ttft_seconds", _TTFT_HELP, views, lambda view: view.totals.ttft)
    yield histogram(
        "request_duration_seconds", _DURATION_HELP, views, lambda view: view.totals.duration
    )
    yield info(views)


def _up(state: State) -> float | None:
    return None if state is State.UNKNOWN else float(state in _UP_STATES)


def _seconds(at: datetime | None) -> float | None:
    return at.timestamp() if at else None


def _single(counts: Mapping[str, int]) -> dict[tuple[str, ...], float]:
    return {(value,): count for value, count in counts.items()}


def _with_zeros(outcomes: Iterable[Outcome], counts: Mapping[tuple[str, str], int]) -> Rows:
    zeros: Rows = {(Kind.COMPLETION.value, outcome.value): 0 for outcome in outcomes}
    return {**zeros, **{(kind, outcome): n for (kind, outcome), n in counts.items()}}
