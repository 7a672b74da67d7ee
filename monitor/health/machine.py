"""Pure: one step of the state machine of a target's health."""

from dataclasses import dataclass, replace
from datetime import datetime

from monitor.model.health import Health, State, Transition
from monitor.model.outcome import Fault
from monitor.model.result import Result
from monitor.model.target import Kind

#: Failures in a row that take a target down; a blip of seconds is not an outage.
FAILURES_TO_DOWN = 3
#: Successes in a row that bring a degraded target up, and a down target back.
SUCCESSES_TO_UP = 3
SUCCESSES_TO_RETURN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a step knows beside the result.

    Attributes:
        now: The instant of the step.
    """

    now: datetime


def step(health: Health, result: Result, context: Context) -> tuple[Health, Transition | None]:
    """Take one result into account.

    Success is an outcome without a fault, failure one whose fault is the provider's; everything
    else changes nothing, and neither does a run that is no completion.

    Args:
        health: What we believed before.
        result: What the newest run found.
        context: The instant.

    Returns:
        What we believe now, and the transition if our mind changed.
    """
    verdict = result.verdict
    if result.kind is not Kind.COMPLETION or not verdict.is_valid:
        return health, None
    counted = _succeed(health, result) if verdict.is_good else _fail(health, result)
    state = _judge(counted)
    if state is health.state:
        return counted, None
    reason = verdict.outcome.value
    changed = replace(counted, state=state, since_at=context.now, reason=reason)
    return changed, Transition(
        target=result.target,
        vantage=result.vantage,
        at=context.now,
        old_state=health.state,
        new_state=state,
        reason=reason,
        incident_at=counted.failing_since_at if state is State.DOWN else None,
        result_id=result.id,
    )


def _succeed(health: Health, result: Result) -> Health:
    return replace(
        health,
        consecutive_failures=0,
        consecutive_successes=health.consecutive_successes + 1,
        failing_since_at=None,
        ever_worked=True,
        last_result_at=result.at,
        last_success_at=result.at,
    )


def _fail(health: Health, result: Result) -> Health:
    return replace(
        health,
        consecutive_failures=health.consecutive_failures + 1,
        consecutive_successes=0,
        failing_since_at=health.failing_since_at or result.slot_at,
        last_result_at=result.at,
    )


def _judge(health: Health) -> State:
    """The state that the counts lead to from the state that is."""
    failures, successes = health.consecutive_failures, health.consecutive_successes
    if failures >= FAILURES_TO_DOWN:
        return State.DOWN
    match health.state:
        case State.UNKNOWN:
            return State.UP if successes else State.UNKNOWN
        case State.UP:
            return State.DEGRADED if failures else State.UP
        case State.DEGRADED:
            return State.UP if successes >= SUCCESSES_TO_UP else State.DEGRADED
        case State.DOWN:
            return State.UP if successes >= SUCCESSES_TO_RETURN else State.DOWN
        case _:
            return health.state


_CONFIRM_SECONDS = (10.0, 20.0)
_CONFIRM_SPREAD = 0.2


def confirm_delay(health: Health, result: Result) -> float | None:
    """Say after how many seconds a confirm run should follow; None for none.

    A first failure is confirmed 10 s and then 20 s later (± 20 %), until a success or `down`
    settles it; a first success of a target that is down is confirmed once.

    Args:
        health: What we believe after the result.
        result: The newest result.
    """
    if result.kind is not Kind.COMPLETION or result.verdict.fault is Fault.PROBER:
        return None
    is_doubtful_failure = result.verdict.fault is Fault.PROVIDER and health.state is not State.DOWN
    is_doubtful_success = (
        result.verdict.is_good
        and health.state is State.DOWN
        and health.consecutive_successes < SUCCESSES_TO_RETURN
    )
    if not (is_doubtful_failure or is_doubtful_success) or result.confirm >= len(_CONFIRM_SECONDS):
        return None
    spread = (int(result.id, 16) % 1000 / 999 * 2 - 1) * _CONFIRM_SPREAD
    return _CONFIRM_SECONDS[result.confirm] * (1 + spread)
