"""Pure: what would have been believed of a target, had other settings held.

The machine runs over results that were recorded. It sees the runs that were made and no others: a
confirm run that was made counts only where the settings would have asked for it, and one that they
would have asked for and that was not made is counted as unmade.
"""

from array import array
from bisect import bisect_left, insort
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.health.confirm import confirm_delay
from monitor.health.evidence import HORIZON_SECONDS, Evidence, Trace, evidence, trace
from monitor.health.figures import Figures, Terms
from monitor.health.machine import FLAPPING, Context, step
from monitor.model.health import Health, State, Transition
from monitor.model.outcome import Outcome, Phase
from monitor.model.policy import HealthPolicy
from monitor.model.result import Result
from monitor.model.target import Deadlines, Kind

_WEEK_SECONDS = 7 * 86_400.0
_LEAST_USUAL = 100


def replay(
    results: Iterable[Result], policies: Sequence[HealthPolicy], terms: Terms
) -> tuple[Figures, ...]:
    """Run the machine over the results of one target from one vantage, once with each policy.

    What is believed at the begin is `unknown`, and the slow rule waits until 100 runs were seen.

    Args:
        results: By slot, the confirm runs of a slot behind its run.
        policies: The settings to compare.
        terms: By what is counted.
    """
    usual = _Usual()
    machines = [_Machine(policy, terms) for policy in policies]
    for result in results:
        if result.kind is Kind.COMPLETION and result.started_at is not None:
            usual.add(result)
            for machine in machines:
                machine.take(result, usual.median)
    return tuple(machine.figures() for machine in machines)


def ended_at(result: Result, deadlines: Deadlines) -> datetime:
    """Say when a run ended, as far as what is stored of it tells."""
    measured = result.measurement
    opening = (measured.dns_seconds, measured.connect_seconds, measured.tls_seconds)
    seen = (measured.first_byte_seconds, measured.headers_seconds, measured.duration_seconds)
    connected = sum(each or 0.0 for each in opening)
    heard = connected + max(each or 0.0 for each in seen)
    if result.verdict.outcome is Outcome.TIMEOUT:
        match result.verdict.phase:
            case Phase.CONNECT:
                heard = deadlines.connect_seconds
            case Phase.FIRST_TOKEN:
                heard = connected + deadlines.first_token_seconds
            case Phase.STALL:
                heard += deadlines.stall_seconds
            case Phase.TOTAL:
                heard = deadlines.total_seconds
            case _:
                pass  # the provider's own word
    return result.at + timedelta(seconds=heard)


class _Usual:
    """The median TTFT of the last 7 days, and of no fewer than 100 runs."""

    def __init__(self) -> None:
        self._in_order: deque[tuple[float, float]] = deque()
        self._ascending = array("d")

    def add(self, result: Result) -> None:
        seen = trace(result) if result.confirm == 0 else None
        if seen is None or seen.ttft_seconds is None:
            return
        self._in_order.append((seen.at, seen.ttft_seconds))
        insort(self._ascending, seen.ttft_seconds)
        while self._in_order[0][0] <= seen.at - _WEEK_SECONDS:
            _, gone = self._in_order.popleft()
            del self._ascending[bisect_left(self._ascending, gone)]

    @property
    def median(self) -> float | None:
        """In seconds; None for fewer than 100 runs."""
        count = len(self._ascending)
        return self._ascending[(count - 1) // 2] if count >= _LEAST_USUAL else None


class _Asked(NamedTuple):
    """A confirm run that the settings ask for."""

    slot_at: datetime
    number: int
    due_at: datetime


@dataclass
class _Outage:
    """What made a target go down, until it recovers."""

    begin_at: datetime
    end_at: datetime | None = None

    def note(self, result: Result) -> None:
        """Keep when the first success after the last failure was."""
        found = evidence(result)
        if found is Evidence.FAILURE:
            self.end_at = None
        elif found is Evidence.SUCCESS and self.end_at is None:
            self.end_at = result.at


class _Machine:
    """Believes what one policy has it believe, and counts."""

    def __init__(self, policy: HealthPolicy, terms: Terms) -> None:
        self._policy, self._terms = policy, terms
        self._health = Health()
        self._traces: deque[Trace] = deque()
        self._asked: _Asked | None = None
        self._outage: _Outage | None = None
        self._last_at: datetime | None = None
        self._counts: Counter[str] = Counter()
        self._seconds: dict[State, float] = dict.fromkeys(State, 0.0)
        self._detections: Counter[float] = Counter()

    def take(self, result: Result, usual_ttft_seconds: float | None) -> None:
        """Take in the next run, unless nobody would have asked for it."""
        if not self._is_asked(result):
            self._counts["unasked"] += 1
            return
        now = ended_at(result, self._terms.deadlines)
        self._counts["results"] += 1
        self._pass_time(now)
        self._remember(result)
        context = Context(
            now=now,
            policy=self._policy,
            traces=self._traces,
            usual_ttft_seconds=usual_ttft_seconds,
        )
        self._health, change = step(self._health, result, context)
        self._follow(result, change)
        delay = confirm_delay(self._health, result, self._policy)
        if delay is not None:
            due_at = now + timedelta(seconds=delay)
            self._asked = _Asked(result.slot_at, result.confirm + 1, due_at)

    def figures(self) -> Figures:
        """Give what was counted."""
        return Figures(
            down_seconds=self._seconds[State.DOWN],
            degraded_seconds=self._seconds[State.DEGRADED],
            detection_seconds=dict(self._detections),
            **self._counts,
        )

    def _is_asked(self, result: Result) -> bool:
        asked = self._asked
        if result.confirm and (asked is None or asked[:2] != (result.slot_at, result.confirm)):
            return False
        # What was due only after the next slot is not made by a daemon either.
        if asked and not result.confirm and asked.due_at < result.at:
            self._counts["unmade"] += 1
        self._asked = None
        return True

    def _pass_time(self, now: datetime) -> None:
        if self._last_at is not None:
            passed = (now - self._last_at).total_seconds()
            believed = min(max(passed, 0.0), self._terms.patience_seconds)
            self._seconds[self._health.state] += believed
        self._last_at = now

    def _remember(self, result: Result) -> None:
        seen = trace(result)
        if seen is None:
            return
        self._traces.append(seen)
        while self._traces[0].at <= seen.at - HORIZON_SECONDS:
            self._traces.popleft()

    def _follow(self, result: Result, change: Transition | None) -> None:
        if self._outage:
            self._outage.note(result)
        if change is None:
            return
        self._counts["transitions"] += 1
        if change.new_state is State.DOWN:
            self._go_down(change)
        elif change.old_state is State.DOWN:
            self._come_back(change)

    def _go_down(self, change: Transition) -> None:
        self._outage = _Outage(change.incident_at or change.at)
        self._counts["downs"] += 1
        if change.old_state is State.RECOVERING:
            self._counts["relapses"] += 1
        elif change.reason != FLAPPING:
            delay = (change.at - self._outage.begin_at).total_seconds()
            self._detections[round(delay, 1)] += 1

    def _come_back(self, change: Transition) -> None:
        outage, self._outage = self._outage, None
        if outage is None or outage.end_at is None or change.new_state is not State.RECOVERING:
            return
        lasted = (outage.end_at - outage.begin_at).total_seconds()
        if lasted < self._terms.false_below_seconds:
            self._counts["false_downs"] += 1
