"""Pure: ninety days of a target as bars, in few bytes: a fleet shows hundreds of such strips.

A day is one of five sorts, told apart by height as well as by colour. Days of one sort that follow
each other are one dashed line, so a target without trouble takes one stroke for all of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from types import MappingProxyType
from typing import NamedTuple

from markupsafe import Markup

from monitor.export.pages.charts import spark
from monitor.export.pages.words import NOTHING, duration, percent, plural, seconds, short_date
from monitor.health.buckets import DAY, Resolution

DAYS = 90
#: Each bar and the gap behind it are so wide, in units of the drawing.
STEP = 5
HEIGHT = 28
#: The sorts of days: the least uptime of each, its name, and the middle of its bars.
_NONE = "none"
_SORTS = ((0.999, "good", 14.0), (0.99, "fair", 17.0), (0.95, "poor", 20.0), (0.0, "bad", 23.0))
_MIDDLES = {name: middle for _, name, middle in _SORTS} | {_NONE: 27.0}
_MINUTE = 60.0


def sort_of(ratio: float) -> str:
    """Say which sort of day an uptime makes."""
    return next(name for least, name, _ in _SORTS if ratio >= least)


class Day(NamedTuple):
    """One UTC day of a target.

    Attributes:
        begin_at: Its midnight.
        good: Scheduled runs that were good.
        valid: Those that count in uptime.
        executed: Those that took place and were ours to judge.
        expected: Slots that the schedule had, as far as they are over.
        down_seconds: For how long the target was down.
        incidents: How many outages began.
    """

    begin_at: datetime
    good: int = 0
    valid: int = 0
    executed: int = 0
    expected: int = 0
    down_seconds: float = 0.0
    incidents: int = 0

    @property
    def uptime_ratio(self) -> float | None:
        """Good / valid; None without a valid run."""
        return self.good / self.valid if self.valid else None

    @property
    def coverage_ratio(self) -> float | None:
        """Runs executed over slots expected; None if none was."""
        return min(self.executed / self.expected, 1.0) if self.expected else None

    @property
    def sort(self) -> str:
        """Which bar it has."""
        ratio = self.uptime_ratio
        return _NONE if ratio is None else sort_of(ratio)

    @property
    def words(self) -> str:
        """The day in a sentence."""
        date = f"{self.begin_at:%Y-%m-%d}"
        if self.uptime_ratio is None:
            return f"{date}: no data"
        return (
            f"{date}: uptime {percent(self.uptime_ratio)}, {plural(self.incidents, 'incident')}, "
            f"{duration(self.down_seconds)} down, coverage {percent(self.coverage_ratio, 1)}"
        )


@dataclass(frozen=True, slots=True)
class Strip:
    """The bars of a target, ready to be drawn.

    Attributes:
        drawn: Lines to be dashed, one for each sort of days.
        days: Each day's figures for the script that shows them: uptime and coverage in per cent,
            incidents, minutes down. `=` is a day without fault, `-` one without data, `n*` repeats.
        words: All of it in a sentence.
    """

    drawn: Markup
    days: str
    words: str


EMPTY = Strip(Markup(), "", "no data yet")


def strip(days: Sequence[Day]) -> Strip:
    """Draw days, the oldest first."""
    lines: dict[str, list[str]] = {}
    place = 0
    for sort, some in groupby(days, key=lambda each: each.sort):
        length = len(list(some)) * STEP
        lines.setdefault(sort, []).append(f"M{place} {_MIDDLES[sort]:g}h{length - 1}")
        place += length
    paths = (f'<path class="d-{sort}" d="{"".join(d)}"/>' for sort, d in sorted(lines.items()))
    # Names of sorts and numbers, all our own.
    return Strip(Markup("".join(paths)), _told(days), _words(days))  # noqa: S704


def table(of: Strip, first_at: datetime) -> Sequence[Sequence[str]]:
    """Give the days of a strip as rows of a table, the newest first.

    Args:
        of: The strip.
        first_at: The midnight of its first day.
    """
    rows = [_cells(token) for token in _unfolded(of.days)]
    dated = [(f"{first_at + n * DAY:%Y-%m-%d}", *cells) for n, cells in enumerate(rows)]
    return dated[::-1]


def _unfolded(told: str) -> Iterable[str]:
    for token in told.split():
        times, star, each = token.rpartition("*")
        yield from [each] * (int(times) if star else 1)


def _cells(token: str) -> Sequence[str]:
    if token == "-":
        return ("no data", NOTHING, NOTHING, NOTHING)
    full = ("100", "0", "0", "100") if token == "=" else token.split(",")
    uptime, incidents, minutes, coverage = full
    covered = f"{coverage} %" if coverage else NOTHING
    return (f"{uptime} %", incidents, duration(int(minutes) * _MINUTE), covered)


def _told(days: Iterable[Day]) -> str:
    tokens = []
    for token, some in groupby(map(_token, days)):
        times = len(list(some))
        tokens.append(token if times == 1 else f"{times}*{token}")
    return " ".join(tokens)


def _token(day: Day) -> str:
    if day.uptime_ratio is None:
        return "-"
    uptime, coverage = day.uptime_ratio, day.coverage_ratio
    if uptime == 1 and coverage == 1 and not day.incidents and not day.down_seconds:
        return "="
    minutes = round(day.down_seconds / _MINUTE)
    return f"{_number(uptime)},{day.incidents},{minutes},{_number(coverage)}"


def _number(ratio: float | None) -> str:
    return "" if ratio is None else percent(ratio)[:-2]


def _words(days: Sequence[Day]) -> str:
    told = [day for day in days if day.uptime_ratio is not None]
    if not told:
        return "no data yet"
    good, valid = sum(day.good for day in told), sum(day.valid for day in told)
    worst = min(told, key=lambda day: day.uptime_ratio or 0.0)
    incidents = sum(day.incidents for day in days)
    words = f"{percent(good / valid)} over {plural(len(told), 'day')} with data"
    words += f", {plural(incidents, 'incident')}"
    if worst.uptime_ratio != 1:
        words += f", worst {short_date(worst.begin_at)} with {percent(worst.uptime_ratio)}"
    return words


def first_day(now: datetime) -> datetime:
    """Give the midnight (UTC) of the first day of a strip."""
    return Resolution.DAY.begin_of(now) - (DAYS - 1) * DAY


class Trend(NamedTuple):
    """How a latency went, ready to be drawn.

    Attributes:
        path: A small line; empty if there is none.
        words: The same in a sentence.
    """

    path: str
    words: str


NO_TREND = Trend("", "no medians by hour yet")


def trend(medians: Sequence[float | None]) -> Trend:
    """Draw the medians of the last hours, in seconds, the oldest first."""
    known = [each for each in medians if each is not None]
    if not known:
        return NO_TREND
    low, high, last = map(seconds, (min(known), max(known), known[-1]))
    words = f"by hour over {plural(len(known), 'hour')}: {low} to {high}, newest {last}"
    return Trend(spark(medians), words)


class FleetPast(NamedTuple):
    """What is known of the past of all targets, by key.

    Attributes:
        strips: Their last days.
        trends: Their median time to first token by hour.
        begins: Since when there is data of them.
    """

    strips: Mapping[str, Strip]
    trends: Mapping[str, Trend]
    begins: Mapping[str, datetime] = MappingProxyType({})


NO_PAST = FleetPast({}, {})
