"""What a router should do, as published: the groups, and each target's share of the traffic."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model.health import State
from monitor.model.snapshot import TargetView

#: Who sees an older picture must not route by it.
MAX_AGE_SECONDS = 15

_WORKING = frozenset({State.UP, State.DEGRADED, State.RECOVERING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A target of a group.

    Attributes:
        view: What is known of it.
        weight: Its share of the group's traffic, in proportion to the others'; from 0 to 1.
        state: What was believed of it when the weight was published.
    """

    view: TargetView
    weight: float
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRouting:
    """The targets among which a router may choose.

    Attributes:
        group: Its name.
        is_panic: None of them may be routed to, so all that are not blocked weigh the same.
        candidates: The heaviest first.
    """

    group: str
    is_panic: bool
    candidates: tuple[Candidate, ...]

    @property
    def is_available(self) -> bool | None:
        """At least one target is up, degraded or recovering.

        None if that is not known of any: no provider is to blame for a target that is blocked,
        or that was down when it was heard of last.
        """
        if any(each.state in _WORKING for each in self.candidates):
            return True
        down = (each for each in self.candidates if each.state is State.DOWN)
        return None if all(each.view.is_stale for each in down) else False


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """All groups at one instant.

    Attributes:
        seq: Grows with each change of a weight, a state or the targets; over restarts, too.
        heartbeat_at: When the probing loop was last known to turn.
        groups: By name, in order.
    """

    seq: int
    heartbeat_at: datetime
    groups: tuple[GroupRouting, ...] = ()

    def is_stale(self, now: datetime) -> bool:
        """Say whether nobody may route by it any more.

        After a step back of the clock a heartbeat may lie in the future: one that is wedged since
        then would look alive for as long as the step was.
        """
        return abs(now - self.heartbeat_at) > timedelta(seconds=MAX_AGE_SECONDS)
