"""Pure: planned work on targets, in words."""

from collections.abc import Sequence
from datetime import datetime

from monitor.export.pages.words import clock, visible
from monitor.model.maintenance import Ongoing
from monitor.model.snapshot import TargetView


def work_words(work: Ongoing | None, now: datetime) -> str:
    """Say until when a target is worked on, and what for; empty if it is not."""
    if work is None:
        return ""
    words = f"maintenance until {clock(work.end_at, now)} UTC"
    return f"{words}: {visible(work.reason)}" if work.reason else words


def how_many_worked_on(views: Sequence[TargetView]) -> str:
    """Say behind a count of targets how many of them are worked on; empty if none is."""
    number = sum(view.maintenance is not None for view in views)
    if not number:
        return ""
    return ", in maintenance" if number == len(views) else f", {number:,} of them in maintenance"
