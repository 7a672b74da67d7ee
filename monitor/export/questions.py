"""What the store is asked for the history pages; each question runs in a reader's thread.

An answer is JSON already, so that a hundred who see it cost no more than one. It is made in slices
with pauses between them, because the probing loop shares the interpreter.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from monitor.export.shapes import incident_shape, result_shape, span_shape
from monitor.health.buckets import DAY, Resolution
from monitor.health.coverage import Span, by_interval
from monitor.health.rollup import Bucket, Dated, merge_buckets
from monitor.health.series import point, points
from monitor.model.clock import Clock
from monitor.model.target import Kind
from monitor.model.turns import pause
from monitor.store.buckets import read_buckets
from monitor.store.engine import Connection
from monitor.store.incidents import read_incidents
from monitor.store.pages import Place, Wanted, read_page
from monitor.store.schedules import ScheduleSpan, read_schedule
from monitor.store.targets import read_target_ids

#: After so long at work a reader lets the others have the interpreter for so long.
_WORK_NS = 2_000_000
_PAUSE_SECONDS = 0.001
#: So much of a series is read at a time; some milliseconds of work.
_SLICES = {Resolution.HOUR: DAY, Resolution.DAY: 50 * DAY}

#: Gives the schedules of a target's completion probe, if it is probed now.
SpansOf = Callable[[str], Sequence[Span]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A page of rows, each as JSON.

    Attributes:
        rows: In order.
        places: Where each stands: what the cursor behind it is made of.
        is_all: There are no more behind them.
    """

    rows: Sequence[bytes]
    places: Sequence[Any]
    is_all: bool

    @property
    def weight(self) -> int:
        """About how many bytes of memory they take."""
        return sum(map(len, self.rows)) + 200 * len(self.rows)


class Breath:
    """Lets other threads have the interpreter now and then.

    Args:
        clock: Tells how long the work has gone on.
        sleep: Waits for some seconds.
    """

    def __init__(self, clock: Clock, sleep: Callable[[float], None] = pause) -> None:
        self._clock, self._sleep = clock, sleep
        self._due_ns = clock.monotonic_ns() + _WORK_NS

    def take(self) -> None:
        """Pause, if there was work enough since the last pause."""
        if self._clock.monotonic_ns() >= self._due_ns:
            self._sleep(_PAUSE_SECONDS)
            self._due_ns = self._clock.monotonic_ns() + _WORK_NS


class Questions:
    """The questions, for one vantage.

    Args:
        vantage: Where it was seen from.
        clock: Tells which slots are over.
        spans_of: Knows the schedules that hold, to the slot.
    """

    def __init__(self, vantage: str, clock: Clock, spans_of: SpansOf) -> None:
        self._vantage, self._clock, self._spans_of = vantage, clock, spans_of

    def keys(self, connection: Connection) -> frozenset[str]:
        """List the targets that were ever seen."""
        return frozenset(read_target_ids(connection))

    def results(self, connection: Connection, target: str, wanted: Wanted) -> Rows:
        """Read the newest results that are wanted."""
        breath = Breath(self._clock)
        rows: list[bytes] = []
        places: list[Place] = []
        one_more = replace(wanted, limit=wanted.limit + 1)  # so that the last page is known
        for result in read_page(connection, self._vantage, target, one_more):
            rows.append(to_json(result_shape(result)))
            places.append(Place(result.slot_at, result.kind, result.confirm))
            breath.take()
        most = wanted.limit
        return Rows(rows=rows[:most], places=places[:most], is_all=len(rows) <= most)

    def incidents(
        self, connection: Connection, target: str | None, limit: int, before: int | None
    ) -> Rows:
        """Read the newest incidents, of one target or of all."""
        found = read_incidents(connection, self._vantage, limit + 1, target, before)
        shown = found[:limit]
        rows = [to_json(incident_shape(each)) for each in shown]
        places = [each.id for each in shown]
        return Rows(rows=rows, places=places, is_all=len(found) <= limit)

    def series(
        self,
        connection: Connection,
        target: str,
        kind: Kind,
        resolution: Resolution,
        stretch: tuple[datetime, datetime],
    ) -> bytes:
        """Read the steps of a series, as a JSON array."""
        breath = Breath(self._clock)
        spans, settled_at = self._schedule(connection, target, kind)
        steps = []
        for part in _parts(stretch, _SLICES[resolution]):
            buckets = self._buckets(connection, target, kind, resolution, part)
            breath.take()
            for each in points(buckets, resolution, part, spans, settled_at):
                steps.append(to_json(span_shape(each, kind)))
                breath.take()
        return b"[" + b",".join(steps) + b"]"

    def window(
        self, connection: Connection, target: str, kind: Kind, stretch: tuple[datetime, datetime]
    ) -> bytes:
        """Read what a span of whole hours adds up to, as a JSON object."""
        breath = Breath(self._clock)
        spans, settled_at = self._schedule(connection, target, kind)
        whole = Bucket()
        for part in _parts(stretch, _SLICES[Resolution.DAY]):
            buckets = self._buckets(connection, target, kind, Resolution.DAY, part)
            whole = merge_buckets([whole, *(each.bucket for each in buckets)])
            breath.take()
        return to_json(span_shape(point(whole, stretch, spans, settled_at), kind))

    def _buckets(
        self,
        connection: Connection,
        target: str,
        kind: Kind,
        resolution: Resolution,
        stretch: tuple[datetime, datetime],
    ) -> list[Dated]:
        return read_buckets(
            connection, self._vantage, target, stretch, kind=kind, resolution=resolution
        )

    def _schedule(
        self, connection: Connection, target: str, kind: Kind
    ) -> tuple[Sequence[Span], datetime]:
        """Give the schedules that held, and up to when every slot's run must be over."""
        known = read_schedule(connection, self._vantage, target)
        rows = [row for row in known if row.kind is kind]
        holding = [row.interval_seconds for row in rows if row.valid_to_at is None]
        # No run takes longer than its interval.
        settled_at = self._clock.now() - timedelta(seconds=max(holding, default=0.0))
        exact = self._spans_of(target) if kind is Kind.COMPLETION else ()
        return exact or [_span(row) for row in rows], settled_at


def _parts(
    stretch: tuple[datetime, datetime], length: timedelta
) -> Iterator[tuple[datetime, datetime]]:
    """Cut a stretch at midnights, in parts that are no longer than so many days."""
    begin_at, end_at = stretch
    while begin_at < end_at:
        next_at = min(Resolution.DAY.begin_of(begin_at + length), end_at)
        yield begin_at, next_at
        begin_at = next_at


def _span(row: ScheduleSpan) -> Span:
    return Span(
        begin_at=row.valid_from_at.timestamp(),
        end_at=row.valid_to_at.timestamp() if row.valid_to_at else None,
        count=by_interval(row.interval_seconds),
    )


def to_json(shape: Mapping[str, Any]) -> bytes:
    """Write a shape."""
    text = json.dumps(shape, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode(errors="replace")
