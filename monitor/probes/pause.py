"""The pause that a provider asks for before the next request."""

import math
from collections.abc import Iterable, Mapping
from email.utils import parsedate_to_datetime

#: A longer pause is no pause but a mistake (seconds).
_LONGEST = 366 * 86400.0


def pause_seconds(headers: Mapping[str, str], from_body: Iterable[object] = ()) -> float | None:
    """Read the pause, in seconds; None if there is none or it makes no sense.

    Args:
        headers: Names in lower case; `retry-after-ms` is finer than `retry-after`, a date in which
            is taken relative to the answer's own `date`.
        from_body: Values of the body's own fields: seconds, or a duration such as "40s".
    """
    found = _sensible(_number(headers.get("retry-after-ms")), scale=1e-3)
    found = found if found is not None else _sensible(_number(headers.get("retry-after")))
    if found is None:
        found = _until(headers.get("retry-after"), headers.get("date"))
    for value in from_body:
        if found is None:
            found = _sensible(_number(value))
    return found


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str):
        value = value[:40].strip().removesuffix("s")
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
