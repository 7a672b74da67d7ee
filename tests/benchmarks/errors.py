"""How far measured times are from the truth."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from monitor.health.stats import quantile
from tests.benchmarks.clients import Timed
from tests.benchmarks.load import Round
from tests.benchmarks.server import Row
from tests.benchmarks.truth import Told, Truth


@dataclass
class Errors:
    """The errors of one client under one load, repetition by repetition (milliseconds).

    Attributes:
        repetitions: Signed errors; a run without a figure has none.
        trusted: Those of them that the client would publish.
        failed: Runs without a figure.
        tainted: Runs whose figure the client itself does not trust.
    """

    repetitions: list[list[float]] = field(default_factory=list)
    trusted: list[float] = field(default_factory=list)
    failed: int = 0
    tainted: int = 0

    def take(self, timed: Iterable[Timed], truths: Mapping[str, Truth]) -> None:
        """Take in a repetition."""
        errors = []
        for each in timed:
            truth = truths.get(each.request_id or "")
            if truth is None or each.ttft_seconds is None:
                self.failed += 1
                continue
            errors.append((each.ttft_seconds - truth.ttft_seconds) * 1e3)
            if each.tainted:
                self.tainted += 1
            else:
                self.trusted.append(errors[-1])
        self.repetitions.append(errors)

    def at(self, q: float) -> float:
        """The *q* quantile of the absolute errors: the median of the repetitions."""
        return statistics.median(spread(self.repetitions, q))

    def row(self) -> Row:
        """The columns of a table."""
        p99s = spread(self.repetitions, 0.99)
        every = [error for errors in self.repetitions for error in errors]
        return {
            "runs": len(every),
            "failed": self.failed,
            "tainted": self.tainted,
            "median ms": self.at(0.5),
            "p95 ms": self.at(0.95),
            "p99 ms": statistics.median(p99s),
            "p99 least": min(p99s),
            "p99 most": max(p99s),
            "p99 untainted": spread([self.trusted], 0.99)[0],
            "worst ms": max(map(abs, every), default=float("nan")),
            "signed median": statistics.median(every) if every else float("nan"),
        }


@dataclass
class Conditions:
    """What the figures were taken under, so that a reader sees what they are worth.

    Attributes:
        late_ms: How late the latest send of each answer was; the truth holds the lateness.
        doubt_ms: Half of what the first send of each answer took: the truth is known to that.
        neighbours: The share of our core that others used, round by round.
    """

    late_ms: list[float] = field(default_factory=list)
    doubt_ms: list[float] = field(default_factory=list)
    neighbours: list[float] = field(default_factory=list)

    def take(self, told: Told, played: Round) -> None:
        """Take in a round."""
        self.late_ms += (each.late_ns / 1e6 for each in told.truths)
        self.doubt_ms += (each.doubt_seconds * 1e3 for each in told.truths)
        self.neighbours.append(played.neighbours)

    def row(self) -> Row:
        """The columns of a table."""
        return {
            "server late p99": quantile(sorted(self.late_ms), 0.99, 1),
            "truth +- p99": quantile(sorted(self.doubt_ms), 0.99, 1),
            "neighbours": max(self.neighbours),
        }


def spread(repetitions: Sequence[Sequence[float]], q: float) -> list[float]:
    """The *q* quantile of the absolute values of each repetition; infinite where there are none."""
    found = (quantile(sorted(map(abs, each)), q, 1) for each in repetitions)
    return [float("inf") if each is None else each for each in found]


def by_client(timed: Iterable[Timed]) -> dict[str, list[Timed]]:
    """Part the figures by whose they are."""
    parted: dict[str, list[Timed]] = {}
    for each in timed:
        parted.setdefault(each.client, []).append(each)
    return parted
