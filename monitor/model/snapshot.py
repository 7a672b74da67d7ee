"""The immutable picture of all targets that every surface renders."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from monitor.model.health import Health
from monitor.model.maintenance import Ongoing
from monitor.model.policy import DEFAULT_POLICY, HealthPolicy
from monitor.model.result import Result
from monitor.model.target import Target
from monitor.model.window import WindowStats

#: Upper ends of the buckets of times, in seconds; the last bucket has none. Some of them are for
#: those who want few series, and all for those who want a 95th percentile within 3 %.
DURATION_BUCKETS = (
    *(0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0, 1.3, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0),
    *(6.5, 8.0, 10.0, 13.0, 15.0, 20.0, 30.0, 45.0, 60.0, 120.0),
)
#: As `DURATION_BUCKETS`, of the parts of a new connection.
PHASE_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.5, 5.0)
#: In tokens a second.
SPEED_BUCKETS = (
    *(5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 65.0, 80.0, 100.0, 130.0, 160.0, 200.0, 250.0),
    *(320.0, 400.0, 500.0, 650.0, 800.0, 1000.0, 1500.0, 2000.0),
)
#: What is counted by bucket, by its name in `Measurement`, with the ends of the buckets.
BUCKETS: Mapping[str, tuple[float, ...]] = {
    "ttft_seconds": DURATION_BUCKETS,
    "duration_seconds": DURATION_BUCKETS,
    "ttfat_seconds": DURATION_BUCKETS,
    "first_byte_seconds": DURATION_BUCKETS,
    "dns_seconds": PHASE_BUCKETS,
    "connect_seconds": PHASE_BUCKETS,
    "tls_seconds": PHASE_BUCKETS,
    "output_tokens_per_second": SPEED_BUCKETS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """Observations by bucket: counts (not cumulative, one more than there are ends), and sum."""

    counts: tuple[int, ...]
    total: float = 0.0


_EMPTY = {name: Histogram(counts=(0,) * (len(ends) + 1)) for name, ends in BUCKETS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What only ever grows, for one target.

    Attributes:
        valid: Scheduled runs that count in uptime, by kind.
        failures: Those of them that were not good, by (kind, outcome).
        excluded: Scheduled runs that do not count, by (kind, outcome).
        causes: What *failures* and *excluded* count, by (kind, outcome, rule).
        confirms: Confirm runs, by outcome.
        tokens: Tokens paid for, by type (input, output, reasoning, cached).
        cost_usd: What they cost, where prices are known.
        histograms: Of what `BUCKETS` names, those that have an observation: of good, untainted
            scheduled runs, speed of those of the kind `throughput` and all else of `completion`.
    """

    valid: Mapping[str, int] = field(default_factory=dict)
    failures: Mapping[tuple[str, str], int] = field(default_factory=dict)
    excluded: Mapping[tuple[str, str], int] = field(default_factory=dict)
    causes: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    confirms: Mapping[str, int] = field(default_factory=dict)
    tokens: Mapping[str, int] = field(default_factory=dict)
    cost_usd: float = 0.0
    histograms: Mapping[str, Histogram] = field(default_factory=dict)

    def histogram(self, name: str) -> Histogram:
        """Give a histogram by its name, which may be empty."""
        return self.histograms.get(name) or _EMPTY[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetView:
    """One target, as the surfaces show it.

    Attributes:
        target: What is probed.
        interval_seconds: From slot to slot of its completion probe.
        health: What we believe of it.
        is_stale: Nothing was heard of it for three intervals.
        windows: Statistics by window name.
        totals: What only ever grows.
        last_result: The newest run, confirm runs included; None before the first.
        last_probe_at: When the newest run that took place began.
        success_ratio: Of the last hour, in which the last minutes weigh most.
        recent_ttft_seconds: The median of the last 15 minutes; None below 5 samples.
        tokens_per_second: The median of the throughput runs of the last 24 hours; None below 5.
        policy: How quickly our mind changes.
        maintenance: The planned work that is under way; None if there is none.
        outside_maintenance: The uptime without the times of planned work, by window; nothing
            where none is known of.
    """

    target: Target
    interval_seconds: float
    health: Health
    is_stale: bool
    windows: Mapping[str, WindowStats]
    totals: Totals
    last_result: Result | None
    last_probe_at: datetime | None
    success_ratio: float = 1.0
    recent_ttft_seconds: float | None = None
    tokens_per_second: float | None = None
    policy: HealthPolicy = DEFAULT_POLICY
    maintenance: Ongoing | None = None
    outside_maintenance: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All targets at one instant, from one vantage.

    Attributes:
        generated_at: When the picture was taken.
        heartbeat_at: When the probing loop was last known to turn.
        vantage: Where it was seen from.
        is_simulated: Every target is a simulated one, so the figures say nothing of the world.
        targets: The targets, by key.
    """

    generated_at: datetime
    heartbeat_at: datetime
    vantage: str
    is_simulated: bool
    targets: tuple[TargetView, ...]
