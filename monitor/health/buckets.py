"""Pure: the UTC hours and days that results are kept by."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Resolution(StrEnum):
    """How long a bucket is."""

    HOUR = "hour"
    DAY = "day"

    @property
    def length(self) -> timedelta:
        """From the begin of a bucket to the begin of the next."""
        return HOUR if self is Resolution.HOUR else DAY

    def begin_of(self, at: datetime) -> datetime:
        """Give the begin of the bucket that an instant lies in.

        >>> Resolution.DAY.begin_of(datetime(2026, 3, 1, 12, 5, tzinfo=UTC)).isoformat()
        '2026-03-01T00:00:00+00:00'
        """
        hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return hour if self is Resolution.HOUR else hour.replace(hour=0)

    def end_of(self, at: datetime) -> datetime:
        """Give the first begin of a bucket that is not before an instant."""
        begin = self.begin_of(at)
        return begin if begin == at else begin + self.length


class Stretch(NamedTuple):
    """Buckets of one resolution, without a gap.

    Attributes:
        resolution: Of each.
        begin_at: The begin of the first.
        end_at: The end of the last.
    """

    resolution: Resolution
    begin_at: datetime
    end_at: datetime


def window_begin(now: datetime, seconds: float) -> datetime:
    """Say where a window of more than a day begins: on a whole UTC hour, so it is never shorter."""
    return Resolution.HOUR.begin_of(now - timedelta(seconds=seconds))


def cover(begin_at: datetime, end_at: datetime) -> list[Stretch]:
    """Cover a span of whole hours with as few buckets as can be, in order.

    Args:
        begin_at: A whole UTC hour.
        end_at: As *begin_at*.
    """
    midnight, last = Resolution.DAY.end_of(begin_at), Resolution.DAY.begin_of(end_at)
    if last <= midnight:
        stretches = [Stretch(Resolution.HOUR, begin_at, end_at)]
    else:
        stretches = [
            Stretch(Resolution.HOUR, begin_at, midnight),
            Stretch(Resolution.DAY, midnight, last),
            Stretch(Resolution.HOUR, last, end_at),
        ]
    return [each for each in stretches if each.begin_at < each.end_at]


def steps(resolution: Resolution, begin_at: datetime, end_at: datetime) -> list[datetime]:
    """List the begins of the buckets that a span touches."""
    begin = resolution.begin_of(begin_at)
    count = (resolution.end_of(end_at) - begin) // resolution.length
    return [begin + number * resolution.length for number in range(max(count, 0))]
