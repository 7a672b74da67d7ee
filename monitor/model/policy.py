"""How quickly our mind changes about a target's health."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthPolicy:
    """The figures of the state machine; `monitor replay` shows what others would have done.

    Attributes:
        failures: Failures in a row that take a target down.
        successes: Successes in a row that let a target that is down recover.
        clearing: Successes in a row that bring a degraded target up.
        confirm_seconds: How long after the run before each confirm run follows.
        flapping_ratio: Below this share of successes a target goes down, too.
        flapping_runs: The least valid runs for that.
        flapping_seconds: In so long a time.
        degraded_ratio: Below this decayed share of successes a target is degraded.
        slow_ratio: A median TTFT above so many times the usual is slow, ...
        slow_excess_seconds: ... if it is above the usual by so much, too.
        slow_runs: The median is of so many good runs.
        slow_times: So often in a row before a target is degraded for it.
        blocked: Blocked results in a row that block a target.
        ramp: The weight of a target that recovers, after 0, 1, 2, ... successes. It is up after
            as many successes as there are steps.
        hold_seconds: After a relapse successes do not count for so long; doubled each time, ...
        longest_hold_seconds: ... up to this, ...
        forgiven_seconds: ... until the target was up for so long.
    """

    failures: int = 3
    successes: int = 2
    clearing: int = 3
    confirm_seconds: tuple[float, ...] = (10.0, 20.0)
    flapping_ratio: float = 0.5
    flapping_runs: int = 6
    flapping_seconds: float = 600.0
    degraded_ratio: float = 0.95
    slow_ratio: float = 2.0
    slow_excess_seconds: float = 0.5
    slow_runs: int = 5
    slow_times: int = 3
    blocked: int = 2
    ramp: tuple[float, ...] = (0.1, 0.25, 0.5, 1.0)
    hold_seconds: float = 30.0
    longest_hold_seconds: float = 600.0
    forgiven_seconds: float = 1800.0


DEFAULT_POLICY = HealthPolicy()
