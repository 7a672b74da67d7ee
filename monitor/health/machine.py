"""Pure: one step of the state machine of a target's health."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor.health.evidence import (
    Evidence,
    Trace,
    decayed_ratio,
    evidence,
    median_ttft,
    since,
    success_ratio,
)
from monitor.model.health import Health, State, Transition
from monitor.model.policy import DEFAULT_POLICY, HealthPolicy
from monitor.model.result import Result

#: Half of what makes a target slow: it stays so until less is left of it.
_LEAVING = 0.5

#: The reason of a change to `down` that no streak of failures led to.
FLAPPING = "flapping"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a step knows beside the result.

    Attributes:
        now: The instant of the step.
        policy: How quickly minds change.
        traces: The runs of the last hour, oldest first, that of the result included.
        usual_ttft_seconds: The target's own median of the last 7 days; None where fewer than 100
            runs tell it, which turns the slow rule off.
    """

    now: datetime
    policy: HealthPolicy = DEFAULT_POLICY
    traces: Sequence[Trace] = field(default=())
    usual_ttft_seconds: float | None = None


def step(health: Health, result: Result, context: Context) -> tuple[Health, Transition | None]:
    """Take one result into account.

    Args:
        health: What we believed before.
        result: What the newest run found; what is no evidence changes nothing.
        context: The instant, and what else is known.

    Returns:
        What we believe now, and the transition if our mind changed.
    """
    found = evidence(result)
    if found is Evidence.NONE:
        return health, None
    counted = _COUNTED[found](health, result, context)
    state, reason = _judge(counted, found, result, context)
    if state is health.state:
        return counted, None
    changed = replace(_entered(counted, state, context), reason=reason)
    return changed, Transition(
        target=result.target,
        vantage=result.vantage,
        at=context.now,
        old_state=health.state,
        new_state=state,
        reason=reason,
        incident_at=_incident_at(counted, state),
        result_id=result.id,
    )


def _succeeded(health: Health, result: Result, context: Context) -> Health:
    slow_streak, is_slow = _slowness(health, context)
    return replace(
        health,
        consecutive_failures=0,
        consecutive_successes=0 if _is_held(health, result) else health.consecutive_successes + 1,
        consecutive_blocked=0,
        failing_since_at=None,
        working_since_at=health.working_since_at or result.at,
        ever_worked=True,
        last_result_at=result.at,
        last_success_at=result.at,
        is_throttled=False,
        is_slow=is_slow,
        slow_streak=slow_streak,
        recovered=health.recovered + 1 if health.state is State.RECOVERING else 0,
    )


def _failed(health: Health, result: Result, _: Context) -> Health:
    return replace(
        health,
        consecutive_failures=health.consecutive_failures + 1,
        consecutive_successes=0,
        consecutive_blocked=0,
        failing_since_at=health.failing_since_at or result.slot_at,
        working_since_at=None,
        last_result_at=result.at,
    )


def _throttled(health: Health, result: Result, _: Context) -> Health:
    return replace(health, is_throttled=True, last_result_at=result.at)


def _blocked(health: Health, result: Result, _: Context) -> Health:
    return replace(
        health, consecutive_blocked=health.consecutive_blocked + 1, last_result_at=result.at
    )


_COUNTED: dict[Evidence, Callable[[Health, Result, Context], Health]] = {
    Evidence.SUCCESS: _succeeded,
    Evidence.FAILURE: _failed,
    Evidence.THROTTLED: _throttled,
    Evidence.BLOCKED: _blocked,
}


def _judge(health: Health, found: Evidence, result: Result, context: Context) -> tuple[State, str]:
    """Say to which state the evidence leads, and why."""
    outcome = result.verdict.outcome.value
    match found:
        case Evidence.BLOCKED if health.consecutive_blocked >= context.policy.blocked:
            return State.BLOCKED, outcome
        case Evidence.FAILURE:
            return _after_failure(health, outcome, context)
        case Evidence.SUCCESS:
            return _after_success(health, outcome, context)
        case _:
            return health.state, outcome


