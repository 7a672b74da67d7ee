"""What the daemon knows of one target right now: health, totals, and its windows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from monitor.health.availability import PATIENCE_INTERVALS, Availability, Interval, tellings
from monitor.health.columns import ABSENT, MICRO, Columns
from monitor.health.coverage import Span
from monitor.health.evidence import Trace, trace
from monitor.health.machine import Context, step
from monitor.health.past import Past, add, fold_columns, unpack
from monitor.health.percentiles import Lately, percentiles
from monitor.health.recent import Recent
from monitor.health.ring import Ring
from monitor.health.series import window
from monitor.health.silence import Heard
from monitor.health.stats import Sample, sample
from monitor.health.together import Times
from monitor.health.totals import add as add_result
from monitor.health.track import Track
from monitor.health.weight import standing
from monitor.model.health import Health, Transition
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.snapshot import TargetView, Totals
from monitor.model.target import Kind, Probe
from monitor.model.triple import Triple
from monitor.model.window import EXACT_WINDOWS, LONG_WINDOWS, WindowStats
from monitor.recorder.windows import (
    Schedule,
    Seen,
    median_speeds,
    plans_speeds,
    publish_windows,
)

#: A run may take this long beyond its total deadline before its slot is missed in coverage.
_PATIENCE_SECONDS = 2.0
#: The first instant of an hour is in it; a ring's span begins after one.
_BEFORE = 1e-6
#: What is usual for a target is told by so many runs of so long a time.
_USUAL_WINDOW, _USUAL_RUNS = "7d", 100
_DAY_SECONDS = EXACT_WINDOWS["24h"]
_LATELY_SECONDS = EXACT_WINDOWS["30m"]


@dataclass(slots=True)
class TargetMemory:
    """Remembers one target; written by the probing loop, read by the threads that draw it.

    Attributes:
        probe: The completion probe of the target.
        health: What we believe.
        spans: The schedules that held, for coverage.
        begun_at: When this daemon began to watch.
        totals: What only ever grows, of results that a kill cannot take back; it goes on from what
            was stored.
        speed_interval_seconds: From slot to slot of its throughput probe; None if it has none.
    """

    probe: Probe
    health: Health
    spans: Sequence[Span]
    begun_at: datetime
    totals: Totals = field(default_factory=Totals)
    speed_interval_seconds: float | None = None
    version: int = 0
    _ring: Ring = field(default_factory=Ring)
    _track: Track = field(default_factory=Track)
    _recent: Recent = field(default_factory=Recent)
    _long_windows: Mapping[str, WindowStats] = field(default_factory=dict)
    _last_result: Result | None = None
    _heard: Heard = field(init=False)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """Begin to listen."""
        self._heard = Heard(self.begun_at)

    def recall(
        self,
        samples: Iterable[Sample],
        newest: Result | None,
        run: Result | None,
        changes: Iterable[Transition] = (),
        intervals: Sequence[Interval] = (),
    ) -> int:
        """Take in what is stored: windows begin where they ended before the restart.

        Args:
            samples: Of scheduled completion runs, oldest first.
            newest: The newest result.
            run: The newest result of a run that took place.
            changes: Of state, from the last one before the samples on.
            intervals: How often the target was probed since then; as now, if that is not known.

        Returns:
            How many samples there were.
        """
        with self._lock:
            count, heard = 0, []
            for count, each in enumerate(samples, 1):  # noqa: B007 - it is given back
                self._ring.add(each)
                if each.took_place:
                    heard.append(each.at)
            as_now = Interval(0.0, self.probe.interval_seconds)
            for begin, end in tellings(heard, intervals or (as_now,)):
                self._track.hear(begin, end)
            self._track.learn(changes)
            known = self._last_result
            if newest and (known is None or newest.at >= known.at):  # else a run was quicker
                self._last_result = newest
                self._heard = self._heard.after(run).after(newest)
            self.version += 1
        return count

    def remember(self, traces: Iterable[Trace], speeds: Iterable[tuple[float, float]]) -> None:
        """Take in what health and weight are judged by.

        Args:
            traces: Of the last hour, oldest first.
            speeds: When throughput runs of the last day were, and their tokens a second.
        """
        with self._lock:
            for each in traces:
                self._recent.add(each)
            for at, tokens_per_second in speeds:
                self._recent.add_speed(at, tokens_per_second)

    def take(self, result: Result, now: datetime) -> Triple:
        """Take in a new result and step health; what it leaves behind is to be written."""
        seen = trace(result)
        with self._lock:
            if seen:
                self._recent.add(seen)
            traces = self._recent.traces()
        context = Context(
            now=now,
            policy=self.probe.policy,
            traces=traces,
            usual_ttft_seconds=self._usual_ttft_seconds,
        )
        health, transition = step(self.health, result, context)
        with self._lock:
            self._note(result)
            self._track.learn((transition,) if transition else ())
            self.health = health
        return self._triple(result, health, transition)

    def count(self, result: Result) -> None:
        """Take a result that was taken before into the totals, now that it is kept for sure.

        Counters that a kill sets back would be read as counters that began anew: all that they
        had ever counted would be counted once more.
        """
        with self._lock:
            self.totals = add_result(self.totals, result)
            self.version += 1

    def view(self, now: datetime) -> TargetView:
        """Draw the target as it is at an instant."""
        at = now.timestamp()
        settled = at - self._settling_seconds
        # The probing loop waits for this lock, so all that can be reckoned later is.
        with self._lock:
            self._ring.move(at)
            seen = Seen(
                tallies=self._ring.tallies(),
                known=self._available(at),
                speeds=median_speeds(self._recent, at, self.speed_interval_seconds),
                newer=self._ring.count(settled, at),
            )
            health, totals = self.health, self.totals
            last_result, heard = self._last_result, self._heard
            traces, speed = self._recent.traces(), self._recent.tokens_per_second(at)
        stands = standing(health, traces, now)
        schedule = Schedule(self.spans, self.probe.interval_seconds, settled)
        return TargetView(
            target=self.probe.target,
            interval_seconds=self.probe.interval_seconds,
            health=health,
            is_stale=heard.is_stale(health, self.probe.interval_seconds, now),
            windows={**publish_windows(seen, schedule, at), **self._long_windows},
            totals=totals,
            last_result=last_result,
            last_probe_at=heard.ran_at,
            success_ratio=stands.success_ratio,
            recent_ttft_seconds=stands.ttft_seconds,
            tokens_per_second=speed,
            policy=self.probe.policy,
        )

    def cut(self, spans: Iterable[tuple[float, float]]) -> list[Columns]:
        """Copy the samples of some times, each from after one instant up to another."""
        with self._lock:
            return [self._ring.cut(begin, end) for begin, end in spans]

    def reckon(self, past: Past, now: datetime) -> Mapping[str, WindowStats]:
        """Make the long windows of what was folded, and of what is in memory; views show them.

        Args:
            past: What was folded, and when it was not.
            now: Where the windows end.
        """
        at = now.timestamp()
        waiting = [span for span in past.waiting if span[0] <= at]
        with self._lock:
            parts = [
                self._ring.cut(begin - _BEFORE, min(end - _BEFORE, at)) for begin, end in waiting
            ]
            known = [self._track.availability(begin, min(end, at)) for begin, end in waiting]
        live = fold_columns(parts, known)
        settled_at = now - timedelta(seconds=self._settling_seconds)
        self._long_windows = {
            name: window(
                add(unpack(packed), live),
                (begin_at, now),
                self.spans,
                settled_at,
                LONG_WINDOWS[name] / self.probe.interval_seconds,
                self._speed(past, name),
            )
            for (name, begin_at), packed in zip(past.begins.items(), past.sums, strict=True)
        }
        return self._long_windows

    def lately(self, now: datetime) -> Lately:
        """Say how quick the runs of the last 30 minutes were."""
        begin, end = now.timestamp() - _LATELY_SECONDS, now.timestamp()
        with self._lock:
            runs, speeds = self._ring.cut(begin, end), self._recent.speeds(begin, end)
        ttfts = (us / MICRO for us in runs.ttfts_us if us != ABSENT)
        return Lately(percentiles(ttfts), percentiles(speeds, more_is_better=True))

    def times(self, begin: float, end: float) -> Times:
        """Say when in the last 24 hours the target was available, and when it was not.

        Args:
            begin: Seconds since the epoch.
            end: As *begin*.
        """
        with self._lock:
            return self._track.times(begin, end)

    def samples(self, begin: float, end: float) -> Columns:
        """Copy the samples of the last 24 hours that lie in a time; as `times`."""
        with self._lock:
            return self._ring.cut(begin - _BEFORE, end)

    def forget(self) -> None:
        """Show no long windows until they are reckoned anew."""
        self._long_windows = {}

    def _speed(self, past: Past, window_name: str) -> float | None:
        is_told = plans_speeds(LONG_WINDOWS[window_name], self.speed_interval_seconds)
        return past.speeds.get(window_name) if is_told else None

    @property
    def _usual_ttft_seconds(self) -> float | None:
        """The median of the last 7 days; None where too few runs tell it."""
        usual = self._long_windows.get(_USUAL_WINDOW)
        return usual.ttft_median_seconds if usual and usual.ttft_samples >= _USUAL_RUNS else None

    @property
    def _settling_seconds(self) -> float:
        """How long after its slot a run is over."""
        return self.probe.deadlines.total_seconds + _PATIENCE_SECONDS

    def _note(self, result: Result) -> None:
        speed = result.measurement.output_tokens_per_second
        if result.kind is Kind.THROUGHPUT and speed is not None and not result.tainted:
            self._recent.add_speed(result.slot_at.timestamp(), speed)
        if result.kind is not Kind.COMPLETION:
            return  # a listing that answers says nothing of completions
        if result.confirm == 0:
            new = sample(result)
            self._ring.add(new)
            if new.took_place:
                lasting_seconds = PATIENCE_INTERVALS * self.probe.interval_seconds
                self._track.hear(new.at, new.at + lasting_seconds)
        self._last_result = result
        self._heard = self._heard.after(result)
        self.version += 1

    def _triple(self, result: Result, health: Health, transition: Transition | None) -> Triple:
        # A slot that was not run says nothing of the target, so it leaves no health behind.
        is_silent = result.verdict.outcome is Outcome.MISSED
        return Triple(result=result, health=None if is_silent else health, transition=transition)

    def _available(self, now: float) -> Mapping[str, Availability]:
        """Say for each exact window how long the target was available."""
        self._track.forget(now - _DAY_SECONDS)
        return {
            name: self._track.availability(now - seconds, now)
            for name, seconds in EXACT_WINDOWS.items()
        }
