"""The pause that a provider asks for before the next request."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

#: A longer pause is no pause but a mistake (seconds).
_LONGEST = 366 * 86400.0
#: Larger numbers are no spans but points of time: seconds, and from the second on milliseconds.
_FIRST_EPOCH = 1e9
_FIRST_EPOCH_MS = 1e11
_MAX_VALUE = 40

#: OpenAI, Groq, Cerebras, OpenRouter; Anthropic; the draft of the IETF.
_RESET = re.compile(r"(?:x-|anthropic-)?ratelimit-(?:[a-z-]{1,40}-)?reset(?:-[a-z-]{1,40})?")
_DURATION = re.compile(r"(?:\d{1,9}(?:\.\d{1,9})?(?:ms|d|h|m|s))+")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|d|h|m|s)")
_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3}


def pause_seconds(
    headers: Mapping[str, str], from_body: Iterable[object] = (), *, is_rate_limited: bool = False
) -> float | None:
    """Read the pause, in seconds; None if there is none or it makes no sense.

    Args:
        headers: Names in lower case; `retry-after-ms` is finer than `retry-after`, a date in which
            is taken relative to the answer's own `date`.
        from_body: Values of the body's own fields: seconds, or a duration such as "40s".
        is_rate_limited: Our own rate was the cause, so that the headers which say when a limit
            is reset matter; they stand on good answers, too.
    """
    found = _sensible(_number(headers.get("retry-after-ms")), scale=1e-3)
    found = found if found is not None else _sensible(_number(headers.get("retry-after")))
    if found is None:
        found = _until(headers.get("retry-after"), headers.get("date"))
    for value in from_body:
        if found is None:
            found = _sensible(_number(value))
    is_asked = "retry-after" in headers or "retry-after-ms" in headers
    if found is None and is_rate_limited and not is_asked:
        return _reset_seconds(headers)
    return found


def _reset_seconds(headers: Mapping[str, str]) -> float | None:
    """Read when a limit is reset: the last of the spent ones, else the first of all.

    If no header says what is spent, the shortest pause is the one that costs the least to try.
    """
    spent: list[float] = []
    others: list[float] = []
    for name, seconds in _resets(headers):
        left = _number(headers.get(name.replace("reset", "remaining")))
        (spent if left == 0 else others).append(seconds)
    return max(spent) if spent else min(others, default=None)


def _resets(headers: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    for name, value in headers.items():
        if _RESET.fullmatch(name):
            seconds = _reset(value[:_MAX_VALUE].strip(), headers.get("date"))
            if seconds:  # a limit that is reset at once is not the one that was hit
                yield name, seconds


def _reset(value: str, date: str | None) -> float | None:
    if _DURATION.fullmatch(value):
        parts = _DURATION_PART.findall(value)
        return _sensible(sum(float(number) * _UNITS[unit] for number, unit in parts))
    number = _number(value)
    if number is not None and number < _FIRST_EPOCH:
        return _sensible(number)
    now, then = _date(date), _point(value) if number is None else number
    if now is None or then is None:
        return None
    return _sensible((then / 1e3 if then >= _FIRST_EPOCH_MS else then) - now)


def _point(value: str) -> float | None:
    """Read a point of time as RFC 3339 writes it, in seconds of the epoch."""
    try:
        point = datetime.fromisoformat(value)
        return point.timestamp() if point.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _date(value: str | None) -> float | None:
    try:
        return parsedate_to_datetime((value or "")[:100]).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str):
        value = value[:_MAX_VALUE].strip().removesuffix("s")
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _sensible(seconds: float | None, *, scale: float = 1.0) -> float | None:
    if seconds is None or not math.isfinite(seconds):
        return None
    return seconds * scale if 0 <= seconds * scale <= _LONGEST else None


def _until(then: str | None, now: str | None) -> float | None:
    if not then or not now:
        return None
    try:
        span = parsedate_to_datetime(then[:100]) - parsedate_to_datetime(now[:100])
    except (ValueError, TypeError, OverflowError):
        return None
    return _sensible(span.total_seconds())
