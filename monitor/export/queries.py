"""What may be asked of the API: the parameters, read and checked."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from monitor.export.problems import UnusableError
from monitor.health.buckets import HOUR, Resolution
from monitor.model.outcome import Outcome
from monitor.model.retention import Retention
from monitor.model.target import Kind
from monitor.store.retention import kept_since

#: No instant outside of these is one that anybody means.
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_MOST_ROWS = 500
#: The longest series, so that no answer is larger than a few megabytes.
_LONGEST = {Resolution.HOUR: timedelta(days=60), Resolution.DAY: timedelta(days=400)}
#: How long a series is unless told.
_USUAL = {Resolution.HOUR: timedelta(days=1), Resolution.DAY: timedelta(days=30)}
_RESOLUTIONS = {"hour": Resolution.HOUR, "date": Resolution.DAY}
#: `+` in a query means a space, so an offset that was not encoded arrives as ` 02:00`.
_LOST_PLUS = re.compile(r" (?=\d\d:?\d\d$)")


def _mend(value: object) -> object:
    return _LOST_PLUS.sub("+", value) if isinstance(value, str) and "T" in value else value


def to_utc(value: datetime) -> datetime:
    """Take an instant without an offset for UTC.

    Raises:
        ValueError: Nobody means it.
    """
    known = value.replace(tzinfo=UTC) if value.utcoffset() is None else value
    if not _FIRST <= known < _LAST:
        raise ValueError("must lie between the years 2000 and 2200")
    return known.astimezone(UTC)


Moment = Annotated[datetime, BeforeValidator(_mend), AfterValidator(to_utc)]
_Limit = Annotated[int, Field(ge=1, le=_MOST_ROWS, description="The most that are told.")]
_Cursor = Annotated[
    str | None, Field(max_length=200, description="`next_cursor` of the page before.")
]
_OfKind = Annotated[Kind, Field(description="What the runs asked for.")]
_Until = Annotated[
    Moment | None, Field(alias="to", description="The end (ISO 8601; UTC unless it says); now.")
]


class _Query(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ResultsQuery(_Query):
    """Which results."""

    limit: _Limit = 100
    cursor: _Cursor = None
    since: Moment | None = Field(None, description="The first slot (ISO 8601).")
    until: Moment | None = Field(None, description="The first slot that is too late (ISO 8601).")
    kind: Kind | None = Field(None, description="What the runs asked for.")
    outcome: Outcome | None = Field(None, description="What the runs ended in.")


class SeriesQuery(_Query):
    """Which series."""

    by: Literal["hour", "date"] = Field("date", description="The length of a step (UTC).")
    begin_at: Moment | None = Field(
        None, alias="from", description="The begin; 30 days before the end, or a day by hour."
    )
    end_at: _Until = None
    kind: _OfKind = Kind.COMPLETION

    @property
    def resolution(self) -> Resolution:
        """The length of a step."""
        return _RESOLUTIONS[self.by]


class WindowQuery(_Query):
    """Which span."""

    begin_at: Moment = Field(alias="from", description="The begin (ISO 8601; UTC unless it says).")
    end_at: _Until = None
    kind: _OfKind = Kind.COMPLETION


class IncidentsQuery(_Query):
    """Which incidents."""

    target: str | None = Field(None, max_length=1000, description="The key of the only target.")
    limit: _Limit = 100
    cursor: _Cursor = None


class Stretch(NamedTuple):
    """From when to when; both are begins of buckets."""

    begin_at: datetime
    end_at: datetime


def series_stretch(asked: SeriesQuery, now: datetime, retention: Retention) -> Stretch:
    """Say which steps a series has: whole ones, not in the future, and not longer ago than is kept.

    Raises:
        UnusableError: There are none, or too many.
    """
    resolution = asked.resolution
    end_at = min(asked.end_at or now, now)
    stretch = _whole(resolution, asked.begin_at or end_at - _USUAL[resolution], end_at)
    longest = _LONGEST[resolution]
    # Both ends may have been moved by a step.
    if stretch.end_at - stretch.begin_at > longest + 2 * resolution.length:
        raise UnusableError("from", f"a series by {asked.by} has {longest.days} days at most")
    days = retention.hourly_days if resolution is Resolution.HOUR else retention.daily_days
    return _kept(stretch, days, now)


def window_stretch(asked: WindowQuery, now: datetime, retention: Retention) -> Stretch:
    """Say which hours a span touches; days, where hours are kept no more. It has no future.

    Raises:
        UnusableError: There are none, or nothing of them is kept.
    """
    begin_at, end_at = _whole(Resolution.HOUR, asked.begin_at, min(asked.end_at or now, now))
    hourly_since = kept_since(now, retention.hourly_days)
    if begin_at < hourly_since:
        begin_at = Resolution.DAY.begin_of(begin_at)
    if end_at < hourly_since:
        end_at = Resolution.DAY.end_of(end_at)
    return _kept(Stretch(begin_at, end_at), retention.daily_days, now)


def _kept(stretch: Stretch, days: int | None, now: datetime) -> Stretch:
    """Leave out what was pruned: it would look as if nothing had been probed then."""
    if days is None:
        return stretch
    since = kept_since(now, days)
    if stretch.end_at <= since:
        raise UnusableError("to", f"nothing is kept from before {since:%Y-%m-%d}")
    return Stretch(max(stretch.begin_at, since), stretch.end_at)


def _whole(resolution: Resolution, begin_at: datetime, end_at: datetime) -> Stretch:
    if begin_at >= end_at:
        raise UnusableError("from", "must lie before `to`, and in the past")
    return Stretch(resolution.begin_of(begin_at), resolution.end_of(end_at))


def hour_before(at: datetime | None) -> datetime | None:
    """Give the begin of the hour of an instant, so that who asks each second asks the same."""
    return at and Resolution.HOUR.begin_of(at)


def is_over(end_at: datetime, now: datetime) -> bool:
    """Tell whether hardly anything will still be added to what ended then."""
    return end_at < now - 2 * HOUR
