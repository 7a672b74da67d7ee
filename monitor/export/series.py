"""How a family of per-target series is written; the label names stand here."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)

from monitor.model.health import State
from monitor.model.snapshot import DURATION_BUCKETS, Histogram, TargetView
from monitor.model.window import WindowStats

PREFIX = "llmprobe_"
_LABELS = ("target", "provider", "model")


def counter(
    name: str,
    text: str,
    labels: tuple[str, ...],
    views: Iterable[TargetView],
    rows: Callable[[TargetView], Mapping[tuple[str, ...], float]],
) -> Metric:
    """Write a counter; *rows* gives each target's numbers by the values of the further labels."""
    family = CounterMetricFamily(PREFIX + name, text, labels=(*_LABELS, *labels))
    for view in views:
        for values, number in sorted(rows(view).items()):
            family.add_metric((*_names(view), *values), number)
    return family


def gauge(
    name: str,
    text: str,
    views: Iterable[TargetView],
    value: Callable[[TargetView], float | None],
) -> Metric:
    """Write a gauge; a target whose value is None has no series."""
    family = GaugeMetricFamily(PREFIX + name, text, labels=_LABELS)
    for view in views:
        number = value(view)
        if number is not None:
            family.add_metric(_names(view), number)
    return family


def windowed(
    name: str,
    text: str,
    views: Iterable[TargetView],
    value: Callable[[WindowStats], float | None],
) -> Metric:
    """Write a gauge with a series for each window; None is no series."""
    family = GaugeMetricFamily(PREFIX + name, text, labels=(*_LABELS, "window"))
    for view in views:
        for window, stats in view.windows.items():
            number = value(stats)
            if number is not None:
                family.add_metric((*_names(view), window), number)
    return family


def uptimes(views: Iterable[TargetView]) -> Metric:
    """Write the uptime by window and policy."""
    family = GaugeMetricFamily(
        PREFIX + "uptime_ratio",
        "Good runs over valid runs of the window; policy=provider leaves out what is not the "
        "provider's doing, policy=openrouter follows OpenRouter's documented rule.",
        labels=(*_LABELS, "window", "policy"),
    )
    for view in views:
        for window, stats in view.windows.items():
            ratios = {"openrouter": stats.openrouter_uptime_ratio, "provider": stats.uptime_ratio}
            for policy, ratio in ratios.items():
                if ratio is not None:
                    family.add_metric((*_names(view), window, policy), ratio)
    return family


def states(views: Iterable[TargetView]) -> Metric:
    """Write the state of each target as a set of 0 and 1."""
    family = GaugeMetricFamily(
        PREFIX + "state",
        "1 for the state that the target is in, 0 for the others.",
        labels=(*_LABELS, "state"),
    )
    for view in views:
        for state in State:
            family.add_metric((*_names(view), state.value), float(view.health.state is state))
    return family


def histogram(
    name: str,
    text: str,
    views: Iterable[TargetView],
    value: Callable[[TargetView], Histogram],
) -> Metric:
    """Write a histogram with the buckets of the model."""
    family = HistogramMetricFamily(PREFIX + name, text, labels=_LABELS)
    for view in views:
        histogram, total = value(view), 0
        buckets = []
        for end, count in zip((*DURATION_BUCKETS, float("inf")), histogram.counts, strict=True):
            total += count
            buckets.append(("+Inf" if end == float("inf") else str(end), float(total)))
        family.add_metric(_names(view), buckets=buckets, sum_value=histogram.sum_seconds)
    return family


def info(views: Iterable[TargetView]) -> Metric:
    """Write what describes a target and is no measure."""
    labels = (*_LABELS, "group", "region", "dialect", "host", "simulated")
    family = InfoMetricFamily(PREFIX + "target", "What is probed.", labels=())
    for view in views:
        target = view.target
        told = (
            *_names(view),
            target.group,
            target.region or "",
            target.dialect,
            target.host,
            str(target.simulated).lower(),
        )
        family.add_metric((), dict(zip(labels, told, strict=True)))
    return family


def _names(view: TargetView) -> tuple[str, str, str]:
    return view.target.key, view.target.provider, view.target.model
