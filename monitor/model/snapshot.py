"""The immutable picture of all targets that every surface renders."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from monitor.model.health import Health
from monitor.model.policy import DEFAULT_POLICY, HealthPolicy
from monitor.model.result import Result
from monitor.model.target import Target
from monitor.model.window import WindowStats

#: Upper ends of the duration buckets, in seconds; the last bucket has none.
DURATION_BUCKETS = (0.1, 0.2, 0.3, 0.5, 0.8, 1.3, 2.0, 3.2, 5.0, 8.0, 13.0, 20.0, 45.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """Observations by bucket: counts (not cumulative, one more than `DURATION_BUCKETS`), sum."""

    counts: tuple[int, ...] = (0,) * (len(DURATION_BUCKETS) + 1)
    sum_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What only ever grows, for one target.

    Attributes:
        valid: Scheduled runs that count in uptime, by kind.
        failures: Those of them that were not good, by (kind, outcome).
        excluded: Scheduled runs that do not count, by (kind, outcome).
        confirms: Confirm runs, by outcome.
        tokens: Tokens paid for, by type (input, output, reasoning, cached).
        cost_usd: What they cost, where prices are known.
        ttft: Time to first token of good, untainted scheduled completion runs.
        duration: Duration of the same.
    """

    valid: Mapping[str, int] = field(default_factory=dict)
    failures: Mapping[tuple[str, str], int] = field(default_factory=dict)
    excluded: Mapping[tuple[str, str], int] = field(default_factory=dict)
    confirms: Mapping[str, int] = field(default_factory=dict)
    tokens: Mapping[str, int] = field(default_factory=dict)
    cost_usd: float = 0.0
    ttft: Histogram = field(default_factory=Histogram)
    duration: Histogram = field(default_factory=Histogram)


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