def _after_failure(health: Health, outcome: str, context: Context) -> tuple[State, str]:
    match health.state:
        case State.RECOVERING:
            return State.DOWN, outcome
        case State.UNKNOWN | State.UP | State.DEGRADED if (
            health.consecutive_failures >= context.policy.failures
        ):
            return State.DOWN, outcome
        case State.UP | State.DEGRADED:
            is_flapping = _is_flapping(health, context)
            return (State.DOWN, FLAPPING) if is_flapping else (State.DEGRADED, outcome)
        case _:
            return health.state, outcome


def _after_success(health: Health, outcome: str, context: Context) -> tuple[State, str]:
    policy = context.policy
    match health.state:
        case State.UNKNOWN:
            return State.UP, outcome
        case State.BLOCKED:
            was_out = health.blocked_from in (State.DOWN, State.RECOVERING)
            return State.RECOVERING if was_out else State.UP, outcome
        case State.DOWN if health.consecutive_successes >= policy.successes:
            return State.RECOVERING, outcome
        case State.RECOVERING if health.recovered >= len(policy.ramp):
            return State.UP, outcome
        case State.UP | State.DEGRADED:
            return _serving(health, outcome, context)
        case _:
            return health.state, outcome


def _serving(health: Health, outcome: str, context: Context) -> tuple[State, str]:
    """Judge a target that serves, after a success."""
    if health.is_slow:
        return State.DEGRADED, "slow"
    traces = since(context.traces, health.history_since_at, context.now)
    if decayed_ratio(traces, context.now.timestamp()) < context.policy.degraded_ratio:
        return State.DEGRADED, "unreliable"
    if health.state is State.DEGRADED and health.consecutive_successes < context.policy.clearing:
        return State.DEGRADED, outcome
    return State.UP, outcome


def _is_flapping(health: Health, context: Context) -> bool:
    policy = context.policy
    traces = since(context.traces, health.history_since_at, context.now)
    begin = context.now.timestamp() - policy.flapping_seconds
    ratio = success_ratio(traces, begin, policy.flapping_runs)
    return ratio is not None and ratio < policy.flapping_ratio


def _slowness(health: Health, context: Context) -> tuple[int, bool]:
    """Say how often in a row the target was slow, and whether that is believed."""
    policy, usual = context.policy, context.usual_ttft_seconds
    traces = since(context.traces, health.history_since_at, context.now)
    now = median_ttft(traces, policy.slow_runs)
    if usual is None or now is None:
        return 0, health.is_slow and usual is not None
    excess = max((policy.slow_ratio - 1) * usual, policy.slow_excess_seconds)
    streak = health.slow_streak + 1 if now > usual + excess else 0
    stays = health.is_slow and now > usual + _LEAVING * excess
    return streak, stays or streak >= policy.slow_times


def _is_held(health: Health, result: Result) -> bool:
    """Say whether it is in the hold; one of a clock that was ahead and was set right is none."""
    until_at, seconds = health.hold_until_at, health.hold_seconds or 0.0
    if health.state is not State.DOWN or until_at is None:
        return False
    return until_at - timedelta(seconds=seconds) <= result.at < until_at


def _incident_at(health: Health, state: State) -> datetime | None:
    """Date an outage by its first failure, and its end by its first success."""
    if state is State.DOWN:
        return health.failing_since_at
    return health.working_since_at if state is State.RECOVERING else None


def _entered(health: Health, state: State, context: Context) -> Health:
    """Note what entering a state changes beside the state."""
    now, before = context.now, health.state
    entered = replace(health, state=state, since_at=now)
    if before is State.UP and health.since_at is not None:
        was_up = (now - health.since_at).total_seconds()
        if was_up >= context.policy.forgiven_seconds:
            entered = replace(entered, hold_seconds=None, hold_until_at=None)
    match state:
        case State.RECOVERING:
            return replace(entered, recovered=0, history_since_at=now)
        case State.BLOCKED:
            return replace(entered, blocked_from=before)
        case State.DOWN if before is State.RECOVERING:
            return _held(entered, context)
        case _:
            return entered


def _held(health: Health, context: Context) -> Health:
    """Begin a hold: who relapses is believed less easily the next time."""
    policy, last = context.policy, health.hold_seconds
    seconds = min(2 * last, policy.longest_hold_seconds) if last else policy.hold_seconds
    until_at = context.now + timedelta(seconds=seconds)
    return replace(health, hold_seconds=seconds, hold_until_at=until_at)
