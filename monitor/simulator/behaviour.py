"""What a simulated target does over time: its script, and the rules by which it misbehaves."""

from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from monitor.simulator.faults import FaultKind, Misbehaviour, misbehaviour
from monitor.simulator.script import Script


def seeded(*names: object) -> Random:
    """A source of chance that repeats exactly for the same names."""
    return Random("/".join(map(str, names)))  # noqa: S311 - repeatable, not secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The circumstances of one request.

    Attributes:
        number: The request's number at its target, from 1.
        elapsed_seconds: Since the simulator started.
        chance: A number in [0, 1) that belongs to this request and rule.
    """

    number: int
    elapsed_seconds: float
    chance: float


class When(Protocol):
    """The requests that a rule concerns."""

    def covers(self, moment: Moment) -> bool:
        """Say whether the request of *moment* is one of them."""
        ...


@dataclass(frozen=True, slots=True)
class Always:
    """Every request."""

    def covers(self, _moment: Moment) -> bool:
        """Say yes."""
        return True


@dataclass(frozen=True, slots=True)
class EveryNth:
    """Each *n*-th request, counted from 1.

    >>> EveryNth(3).covers(Moment(number=6, elapsed_seconds=0, chance=0))
    True
    """

    n: int

    def __post_init__(self) -> None:
        """Refuse an *n* below 1 with ValueError."""
        if self.n < 1:
            raise ValueError("n is at least 1")

    def covers(self, moment: Moment) -> bool:
        """Say whether the request's number is a multiple of n."""
        return moment.number % self.n == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WithProbability:
    """A share of the requests, picked by chance that repeats with the seed."""

    probability: float

    def __post_init__(self) -> None:
        """Refuse with ValueError what is no probability."""
        if not 0 <= self.probability <= 1:
            raise ValueError("a probability lies between 0 and 1")

    def covers(self, moment: Moment) -> bool:
        """Say whether chance picked the request."""
        return moment.chance < self.probability


@dataclass(frozen=True, slots=True, kw_only=True)
class During:
    """A span of time since the simulator started, once or in each period.

    Attributes:
        from_seconds: Where it begins, included.
        to_seconds: Where it ends, excluded.
        period_seconds: It comes again after this long; None for once.
    """

    from_seconds: float
    to_seconds: float
    period_seconds: float | None = None

    def __post_init__(self) -> None:
        """Refuse with ValueError a span that is empty or outlasts its period."""
        if not 0 <= self.from_seconds < self.to_seconds:
            raise ValueError("a span begins at 0 or later and ends after it begins")
        if self.period_seconds is not None and self.to_seconds > self.period_seconds:
            raise ValueError("a span ends within its period")

    def covers(self, moment: Moment) -> bool:
        """Say whether the request falls into the span."""
        return self.holds(moment.elapsed_seconds)

    def holds(self, elapsed_seconds: float) -> bool:
        """Say whether the span is on at that time."""
        return self.from_seconds <= self._within(elapsed_seconds) < self.to_seconds

    def change_in(self, elapsed_seconds: float) -> float | None:
        """Seconds until the span next begins or ends; None if it never will again."""
        within = self._within(elapsed_seconds)
        if within < self.from_seconds:
            return self.from_seconds - within
        if within < self.to_seconds:
            return self.to_seconds - within
        if self.period_seconds is None:
            return None
        return self.period_seconds - within + self.from_seconds

    def _within(self, elapsed_seconds: float) -> float:
        if self.period_seconds is None:
            return elapsed_seconds
        return elapsed_seconds % self.period_seconds


@dataclass(frozen=True, slots=True)
class Rule:
    """Misbehave so at such requests.

    A refused connection never becomes a request, so `refused` goes with a span only; it
    closes the provider's door, and so concerns all its models.
    """

    fault: FaultKind | Misbehaviour
    when: When = field(default_factory=Always)

    def __post_init__(self) -> None:
        """Refuse with ValueError a `refused` that is not bound to a span."""
        if self.refuses and not isinstance(self.when, During):
            raise ValueError("refused goes with a span (During) only")

    @property
    def refuses(self) -> bool:
        """The rule closes the door, and concerns no single request."""
        return misbehaviour(self.fault).kind is FaultKind.REFUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What one target does.

    Attributes:
        script: When it is well.
        rules: When it is not; the first that concerns a request decides.
        accepted_key: The only credential it takes; None takes any, and none.
    """

    script: Script = field(default_factory=Script)
    rules: tuple[Rule, ...] = ()
    accepted_key: str | None = None

    def fault_for(
        self, number: int, elapsed_seconds: float, *, names: tuple[object, ...]
    ) -> Misbehaviour | None:
        """The fault that the rules have for a request.

        Args:
            number: The request's number at its target, from 1.
            elapsed_seconds: Since the simulator started.
            names: What the request's chance is drawn by, so that a run repeats.
        """
        for index, rule in enumerate(self.rules):
            chance = seeded(*names, "rule", index).random()
            moment = Moment(number=number, elapsed_seconds=elapsed_seconds, chance=chance)
            if not rule.refuses and rule.when.covers(moment):
                return misbehaviour(rule.fault)
        return None

    @property
    def closed_spans(self) -> tuple[During, ...]:
        """The spans in which connections are refused."""
        return tuple(
            rule.when for rule in self.rules if rule.refuses and isinstance(rule.when, During)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedTarget:
    """One endpoint of the simulated fleet, and what a client needs to know to probe it.

    Attributes:
        provider: Who serves it; each provider has a port of its own.
        model: What is asked for.
        group: The logical model, `author/slug`.
        behaviour: What it does.
        api_key: The credential that the client sends; not always the one that is accepted.
        dialect: The wire format it speaks.
    """

    provider: str
    model: str
    group: str
    behaviour: Behaviour = field(default_factory=Behaviour)
    api_key: str = "sim-key"
    dialect: str = "openai"
