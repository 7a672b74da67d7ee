"""Fakes that stand where the outside would be."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from monitor.model.triple import Triple

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
_NS = 1_000_000_000


@dataclass
class FakeClock:
    """A clock that stands still until told."""

    at: datetime = START
    steady_ns: int = 1_000 * _NS

    def now(self) -> datetime:
        return self.at

    def monotonic_ns(self) -> int:
        return self.steady_ns

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)
        self.steady_ns += round(seconds * _NS)

    def step(self, seconds: float) -> None:
        """Set the wall clock, as NTP would."""
        self.at += timedelta(seconds=seconds)


@dataclass
class ListSink:
    """Takes triples and keeps them."""

    triples: list[Triple] = field(default_factory=list)

    def put(self, triple: Triple) -> None:
        self.triples.append(triple)
