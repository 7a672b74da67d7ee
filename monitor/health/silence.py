"""Pure: whether what is believed of a target still holds, by when it was heard of last."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.health.availability import PATIENCE_INTERVALS
from monitor.health.evidence import HORIZON_SECONDS
from monitor.model.health import Health, State
from monitor.model.result import Result

#: Rules of slots that we left out on purpose: the monitor is alive, it only chose not to ask.
_WITHHELD = frozenset({"missed-budget", "missed-retry_after"})

#: Without any run they speak for the target for so many intervals, and for an hour at least: near
#: the end of a budget every fourth slot is run, and a pause takes ten minutes at most.
_WITHHELD_INTERVALS = 4 * PATIENCE_INTERVALS

#: Who is in one of these would get more of its group's traffic if it were treated as healthy.
_HARMFUL = frozenset({State.DOWN, State.RECOVERING, State.BLOCKED})


@dataclass(frozen=True, slots=True)
class Heard:
    """When something was heard of a target.

    Attributes:
        begun_at: When this daemon began to watch.
        ran_at: When the newest run that took place began; None before the first.
        withheld_at: The newest slot since then that was left out on purpose.
    """

    begun_at: datetime
    ran_at: datetime | None = None
    withheld_at: datetime | None = None

    def after(self, result: Result | None) -> "Heard":
        """Take in a completion result, newer than those before; None changes nothing."""
        if result is None:
            return self
        if result.started_at:
            return Heard(self.begun_at, result.started_at)
        is_withheld = result.verdict.rule in _WITHHELD
        return replace(self, withheld_at=result.slot_at) if is_withheld else self

    def is_stale(self, health: Health, interval_seconds: float, now: datetime) -> bool:
        """Say whether nothing was heard of the target for three intervals.

        A slot left out on purpose counts as heard of who is down, recovering, blocked or
        throttled: else a pause of ours would hand a dead target its full share.
        """
        last_at = self.ran_at or self.begun_at
        if self.withheld_at and (health.is_throttled or health.state in _HARMFUL):
            seconds = max(_WITHHELD_INTERVALS * interval_seconds, HORIZON_SECONDS)
            last_at = min(self.withheld_at, last_at + timedelta(seconds=seconds))
        return now - last_at > timedelta(seconds=PATIENCE_INTERVALS * interval_seconds)
