"""Pure: windows that are longer than the history that fills them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from monitor.export.pages.words import clock
from monitor.model.window import LONG_WINDOWS, WINDOWS, WindowStats

#: The longest window of which each figure is of now; the longer ones are reckoned once a minute.
_FRESH = "24h"


def data_since(begun_at: datetime | None, window: str, now: datetime) -> str:
    """Say since when there is data where that is not the whole of a window; else nothing.

    Args:
        begun_at: Since when there is any; None if nobody knows.
        window: Its name.
        now: Its end.
    """
    if begun_at is None or not _begins_in(window, begun_at, now):
        return ""
    return f"since {clock(begun_at, now)}"


def freshest(
    windows: Mapping[str, WindowStats], begun_at: datetime | None, now: datetime
) -> Mapping[str, WindowStats]:
    """Give the windows; the long ones hold no more than 24 hours do while no history is older."""
    if begun_at is None or _FRESH not in windows or not _begins_in(_FRESH, begun_at, now):
        return windows
    return {**windows, **dict.fromkeys(LONG_WINDOWS, windows[_FRESH])}


def _begins_in(window: str, begun_at: datetime, now: datetime) -> bool:
    return begun_at > now - timedelta(seconds=WINDOWS[window])
