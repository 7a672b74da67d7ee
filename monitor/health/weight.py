"""Pure: how much of a group's traffic a target should get, by its own evidence and its peers'."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.health.evidence import Trace, decayed_ratio, median_ttft, since
from monitor.model.health import Health, State
from monitor.model.policy import DEFAULT_POLICY, HealthPolicy

#: A target that may be routed to keeps at least this weight: some traffic finds out more.
FLOOR = 0.05

#: Latency is judged by so long a time, and by no fewer runs.
LATENCY_SECONDS = 900.0
LATENCY_RUNS = 5

#: Weights are rounded to so many.
DIGITS = 4

_ENOUGH = 0.95
_STEEPNESS = 5.0
_LEAST_LATENCY_FACTOR = 0.1
_THROTTLED_FACTOR = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a weight is reckoned from.

    Attributes:
        health: What is believed of the target.
        is_stale: Nothing was heard of it for three intervals: it is routed to as if healthy.
        success_ratio: The decayed one; 1 where nothing is known.
        ttft_seconds: The median of the last 15 minutes; None for fewer than 5 runs.
    """

    health: Health
    is_stale: bool = False
    success_ratio: float = 1.0
    ttft_seconds: float | None = None

    @property
    def is_routable(self) -> bool:
        """Neither down nor blocked, as far as anything is known now."""
        return self.is_stale or self.health.state not in (State.DOWN, State.BLOCKED)


def standing(
    health: Health, traces: Sequence[Trace], now: datetime, *, is_stale: bool = False
) -> Standing:
    """Say where a target stands.

    Args:
        health: What is believed of it.
        traces: Its runs of the last hour, oldest first.
        now: The instant.
        is_stale: Nothing was heard of it for three intervals.
    """
    at, known = now.timestamp(), since(traces, health.history_since_at, now)
    return Standing(
        health=health,
        is_stale=is_stale,
        success_ratio=decayed_ratio(known, at),
        ttft_seconds=median_ttft(known, LATENCY_RUNS, at - LATENCY_SECONDS),
    )


def weight(
    target: Standing, fastest_seconds: float | None, policy: HealthPolicy = DEFAULT_POLICY
) -> float:
    """Give the weight of a target, from 0 to 1: `gate * A * L * ramp * throttle`.

    - gate: 0 for a target that is down or blocked, else 1. Who is unknown or stale weighs 1.
    - A = 1 / (1 + (5 * max(0, 0.95 - u) / 0.95)^2), u being the decayed success ratio: the
      quadratic penalty below 95 % of LLMGateway (u = 0.9 gives 0.94, 0.8 gives 0.62, 0.5 gives
      0.15).
    - L = clamp((fastest / own)^2, 0.1, 1) of the median TTFTs of the last 15 minutes; 1 without
      one of them. The inverse square is what OpenRouter does with prices.
    - ramp: of a target that recovers, by the successes since (Bifrost: 10, 25, 50, 100 %).
    - throttle: 0.25 from a `rate_limited` run until the next success.

    Args:
        target: Where it stands.
        fastest_seconds: The least median TTFT of the group.
        policy: Says the ramp.

    Returns:
        Not below `FLOOR`, unless the gate is closed.
    """
    if not target.is_routable:
        return 0.0
    if target.is_stale or target.health.state is State.UNKNOWN:
        return 1.0
    factors = _availability(target.success_ratio) * _latency(target, fastest_seconds)
    factors *= _ramp(target.health, policy)
    factors *= _THROTTLED_FACTOR if target.health.is_throttled else 1.0
    return round(max(factors, FLOOR), DIGITS)


def fastest(group: Iterable[Standing]) -> float | None:
    """Give the least median TTFT of the targets that may be routed to, in seconds."""
    times = [each.ttft_seconds for each in group if each.is_routable]
    return min((each for each in times if each is not None), default=None)


def _availability(success_ratio: float) -> float:
    lack = max(0.0, _ENOUGH - success_ratio) / _ENOUGH
    return 1 / (1 + (_STEEPNESS * lack) ** 2)


def _latency(target: Standing, fastest_seconds: float | None) -> float:
    if not target.ttft_seconds or fastest_seconds is None:
        return 1.0
    return min(max((fastest_seconds / target.ttft_seconds) ** 2, _LEAST_LATENCY_FACTOR), 1.0)


def _ramp(health: Health, policy: HealthPolicy) -> float:
    if health.state is not State.RECOVERING:
        return 1.0
    return policy.ramp[min(health.recovered, len(policy.ramp) - 1)]
