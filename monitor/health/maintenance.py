"""Pure: when planned work is, as spans of seconds since the epoch."""

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from monitor.model.maintenance import Maintenance, Ongoing, Weekly

#: From when on, and until when.
Span = tuple[float, float]

_DAY = timedelta(days=1)
_HOUR_SECONDS = 3600.0
_DAY_MINUTES = 1440
#: Within so long a weekly one begins or ends, if it ever does.
_WEEK_SECONDS = 8 * 86_400.0


def spans(rules: Iterable[Maintenance], begin: float, end: float) -> list[Span]:
    """List when there is work between two instants, in order and without overlaps."""
    return _joined(
        (max(first, begin), min(last, end))
        for rule in rules
        for first, last in _of(rule, begin, end)
        if first < end and last > begin
    )


def hours(rules: Iterable[Maintenance], begin: float, end: float) -> list[Span]:
    """As `spans`, widened to whole hours (UTC)."""
    return _joined(
        (math.floor(first / _HOUR_SECONDS) * 3600.0, math.ceil(last / _HOUR_SECONDS) * 3600.0)
        for first, last in spans(rules, begin, end)
    )


def ongoing(rules: Sequence[Maintenance], at: float) -> Ongoing | None:
    """Say what is under way at an instant."""
    here = [rule for rule in rules if any(first <= at < last for first, last in _of(rule, at, at))]
    if not here:
        return None
    found = spans(rules, at, at + _WEEK_SECONDS)
    (end,) = (last for first, last in found if first <= at < last)
    reason = next((rule.reason for rule in here if rule.reason), None)
    return Ongoing(end_at=datetime.fromtimestamp(end, UTC), reason=reason)


def next_edge(rules: Sequence[Maintenance], at: float) -> float:
    """Say when work begins or ends next; infinity if that is not within a week."""
    found = spans(rules, at, at + _WEEK_SECONDS)
    return min((edge for span in found for edge in span if edge > at), default=math.inf)


def _joined(found: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for first, last in sorted(found):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def _of(rule: Maintenance, begin: float, end: float) -> Iterator[Span]:
    if rule.weekly:
        yield from _weekly(rule.weekly, begin, end)
    elif rule.begin_at and rule.end_at:
        yield rule.begin_at.timestamp(), rule.end_at.timestamp()


def _weekly(weekly: Weekly, begin: float, end: float) -> Iterator[Span]:
    """Give the spans of all days around; where clocks are set, by the clock on the wall."""
    day = datetime.fromtimestamp(begin, weekly.zone).date() - _DAY
    last_day = datetime.fromtimestamp(end, weekly.zone).date()
    is_overnight = weekly.end_minute <= weekly.begin_minute
    while day <= last_day:
        if day.weekday() in weekly.days:
            first = _instant(weekly, day, weekly.begin_minute)
            yield first, _instant(weekly, day + is_overnight * _DAY, weekly.end_minute)
        day += _DAY


def _instant(weekly: Weekly, day: date, minute: int) -> float:
    days, minute = divmod(minute, _DAY_MINUTES)  # 24:00 is the next day's midnight
    at = time(minute // 60, minute % 60)
    return datetime.combine(day + days * _DAY, at, weekly.zone).timestamp()
