"""Prometheus: the targets' series from the snapshot, and the daemon's own."""

from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from itertools import chain

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitor.export.blocks import PublishedBlocks, RoutingBlocks, TargetBlocks, in_chunks
from monitor.export.configuring import ConfigurationCollector
from monitor.export.formats import negotiate
from monitor.export.groups import GroupBlocks
from monitor.export.series import PREFIX
from monitor.model.clock import Clock
from monitor.model.configuration import Configuration
from monitor.model.detail import Detail
from monitor.model.routing import Routing
from monitor.model.snapshot import Snapshot
from monitor.probes.listing import Listed
from monitor.store.trouble import Trouble

_DELAY_BUCKETS = (
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
)
#: What `missed-` is followed by in the rule of a result.
_MISSED_REASONS = ("budget", "concurrency", "late", "overlap", "retry_after", "stopped")
_SHORT_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class _DroppedCollector(Collector):
    """A counter that somebody else keeps."""

    def __init__(self, dropped: Callable[[], float]) -> None:
        self._dropped = dropped

    def collect(self) -> Iterator[Metric]:
        text = "Results lost since start: too many waited, or they can never be written or read."
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


class Metrics:
    """All that /metrics shows.

    Args:
        clock: Tells the age of the picture.
        detail: How much is told of each target.

    Attributes:
        schedule_delay: Start of a run minus its slot, in seconds.
        loop_lag: How late the probing loop wakes up, in seconds.
        observation_delay: How long each read of an answer waited for us, in seconds.
        store_write: Time of one write transaction, in seconds.
        store_errors: Write transactions that failed, by what kind of trouble it was.
        store_read: Time in which the store answered a question of the surfaces, in seconds.
        store_read_errors: Questions of the surfaces that the store did not answer, likewise.
        spool_writable: 1, or 0 since an append to the spool failed.
        network_up: 0 while our own network is to blame for what cannot be reached, else 1.
        errors: Faults of the monitor's own.
        slots_missed: Slots that were not run, by why.
    """

    def __init__(self, clock: Clock, detail: Detail = Detail.DEFAULT) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._clock, self._detail = clock, detail
        self._registry = CollectorRegistry(auto_describe=False)
        self._targets: TargetBlocks | None = None
        self._published: PublishedBlocks | None = None
        self._routing: RoutingBlocks | None = None
        self._groups: GroupBlocks | None = None
        self.schedule_delay = self._histogram(
            "schedule_delay_seconds", "Start of a run minus its slot.", _DELAY_BUCKETS
        )
        text = "Longest stall of the probing loop within each second."
        self.loop_lag = self._histogram("event_loop_lag_seconds", text, _SHORT_BUCKETS)
        text = (
            "How long each read of an answer waited for us, by the kernel's stamps; the run's "
            "times are the kernel's all the same."
        )
        self.observation_delay = self._histogram("observation_delay_seconds", text, _SHORT_BUCKETS)
        self._tell_store()
        self.network_up = self._switch(
            "network_up",
            "0 while targets cannot be reached and neither can hosts of other providers or the "
            "canary, so that our own network is to blame; else 1.",
        )
        text = "Faults of the monitor's own; each one is a bug."
        self.errors = self._counter("internal_errors", text)
        self.slots_missed = self._misses()
        self._tell_build()

    def _tell_store(self) -> None:
        text = "Time of one write transaction."
        self.store_write = self._histogram("store_write_duration_seconds", text, _SHORT_BUCKETS)
        text = "Time of one question of the pages and the API that the store answered."
        self.store_read = self._histogram("store_read_duration_seconds", text, _DELAY_BUCKETS)
        text = "Write transactions that failed and will be tried again."
        self.store_errors = self._troubles("store_write_errors", text)
        text = "Questions that the store did not answer; older answers are shown."
        self.store_read_errors = self._troubles("store_read_errors", text)
        text = "0 since the spool could not be written, so that what waits is in memory only."
        self.spool_writable = self._switch("spool_writable", text)

    def _misses(self) -> Counter:
        text = "Slots that were not run, of all targets since the start, by why."
        counter = self._counter("slots_missed", text, "reason")
        for reason in _MISSED_REASONS:
            counter.labels(reason)
        return counter

    def _tell_build(self) -> None:
        build = Info(PREFIX + "build", "Version of the monitor.", registry=self._registry)
        build.info({"version": version("llm-provider-monitor")})

    def show(
        self,
        *,
        snapshot: Callable[[], Snapshot],
        in_flight: Callable[[], float],
        waiting: Callable[[], float],
        pending: Callable[[], float],
        spooled: Callable[[], float],
        dropped: Callable[[], float],
        spent_ratios: Callable[[], Mapping[str, float]],
    ) -> None:
        """Show what others know, asked at each scrape.

        Args:
            snapshot: Gives the newest picture.
            in_flight: Counts the runs under way.
            waiting: Counts the runs that wait for room under the limits.
            pending: Counts the results that wait in memory to be written.
            spooled: Counts the results that wait in the spool.
            dropped: Counts the results that were lost because too many waited.
            spent_ratios: Gives the share of the day's budget that is spent, by provider.
        """

        def age() -> float:
            return (self._clock.now() - snapshot().generated_at).total_seconds()

        self._gauge("probes_in_flight", "Runs under way.", in_flight)
        self._gauge("probes_waiting", "Runs that wait for room under `limits`.", waiting)
        self._gauge("results_pending", "Results that wait in memory to be written.", pending)
        self._gauge("results_spooled", "Results that wait in the spool, on the disk.", spooled)
        self._registry.register(_DroppedCollector(dropped))
        self._registry.register(_BudgetCollector(spent_ratios))
        self._gauge("snapshot_age_seconds", "Age of the picture shown here.", age)
        self._gauge(
            "simulated",
            "1 if all targets are simulated.",
            lambda: float(snapshot().is_simulated),
        )
        self._targets = TargetBlocks(snapshot, self._detail)

    def route(
        self,
        routing: Callable[[], Routing],
        ratios: Callable[[], Mapping[str, Mapping[str, float]]],
    ) -> None:
        """Show what the routing feed says.

        Args:
            routing: Gives the newest weights.
            ratios: Gives each group's availability, by window.
        """
        self._routing = RoutingBlocks(routing)
        self._groups = GroupBlocks(routing, ratios)

    def configure(self, status: Callable[[], Configuration]) -> None:
        """Show how the last reading of the configuration went."""
        self._registry.register(ConfigurationCollector(status))

    def compare(
        self, published: Callable[[], Mapping[str, Listed]], snapshot: Callable[[], Snapshot]
    ) -> None:
        """Show what gateways publish of a target beside what we measured.

        Args:
            published: Gives what the gateways list, by target key.
            snapshot: Gives the newest picture, for the targets' labels.
        """
        self._published = PublishedBlocks(published, snapshot)

    def prepare(self) -> None:
        """Write the lines of what changed, so that the next scrape finds them written."""
        if self._targets:
            self._targets.refresh()

    def stream(self, accept: str) -> tuple[Iterator[bytes], str]:
        """Write the exposition piece by piece, all of it as things are now.

        Args:
            accept: The scraper's header of that name; it decides the format.

        Returns:
            The pieces, and the name of the format.
        """
        form = negotiate(accept)
        parts = [iter([form.write(self._registry)])]
        parts += [blocks.write(form) for blocks in self._blocks()]
        return in_chunks(chain(*parts, [form.end])), form.content_type

    def own(self) -> Iterator[Metric]:
        """Give all families that are neither of a target nor of a group."""
        return iter(self._registry.collect())

    def _blocks(self) -> Iterator[TargetBlocks | RoutingBlocks | GroupBlocks | PublishedBlocks]:
        yield from filter(None, (self._targets, self._routing, self._groups, self._published))

    def render(self, accept: str) -> tuple[bytes, str]:
        """Write the exposition in one piece, and name its format."""
        chunks, content_type = self.stream(accept)
        return b"".join(chunks), content_type

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(PREFIX + name, text, buckets=buckets, registry=self._registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(PREFIX + name, text, labels, registry=self._registry)

    def _switch(self, name: str, text: str) -> Gauge:
        """Make a gauge that is 1 until somebody says otherwise."""
        gauge = Gauge(PREFIX + name, text, registry=self._registry)
        gauge.set(1)
        return gauge

    def _troubles(self, name: str, text: str) -> Counter:
        counter = self._counter(name, text, "reason")
        for trouble in Trouble:
            counter.labels(trouble)
        return counter

    def _gauge(self, name: str, text: str, value: Callable[[], float]) -> None:
        gauge = Gauge(PREFIX + name, text, registry=self._registry)
        gauge.set_function(value)
