"""What we believe of a target, and the changes of our mind."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """The states of a target's health."""

    UNKNOWN = "unknown"
    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    RECOVERING = "recovering"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What we believe of one target from one vantage.

    Attributes:
        state: The state.
        since_at: When the target entered it; None before the first result.
        reason: Why, in a few words: the outcome that led to it.
        consecutive_failures: Failures since the last success.
        consecutive_successes: Successes since the last failure; in a hold none count.
        consecutive_blocked: Blocked results since the last success or failure.
        failing_since_at: Slot of the first failure of the current streak.
        working_since_at: When the first success after the last failure happened.
        ever_worked: It has answered well at least once.
        last_result_at: When the newest counted result happened.
        last_success_at: When the newest success happened.
        blocked_from: The state that `blocked` interrupted.
        is_throttled: The provider limited our rate since the last success.
        is_slow: It is slower than usual, for long enough to be believed.
        slow_streak: How often in a row it was, up to now.
        recovered: Successes since it began to recover.
        history_since_at: Older runs are no evidence any more; None if all are.
        hold_seconds: How long the newest hold was; None if none is remembered.
        hold_until_at: Until then successes of a target that is down do not count.
    """

    state: State = State.UNKNOWN
    since_at: datetime | None = None
    reason: str | None = None
    consecutive_failures: int = 0
    consecutive_successes: int = 0
    consecutive_blocked: int = 0
    failing_since_at: datetime | None = None
    working_since_at: datetime | None = None
    ever_worked: bool = False
    last_result_at: datetime | None = None
    last_success_at: datetime | None = None
    blocked_from: State | None = None
    is_throttled: bool = False
    is_slow: bool = False
    slow_streak: int = 0
    recovered: int = 0
    history_since_at: datetime | None = None
    hold_seconds: float | None = None
    hold_until_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One change of state.

    Attributes:
        target: The target's key.
        vantage: Where it was seen from.
        at: When the deciding run happened.
        old_state: Before.
        new_state: After.
        reason: Why.
        incident_at: For a change to `down`: the first failing run of the streak. For the change
            to `recovering` that ends it: the first success of its streak.
        result_id: The id of the result that decided.
    """

    target: str
    vantage: str
    at: datetime
    old_state: State
    new_state: State
    reason: str
    incident_at: datetime | None
    result_id: str
