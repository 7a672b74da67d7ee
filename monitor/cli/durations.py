"""Durations as people write them."""

import re
from datetime import timedelta

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_WRITTEN = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)([smhd])")
_LONGEST = timedelta(days=3660)


def duration(text: str) -> timedelta:
    """Read a duration.

    Raises:
        ValueError: It is none, or longer than ten years.

    >>> duration("7d"), duration("90m")
    (datetime.timedelta(days=7), datetime.timedelta(seconds=5400))
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None or not float(found[1]):
        raise ValueError("must be a duration like 7d, 12h, 90m or 30s")
    length = timedelta(seconds=float(found[1]) * _UNITS[found[2]])
    if length > _LONGEST:
        raise ValueError("must not be longer than ten years")
    return length
