"""Prometheus: the targets' series from the snapshot, and the daemon's own."""

from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from monitor.export.families import families
from monitor.export.series import PREFIX, gauge
from monitor.model.clock import Clock
from monitor.model.snapshot import Snapshot
from monitor.probes.listing import Listed

_DELAY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_SHORT_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class _TargetCollector(Collector):
    """Draws the targets' series from the newest snapshot at each scrape."""

    def __init__(self, snapshot: Callable[[], Snapshot]) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        return families(self._snapshot())


class _DroppedCollector(Collector):
    """A counter that somebody else keeps."""

    def __init__(self, dropped: Callable[[], float]) -> None:
        self._dropped = dropped

    def collect(self) -> Iterator[Metric]:
        text = "Results lost since start: too many waited, or the store can never take them."
        yield CounterMetricFamily(PREFIX + "results_dropped", text, value=self._dropped())


class _BudgetCollector(Collector):
    """A gauge with a series for each provider that a budget covers."""

    def __init__(self, spent_ratios: Callable[[], Mapping[str, float]]) -> None:
        self._spent_ratios = spent_ratios

    def collect(self) -> Iterator[Metric]:
        text = "Share of the day's budget that is spent; at 1 probing stops."
        family = GaugeMetricFamily(PREFIX + "budget_spent_ratio", text, labels=("provider",))
        for provider, ratio in sorted(self._spent_ratios().items()):
            family.add_metric((provider,), ratio)
        yield family


class _PublishedCollector(Collector):
    """What a gateway lists of its endpoints."""

    def __init__(
        self, published: Callable[[], Mapping[str, Listed]], snapshot: Callable[[], Snapshot]
    ) -> None:
        self._published, self._snapshot = published, snapshot

    def collect(self) -> Iterator[Metric]:
        views, published = self._snapshot().targets, self._published()
        for name, text, figure in _PUBLISHED:
            yield gauge(
                name,
                text,
                views,
                lambda view, figure=figure: (  # type: ignore[misc]
                    figure(published[view.target.key]) if view.target.key in published else None
                ),
            )


_PUBLISHED: tuple[tuple[str, str, Callable[[Listed], float | None]], ...] = (
    (
        "published_uptime_ratio",
        "Uptime of the last 30 minutes, as the gateway publishes it.",
        lambda listed: listed.uptime_ratio,
    ),
    (
        "published_ttft_median_seconds",
        "Median time to first token of the last 30 minutes, as the gateway publishes it.",
        lambda listed: listed.latency_seconds,
    ),
    (
        "published_tokens_per_second_median",
        "Median throughput of the last 30 minutes, as the gateway publishes it.",
        lambda listed: listed.tokens_per_second,
    ),
)


class Metrics:
    """All that /metrics shows.

    Args:
        clock: Tells the age of the picture.

    Attributes:
        schedule_delay: Start of a run minus its slot, in seconds.
        loop_lag: How late the probing loop wakes up, in seconds.
        store_write: Time of one write transaction, in seconds.
        store_errors: Write transactions that failed.
        errors: Faults of the monitor's own.
    """

    def __init__(self, clock: Clock) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._clock = clock
        self._registry = CollectorRegistry(auto_describe=False)
        self.schedule_delay = self._histogram(
            "schedule_delay_seconds", "Start of a run minus its slot.", _DELAY_BUCKETS
        )
        self.loop_lag = self._histogram(
            "event_loop_lag_seconds",
            "Longest stall of the probing loop within each second.",
            _SHORT_BUCKETS,
        )
        self.store_write = self._histogram(
            "store_write_duration_seconds", "Time of one write transaction.", _SHORT_BUCKETS
        )
        self.store_errors = self._counter(
            "store_write_errors", "Write transactions that failed and will be tried again."
        )
        self.errors = self._counter(
            "internal_errors", "Faults of the monitor's own; each one is a bug."
        )
        build = Info(PREFIX + "build", "Version of the monitor.", registry=self._registry)
        build.info({"version": version("llm-provider-monitor")})

    def show(
        self,
        *,
        snapshot: Callable[[], Snapshot],
        in_flight: Callable[[], float],
        pending: Callable[[], float],
        dropped: Callable[[], float],
        spent_ratios: Callable[[], Mapping[str, float]],
    ) -> None:
        """Show what others know, asked at each scrape.

        Args:
            snapshot: Gives the newest picture.
            in_flight: Counts the runs under way.
            pending: Counts the results that wait to be written.
            dropped: Counts the results that were lost because too many waited.
            spent_ratios: Gives the share of the day's budget that is spent, by provider.
        """

        def age() -> float:
            return (self._clock.now() - snapshot().generated_at).total_seconds()

        self._gauge("probes_in_flight", "Runs under way.", in_flight)
        self._gauge("results_pending", "Results that wait to be written.", pending)
        self._registry.register(_DroppedCollector(dropped))
        self._registry.register(_BudgetCollector(spent_ratios))
        self._gauge("snapshot_age_seconds", "Age of the picture shown here.", age)
        self._gauge(
            "simulated",
            "1 if all targets are simulated.",
            lambda: float(snapshot().is_simulated),
        )
        self._registry.register(_TargetCollector(snapshot))

    def compare(
        self, published: Callable[[], Mapping[str, Listed]], snapshot: Callable[[], Snapshot]
    ) -> None:
        """Show what gateways publish of a target beside what we measured.

        Args:
            published: Gives what the gateways list, by target key.
            snapshot: Gives the newest picture, for the targets' labels.
        """
        self._registry.register(_PublishedCollector(published, snapshot))

    def render(self, accept: str) -> tuple[bytes, str]:
        """Write the exposition in the format that the scraper asks for, and name its type."""
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(PREFIX + name, text, buckets=buckets, registry=self._registry)

    def _counter(self, name: str, text: str) -> Counter:
        return Counter(PREFIX + name, text, registry=self._registry)

    def _gauge(self, name: str, text: str, value: Callable[[], float]) -> None:
        gauge = Gauge(PREFIX + name, text, registry=self._registry)
        gauge.set_function(value)
