"""Stories of a target's health: a letter a run.

`s` success, `S` a slow one (2 s to the first token, where `s` takes 0.4), `f` failure, `t` our rate
limited, `b` blocked (a bad key), `x` our own fault, `.` nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.health.evidence import HORIZON_SECONDS, Trace, trace
from monitor.health.machine import Context, step
from monitor.model.health import Health, State, Transition
from monitor.model.outcome import Outcome
from monitor.model.policy import DEFAULT_POLICY, HealthPolicy
from monitor.model.result import Result
from tests.factories import make_result
from tests.fakes import START

LETTERS = {
    "s": Outcome.OK,
    "S": Outcome.OK,
    "f": Outcome.SERVER_ERROR,
    "t": Outcome.RATE_LIMITED,
    "b": Outcome.UNAUTHORIZED,
    "x": Outcome.INVALID_REQUEST,
}
_TTFT_SECONDS = {"s": 0.4, "S": 2.0}


@dataclass
class Story:
    """A target while its story is told.

    Attributes:
        every_seconds: From letter to letter.
        policy: How quickly minds change.
        usual_ttft_seconds: The target's own median.
        health: What is believed.
        traces: The runs of the last hour.
        transitions: All changes of mind.
        results: All runs.
        now: When the next letter happens.
    """

    every_seconds: float = 60.0
    policy: HealthPolicy = DEFAULT_POLICY
    usual_ttft_seconds: float | None = None
    health: Health = field(default_factory=Health)
    traces: list[Trace] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    now: datetime = START

    def tell(self, letters: str) -> "Story":
        """Tell on; spaces mean nothing."""
        for letter in letters.replace(" ", ""):
            if letter != ".":
                self._take(letter)
            self.now += timedelta(seconds=self.every_seconds)
        return self

    @property
    def states(self) -> Sequence[State]:
        """The states that were entered, in order."""
        return [each.new_state for each in self.transitions]

    def _take(self, letter: str) -> None:
        minute = (self.now - START).total_seconds() / 60
        ttft = _TTFT_SECONDS.get(letter)
        result = make_result(LETTERS[letter], minute=minute, ttft_seconds=ttft)
        seen = trace(result)
        horizon = self.now.timestamp() - HORIZON_SECONDS
        self.traces = [each for each in self.traces if each.at > horizon]
        self.traces += [seen] if seen else []
        context = Context(
            now=self.now,
            policy=self.policy,
            traces=self.traces,
            usual_ttft_seconds=self.usual_ttft_seconds,
        )
        self.health, transition = step(self.health, result, context)
        self.transitions += [transition] if transition else []
        self.results.append(result)
