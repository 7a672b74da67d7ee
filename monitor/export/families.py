"""The per-target series: every name and help text, as functions of the snapshot."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from prometheus_client.core import Metric

from monitor.export.series import counter, gauge, histogram, info, states, uptimes, windowed
from monitor.model.health import State
from monitor.model.outcome import Outcome
from monitor.model.snapshot import Snapshot, TargetView
from monitor.model.target import Kind
from monitor.model.window import WindowStats

K = TypeVar("K", bound=tuple[str, ...])

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


def families(snapshot: Snapshot) -> Iterator[Metric]:
    """Give all series of all targets, family by family."""
    views = snapshot.targets
    yield from _counters(views)
    yield from _gauges(views)
    yield from _window_gauges(views)
    yield histogram("ttft_seconds", _TTFT_HELP, views, lambda view: view.totals.ttft)
    yield histogram(
        "request_duration_seconds", _DURATION_HELP, views, lambda view: view.totals.duration
    )
    yield info(views)


_TTFT_HELP = (
    "Time from the last byte of the request to the first generated token of any channel, "
    "of successful scheduled completion runs."
)
_DURATION_HELP = (
    "Time from the last byte of the request to the last generated token, "
    "of successful scheduled completion runs."
)


def _counters(views: Iterable[TargetView]) -> Iterator[Metric]:
    yield counter(
        "probes",
        "Scheduled runs that count in uptime.",
        ("kind",),
        views,
        lambda view: _with_zeros(
            {(kind,): n for kind, n in view.totals.valid.items()}, ((Kind.COMPLETION.value,),)
        ),
    )
    yield counter(
        "probe_failures",
        "Scheduled runs that count in uptime and failed, by outcome.",
        ("kind", "outcome"),
        views,
        lambda view: _with_zeros(view.totals.failures, _completion(_INITIALISED_FAILURES)),
    )
    yield counter(
        "probes_excluded",
        "Scheduled runs left out of uptime because they were not the provider's doing.",
        ("kind", "outcome"),
        views,
        lambda view: _with_zeros(view.totals.excluded, _completion(_INITIALISED_EXCLUDED)),
    )
    yield counter(
        "confirm_runs",
        "Extra runs soon after a failure; they inform health and are not counted in uptime.",
        ("outcome",),
        views,
        lambda view: {(outcome,): n for outcome, n in view.totals.confirms.items()},
    )
    yield counter(
        "tokens",
        "Tokens that probing used, as the provider counts them, by type.",
        ("type",),
        views,
        lambda view: {(kind,): n for kind, n in view.totals.tokens.items()},
    )
    yield counter(
        "cost_dollars",
        "What probing cost in US dollars, for targets with known prices.",
        (),
        views,
        lambda view: {(): view.totals.cost_usd} if view.target.prices else {},
    )


def _gauges(views: Iterable[TargetView]) -> Iterator[Metric]:
    yield gauge(
        "up",
        "1 if the target is up, degraded or recovering, 0 if it is down or blocked; "
        "absent while unknown.",
        views,
        _up,
    )
    yield gauge(
        "stale",
        "1 if nothing was heard of the target for three intervals.",
        views,
        lambda view: float(view.is_stale),
    )
    yield gauge(
        "consecutive_failures",
        "Failed completion runs since the last success, confirm runs included.",
        views,
        lambda view: float(view.health.consecutive_failures),
    )
    yield gauge(
        "last_probe_timestamp_seconds",
        "When the newest run began, in seconds since the epoch.",
        views,
        lambda view: view.last_probe_at.timestamp() if view.last_probe_at else None,
    )
    yield gauge(
        "last_success_timestamp_seconds",
        "When the newest successful completion run began, in seconds since the epoch.",
        views,
        lambda view: (
            view.health.last_success_at.timestamp() if view.health.last_success_at else None
        ),
    )
    yield gauge(
        "probe_interval_seconds",
        "Planned time from one completion run to the next.",
        views,
        lambda view: view.interval_seconds,
    )
    yield states(views)


def _window_gauges(views: Iterable[TargetView]) -> Iterator[Metric]:
    views = tuple(views)
    yield uptimes(views)
    for name, text, value in _WINDOW_FIGURES:
        yield windowed(name, text, views, value)


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


def _up(view: TargetView) -> float | None:
    state = view.health.state
    return None if state is State.UNKNOWN else float(state in _UP_STATES)


def _completion(outcomes: Iterable[Outcome]) -> tuple[tuple[str, str], ...]:
    return tuple((Kind.COMPLETION.value, outcome.value) for outcome in outcomes)


def _with_zeros(counts: Mapping[K, int], known: Iterable[K]) -> Mapping[K, float]:
    return {**dict.fromkeys(known, 0), **counts}
