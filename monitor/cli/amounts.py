"""Pure: figures as people read them; what is not known is a dash."""

import math
from datetime import datetime, timedelta

NONE = "–"

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_CENT = 0.01


def share(ratio: float | None, decimals: int = 2) -> str:
    """Write a share so that what is not all is never written as all.

    >>> [share(each) for each in (None, 1.0, 0.999999, 0.5, 0.95, 0.0)]
    ['–', '100%', '99.99%', '50%', '95%', '0%']
    """
    if ratio is None:
        return NONE
    # Cut, not rounded; a float's own error must not take a figure down by one.
    scale = 10**decimals
    cut = math.floor(round(ratio * 100 * scale, 6)) / scale
    return f"{cut:.{decimals}f}".rstrip("0").rstrip(".") + "%" if decimals else f"{cut:.0f}%"


def latency(seconds: float | None) -> str:
    """Write a short time.

    >>> [latency(each) for each in (None, 0.2141, 1.234, 12.34)]
    ['–', '214 ms', '1.23 s', '12.3 s']
    """
    if seconds is None:
        return NONE
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"  # noqa: PLR2004


def speed(tokens_per_second: float | None) -> str:
    """Write tokens per second.

    >>> [speed(each) for each in (None, 8.25, 123.4)]
    ['–', '8.2', '123']
    """
    if tokens_per_second is None:
        return NONE
    return f"{tokens_per_second:.1f}" if tokens_per_second < 10 else f"{tokens_per_second:.0f}"  # noqa: PLR2004


def ago(seconds: float | None) -> str:
    """Write a long time in its largest unit.

    >>> [ago(each) for each in (None, -1, 4.6, 119, 7300, 200_000)]
    ['–', '0s', '4s', '119s', '2h', '2d']
    """
    if seconds is None:
        return NONE
    for length, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "m")):
        if seconds >= 2 * length:
            return f"{seconds // length:.0f}{unit}"
    return f"{max(int(seconds), 0)}s"


def lasted(seconds: float | None) -> str:
    """Write how long something took, to the second.

    >>> [lasted(each) for each in (None, 59.4, 3600, 93_784)]
    ['–', '59s', '1h 0m 0s', '1d 2h 3m 4s']
    """
    if seconds is None:
        return NONE
    left = round(seconds)
    parts: list[str] = []
    for length, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "m")):
        if parts or left >= length:
            parts.append(f"{left // length}{unit}")
            left %= length
    return " ".join((*parts, f"{left}s"))


def dollars(usd: float | None) -> str:
    """Write an amount so that a small one is not taken for none.

    >>> [dollars(each) for each in (None, 0.0, 0.0012, 1234.5)]
    ['–', '0.00 USD', '< 0.01 USD', '1,234.50 USD']
    """
    if usd is None:
        return NONE
    return f"{usd:,.2f} USD" if usd >= _CENT or not usd else "< 0.01 USD"


def instant(at: datetime | None) -> str:
    """Write an instant, which is of UTC, to the second."""
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else NONE


def since(at: str | None, now: datetime) -> float | None:
    """Say how many seconds ago an instant of the API was; None without one."""
    if at is None:
        return None
    return (now - datetime.fromisoformat(at)) / timedelta(seconds=1)
