"""What the daemon knows of one target right now: health, totals, and its last 24 hours."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from monitor.health.coverage import Span, expected_slots
from monitor.health.machine import Context, step
from monitor.health.ring import Ring
from monitor.health.stats import Sample, Tally, publish, sample
from monitor.health.totals import add
from monitor.model.health import Health, Transition
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.snapshot import TargetView, Totals
from monitor.model.target import Kind, Probe
from monitor.model.triple import Triple
from monitor.model.window import WINDOWS, WindowStats

#: So many intervals of silence make what we believe stale.
STALE_INTERVALS = 3
#: A run may take this long beyond its total deadline before its slot is missed in coverage.
_PATIENCE_SECONDS = 2.0


@dataclass(slots=True)
class TargetMemory:
    """Remembers one target; written by the probing loop, read by the snapshot's thread.

    Attributes:
        probe: The completion probe of the target.
        health: What we believe.
        spans: The schedules that held, for coverage.
        begun_at: When this daemon began to watch.
        totals: What only ever grows; it goes on from what was stored.
    """

    probe: Probe
    health: Health
    spans: Sequence[Span]
    begun_at: datetime
    totals: Totals = field(default_factory=Totals)
    version: int = 0
    _ring: Ring = field(default_factory=Ring)
    _last_result: Result | None = None
    _last_probe_at: datetime | None = None
    _lock: Lock = field(default_factory=Lock)

    def recall(self, samples: Iterable[Sample], newest: Result | None, run: Result | None) -> int:
        """Take in what is stored: windows begin where they ended before the restart.

        Args:
            samples: Of scheduled completion runs, oldest first.
            newest: The newest result.
            run: The newest result of a run that took place.

        Returns:
            How many samples there were.
        """
        with self._lock:
            count = 0
            for count, each in enumerate(samples, 1):  # noqa: B007 - it is given back
                self._ring.add(each)
            known = self._last_result
            if newest and (known is None or newest.at >= known.at):  # else a run was quicker
                self._last_result = newest
                self._last_probe_at = run.started_at if run else self._last_probe_at
            self.version += 1
        return count

    def take(self, result: Result, now: datetime) -> Triple:
        """Take in a new result and step health; what it leaves behind is to be written."""
        health, transition = step(self.health, result, Context(now=now))
        with self._lock:
            self._note(result)
            self.totals = add(self.totals, result)
            self.health = health
        return self._triple(result, health, transition)

    def view(self, now: datetime) -> TargetView:
        """Draw the target as it is at an instant."""
        at = now.timestamp()
        settled = at - self.probe.deadlines.total_seconds - _PATIENCE_SECONDS
        # The probing loop waits for this lock, so all that can be reckoned later is.
        with self._lock:
            self._ring.move(at)
            tallies, newer = self._ring.tallies(), self._ring.count(settled, at)
            health, totals = self.health, self.totals
            last_result, last_probe_at = self._last_result, self._last_probe_at
        silence = now - (last_probe_at or self.begun_at)
        return TargetView(
            target=self.probe.target,
            interval_seconds=self.probe.interval_seconds,
            health=health,
            is_stale=silence.total_seconds() > STALE_INTERVALS * self.probe.interval_seconds,
            windows=self._windows(tallies, at, settled, newer),
            totals=totals,
            last_result=last_result,
            last_probe_at=last_probe_at,
        )

    def _note(self, result: Result) -> None:
        if result.kind is not Kind.COMPLETION:
            return  # a listing that answers says nothing of completions
        if result.confirm == 0:
            self._ring.add(sample(result))
        self._last_result = result
        self._last_probe_at = result.started_at or self._last_probe_at
        self.version += 1

    def _triple(self, result: Result, health: Health, transition: Transition | None) -> Triple:
        # A slot that was not run says nothing of the target, so it leaves no health behind.
        is_silent = result.verdict.outcome is Outcome.MISSED
        return Triple(result=result, health=None if is_silent else health, transition=transition)

    def _windows(
        self, tallies: Mapping[str, Tally], now: float, settled: float, newer: int
    ) -> Mapping[str, WindowStats]:
        """Publish the windows, each with the slots that it should have had.

        Args:
            tallies: By window.
            now: Seconds since the epoch.
            settled: Up to when every slot's run must be over.
            newer: Slots after that whose run is over already.
        """
        windows = {}
        for name, seconds in WINDOWS.items():
            tally = tallies[name]
            expected = expected_slots(self.spans, now - seconds, settled)
            expected += min(newer, tally.counts.samples)
            planned = seconds / self.probe.interval_seconds
            windows[name] = publish(tally, expected, planned=planned)
        return windows
