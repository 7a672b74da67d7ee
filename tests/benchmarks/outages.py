"""A provider that fails as providers do, and a daemon that watches it, both in simulated time.

The daemon is the state machine, its confirm runs and the grid themselves; what the scheduler does
with them (a confirm run gives way to the next slot) is done here in the same way. Times are in
seconds since the begin.
"""

import random
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.health.confirm import confirm_delay
from monitor.health.evidence import HORIZON_SECONDS, Trace, trace
from monitor.health.machine import Context, step
from monitor.model.health import Health, State
from monitor.model.outcome import Outcome
from monitor.model.policy import HealthPolicy
from monitor.model.result import Result
from monitor.scheduling.grid import Grid
from tests.factories import make_result
from tests.fakes import START

DAY_SECONDS = 86_400.0
OUTAGE_SECONDS = 1200.0
BLIPS_A_DAY, BLIP_SECONDS = 12, 20.0
RANDOM_FAILURES = 0.005
_SHORTEST_RUN, _LONGEST_RUN = 0.5, 1.5
_MICRO = 1e6


class Stretch(NamedTuple):
    """A time in which all runs fail."""

    begin: float
    end: float


class World:
    """What a provider does: an outage each day, blips, and single failures.

    Args:
        days: So many.
        seed: Of all that is left to chance.
    """

    def __init__(self, days: int, seed: int) -> None:
        self.seconds = days * DAY_SECONDS
        self._chance = random.Random(seed)  # noqa: S311 - repeatable
        self.outages = [self._outage(day) for day in range(days)]
        self.blips = list(self._blips())
        self._bad = _joined([*self.outages, *self.blips])
        self._begins = [each.begin for each in self._bad]

    def fails(self, at: float) -> bool:
        """Say whether a run that begins at an instant fails."""
        newest = bisect_right(self._begins, at) - 1
        is_bad = newest >= 0 and at < self._bad[newest].end
        return is_bad or self._chance.random() < RANDOM_FAILURES

    def run_seconds(self) -> float:
        """How long the next run takes."""
        return self._chance.uniform(_SHORTEST_RUN, _LONGEST_RUN)

    def _outage(self, day: int) -> Stretch:
        begin = day * DAY_SECONDS + self._chance.uniform(0, DAY_SECONDS - OUTAGE_SECONDS)
        return Stretch(begin, begin + OUTAGE_SECONDS)

    def _blips(self) -> Iterator[Stretch]:
        at = 0.0
        while (at := at + self._chance.expovariate(BLIPS_A_DAY / DAY_SECONDS)) < self.seconds:
            yield Stretch(at, at + self._chance.expovariate(1 / BLIP_SECONDS))


@dataclass
class Watch:
    """A daemon that probes the world from its begin to its end.

    Attributes:
        world: What it probes.
        policy: How quickly its mind changes.
        interval_seconds: From slot to slot.
        downs: When it took the target down: the first failing run's slot, and the instant.
        ups: When the target could be routed to again.
        confirms: How many confirm runs it made.
    """

    world: World
    policy: HealthPolicy
    interval_seconds: float = 60.0
    downs: list[Stretch] = field(default_factory=list)
    ups: list[float] = field(default_factory=list)
    confirms: int = 0
    _health: Health = field(default_factory=Health)
    _traces: deque[Trace] = field(default_factory=deque)

    def run(self) -> "Watch":
        """Watch until the end."""
        grid = Grid.of("acme/large#completion", self.interval_seconds, self.interval_seconds / 10)
        k = grid.next_after(0)
        at, next_at = grid.slot_us(k) / _MICRO, grid.slot_us(k + 1) / _MICRO
        while at < self.world.seconds:
            self._slot(at, next_at)
            k += 1
            at, next_at = next_at, grid.slot_us(k + 1) / _MICRO
        return self

    def _slot(self, slot: float, next_slot: float) -> None:
        """Make the run of a slot, and its confirm runs until the next slot comes."""
        at, confirm = slot, 0
        while True:
            result = self._result(slot, at, confirm)
            end = at + self.world.run_seconds()
            if confirm and end > next_slot:
                return  # it gave way, and says nothing
            self._take(result, end)
            delay = confirm_delay(self._health, result, self.policy)
            if delay is None or end + delay >= next_slot:
                return
            at, confirm = end + delay, confirm + 1
            self.confirms += 1

    def _result(self, slot: float, at: float, confirm: int) -> Result:
        outcome = Outcome.SERVER_ERROR if self.world.fails(at) else Outcome.OK
        return make_result(
            outcome, slot_at=_instant(slot), started_at=_instant(at), confirm=confirm
        )

    def _take(self, result: Result, end: float) -> None:
        seen = trace(result)
        if seen:
            self._traces.append(seen)
        while self._traces and self._traces[0].at <= result.at.timestamp() - HORIZON_SECONDS:
            self._traces.popleft()
        context = Context(now=_instant(end), policy=self.policy, traces=self._traces)
        before = self._health.state
        self._health, change = step(self._health, result, context)
        if change and change.new_state is State.DOWN:
            first = change.incident_at or change.at
            self.downs.append(Stretch((first - START).total_seconds(), end))
        elif change and before is State.DOWN:
            self.ups.append(end)


def false_downs(downs: Sequence[Stretch], outages: Sequence[Stretch]) -> list[Stretch]:
    """List the downs whose failures were none of an outage."""
    return [
        down
        for down in downs
        if not any(down.begin <= each.end and down.end >= each.begin for each in outages)
    ]


def detections(watch: Watch) -> list[float | None]:
    """Say of each outage how long after its begin the target was down; None if it never was."""
    return [_detection(watch, each) for each in watch.world.outages]


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Make one of stretches that overlap."""
    joined: list[Stretch] = []
    for each in sorted(stretches):
        if joined and each.begin <= joined[-1].end:
            last = joined.pop()
            joined.append(Stretch(last.begin, max(last.end, each.end)))
        else:
            joined.append(each)
    return joined


def _detection(watch: Watch, outage: Stretch) -> float | None:
    known = bisect_right([down.end for down in watch.downs], outage.begin)
    was_down = known > 0 and not any(
        watch.downs[known - 1].end < up <= outage.begin for up in watch.ups
    )
    if was_down:
        return 0.0
    within = [down.end for down in watch.downs if outage.begin < down.end <= outage.end]
    return within[0] - outage.begin if within else None


def _instant(at: float) -> datetime:
    return START + timedelta(seconds=at)
