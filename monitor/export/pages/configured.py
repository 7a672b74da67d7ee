"""Pure: what a reader must know of the configuration, in words."""

from datetime import datetime

from monitor.export.pages.words import clock, visible
from monitor.model.configuration import Configuration

#: So many of the problems are told; the log has them all.
_MOST_PROBLEMS = 3


def refusal(status: Configuration | None, now: datetime) -> str:
    """Say that the newest configuration was refused, and why; empty if it holds."""
    if status is None or status.is_in_force:
        return ""
    told = [visible(each) for each in status.problems[:_MOST_PROBLEMS]]
    more = len(status.problems) - len(told)
    if more:
        told.append(f"{more:,} more in the log")
    since = clock(status.read_at, now)
    return f"The newest configuration was refused; the one of {since} UTC holds. {'; '.join(told)}"
