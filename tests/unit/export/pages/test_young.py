"""Windows that are longer than the history: since when, and no figure staler than another."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.export.pages.young import data_since, freshest
from tests.unit.export.pictures import LATER, make_view

WINDOWS = make_view().windows
STALE = replace(WINDOWS["24h"], uptime_ratio=0.7142)
#: As a minute after a failure: the long windows do not know of it yet.
LAGGING = {**WINDOWS, "7d": STALE, "30d": STALE, "90d": STALE}


@pytest.mark.parametrize(
    ("hours", "window", "told"),
    [
        (0.2, "1h", "since 12:18"),
        (2.0, "1h", ""),
        (2.0, "24h", "since 10:30"),
        (24.0, "24h", ""),
        (48.0, "30d", "since 27 Feb 12:30"),
        (24.0 * 31, "30d", ""),
        (24.0 * 31, "90d", "since 29 Jan 12:30"),
        (None, "90d", ""),
    ],
)
def test_a_window_longer_than_the_history_says_since_when(
    hours: float | None, window: str, told: str
) -> None:
    begun_at = None if hours is None else LATER - timedelta(hours=hours)

    assert data_since(begun_at, window, LATER).replace("\u00a0", " ") == told


def test_while_all_history_is_of_a_day_the_long_windows_hold_what_the_day_does() -> None:
    told = freshest(LAGGING, LATER - timedelta(hours=2), LATER)

    assert {each.uptime_ratio for each in told.values()} == {0.9}
    assert told.keys() == WINDOWS.keys()


@pytest.mark.parametrize(
    "begun_at", [None, LATER - timedelta(days=1)], ids=["nobody knows", "a day ago"]
)
def test_older_history_is_for_the_long_windows_to_tell(begun_at: datetime | None) -> None:
    assert freshest(LAGGING, begun_at, LATER) is LAGGING
    assert freshest({"30d": STALE}, LATER, LATER) == {"30d": STALE}
