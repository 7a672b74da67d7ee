"""What the store is asked for the pages: few questions, each for all who look, of bounded cost.

A question runs in a reader's thread, takes what memory knows of the last hours into its answer, and
lets the probing loop have the interpreter in between.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

from monitor.export.pages.strips import DAYS, Day, FleetPast, Trend, first_day, strip, trend
from monitor.export.questions import Breath
from monitor.health.buckets import DAY, HOUR, Resolution
from monitor.health.columns import ABSENT, MICRO, Columns
from monitor.health.coverage import Span, expected_slots
from monitor.health.series import Point, points
from monitor.health.sliding import count_flags
from monitor.health.stats import MIN_FOR_MEDIAN, quantile
from monitor.health.together import Times, together, within
from monitor.model.clock import Clock
from monitor.model.incident import Incident
from monitor.model.result import Result
from monitor.model.target import Kind
from monitor.store.buckets import read_buckets
from monitor.store.days import DayCounts, read_days, read_outages
from monitor.store.engine import Connection
from monitor.store.failures import Failures, read_failures
from monitor.store.groups import read_together
from monitor.store.incidents import read_incidents
from monitor.store.pages import Wanted, read_page

#: So many days have points on the pages of a model and of a target.
DATES = 30
#: So many hours have a median in a trend.
TREND_HOURS = 24
#: So many incidents are shown, and so many of them with what was seen.
_MOST_INCIDENTS, _MOST_EVIDENCE = 30, 12
#: So many runs are shown of a target.
RUNS = 90
#: So many targets are read at once.
_AT_ONCE = 20


class Memory(Protocol):
    """What is known of the last 24 hours without asking the store."""

    def spans(self, target: str) -> Sequence[Span]:
        """Give the schedules of a target."""
        ...

    def samples(self, target: str, begin: float, end: float) -> Columns:
        """Copy the samples of a time."""
        ...

    def times(self, target: str, begin: float, end: float) -> Times:
        """Say when a target was available, and when it was not."""
        ...


class Told(NamedTuple):
    """An incident, and the runs that show it.

    Attributes:
        incident: Which.
        failures: The runs.
        now: What its target fails for now, in words, if not for what began it; else empty.
    """

    incident: Incident
    failures: Failures
    now: str = ""


class Dates(NamedTuple):
    """The last days of some targets, the running one included.

    Attributes:
        points: Of each target by date, oldest first.
        shares: For which share of each date at least one of them was available.
    """

    points: Mapping[str, Sequence[Point]]
    shares: Sequence[float | None]


class Chronicle:
    """The questions, for one vantage.

    Args:
        vantage: Where it was seen from.
        clock: Tells which days are over.
        memory: Knows the last hours.
    """

    def __init__(self, vantage: str, clock: Clock, memory: Memory) -> None:
        self._vantage, self._clock, self._memory = vantage, clock, memory

    def fleet(self, connection: Connection, targets: Sequence[str]) -> FleetPast:
        """Read the last days of all targets, and their medians of the last hours."""
        breath, now = Breath(self._clock), self._clock.now()
        today = Resolution.DAY.begin_of(now)
        first = first_day(now)
        days: dict[str, Sequence[DayCounts]] = {}
        outages: dict[str, Sequence[datetime]] = {}
        # All is read before anything is reckoned, for the store has only so long to answer.
        for some in _slices(targets):
            days |= read_days(connection, self._vantage, some, first, today)
            outages |= read_outages(connection, self._vantage, some, first)
            breath.take()
        strips, trends, begins = {}, {}, {}
        for key in targets:
            known = [*days.get(key, ()), self._today(key, today, now)]
            spans = self._memory.spans(key)
            lived = _days(known, outages.get(key, ()), spans, now)
            strips[key] = strip([lived[first + n * DAY] for n in range(DAYS)])
            trends[key] = self._trend(key, now)
            if spans:
                begins[key] = _begin(known, spans)
            breath.take()
        return FleetPast(strips, trends, begins)

    def dates(self, connection: Connection, targets: Sequence[str]) -> Dates:
        """Read the last days of the targets of a group, or of one target."""
        breath, now = Breath(self._clock), self._clock.now()
        today = Resolution.DAY.begin_of(now)
        stretch = today - (DATES - 1) * DAY, today + DAY
        told = {}
        for key in targets:
            buckets = read_buckets(connection, self._vantage, key, stretch)
            breath.take()
            steps = points(buckets, Resolution.DAY, stretch, self._memory.spans(key), now)
            told[key] = _slowly(steps, breath)
        shares = []
        for number in range(DATES - 1):
            begin_at = stretch[0] + number * DAY
            known = read_together(connection, self._vantage, targets, begin_at, begin_at + DAY)
            shares.append(known.ratio)
            breath.take()
        return Dates(told, [*shares, self._share(targets, today, now)])

    def incidents(
        self, connection: Connection, targets: Sequence[str] | None = None
    ) -> Sequence[Told]:
        """Read the newest incidents, of all targets or of some, with what was seen in them."""
        found: list[Incident] = []
        for key in targets if targets is not None else (None,):
            found += read_incidents(connection, self._vantage, _MOST_INCIDENTS, key)
        found.sort(key=lambda each: (each.is_open, each.begin_at), reverse=True)
        now, shown = self._clock.now(), found[:_MOST_INCIDENTS]
        seen = [read_failures(connection, each, now) for each in shown[:_MOST_EVIDENCE]]
        seen += [Failures()] * (len(shown) - len(seen))
        return [Told(*each) for each in zip(shown, seen, strict=True)]

    def runs(self, connection: Connection, target: str) -> Sequence[Result]:
        """Read the newest completion runs of a target, confirm runs included, newest first."""
        wanted = Wanted(limit=RUNS, kind=Kind.COMPLETION)
        return list(read_page(connection, self._vantage, target, wanted))

    def _today(self, key: str, today: datetime, now: datetime) -> DayCounts:
        """Say what memory knows of the running day: all of it."""
        span = today.timestamp(), now.timestamp()
        counts = count_flags(Counter(self._memory.samples(key, *span).flags))
        down = within(self._memory.times(key, *span), *span).unavailable_seconds
        return DayCounts(today, counts.good, counts.valid, counts.executed, down)

    def _trend(self, key: str, now: datetime) -> Trend:
        end = (Resolution.HOUR.begin_of(now) + HOUR).timestamp()
        begin = end - TREND_HOURS * HOUR.total_seconds()
        known = self._memory.samples(key, begin, now.timestamp())
        return trend(list(_medians(known, begin)))

    def _share(self, targets: Sequence[str], today: datetime, now: datetime) -> float | None:
        span = today.timestamp(), now.timestamp()
        known = together(self._memory.times(key, *span) for key in targets)
        return within(known, *span).ratio


def _slices(targets: Sequence[str]) -> Iterator[Sequence[str]]:
    for begin in range(0, len(targets), _AT_ONCE):
        yield targets[begin : begin + _AT_ONCE]


def _slowly(steps: Iterable[Point], breath: Breath) -> Sequence[Point]:
    told = []
    for each in steps:
        told.append(each)
        breath.take()
    return told


class _Days(dict[datetime, Day]):
    """Days by their midnight; one of which nothing is known is empty."""

    def __missing__(self, begin_at: datetime) -> Day:
        return Day(begin_at)


def _days(
    known: Iterable[DayCounts], outages: Iterable[datetime], spans: Sequence[Span], now: datetime
) -> Mapping[datetime, Day]:
    """Put together what is known of each day; slots of the last minutes are not expected yet."""
    begun = Counter(Resolution.DAY.begin_of(at) for at in outages)
    settled_at = now - timedelta(minutes=1)
    days = _Days()
    for each in known:
        end_at = min(each.begin_at + DAY, settled_at)
        expected = expected_slots(spans, each.begin_at.timestamp(), end_at.timestamp())
        days[each.begin_at] = Day(
            *each[:4], expected, each.unavailable_seconds, begun[each.begin_at]
        )
    return days


def _begin(known: Iterable[DayCounts], spans: Sequence[Span]) -> datetime:
    """Say since when there is data: since the first schedule, or a day before it that has runs."""
    begin_at = datetime.fromtimestamp(min(span.begin_at for span in spans), UTC)
    day_at = Resolution.DAY.begin_of(begin_at)
    return min((each.begin_at for each in known if each.begin_at < day_at), default=begin_at)


def _medians(known: Columns, begin: float) -> Iterator[float | None]:
    first = 0
    for number in range(1, TREND_HOURS + 1):
        last = known.after(round((begin + number * HOUR.total_seconds()) * MICRO))
        ttfts = sorted(us for us in known.ttfts_us[first:last] if us != ABSENT)
        yield quantile(ttfts, 0.5, MIN_FOR_MEDIAN, unit=MICRO)
        first = last
