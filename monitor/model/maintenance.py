"""Planned work: runs go on in it, and nobody is woken."""

from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from monitor.model.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """Hours that come again each week.

    Attributes:
        days: On which it begins; 0 is Monday.
        begin_minute: Minutes after midnight, by the clock on the wall.
        end_minute: As *begin_minute*; what is not later is on the day after.
        zone: Where the clock hangs.
    """

    days: frozenset[int]
    begin_minute: int
    end_minute: int
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """Planned work on some targets, once or each week.

    Attributes:
        targets: Patterns of keys, as a shell has them.
        providers: Patterns of names.
        groups: Patterns of names.
        begin_at: When it begins; None if it is weekly.
        end_at: When it is over.
        weekly: When it is each week; None if it is once.
        reason: What it is for, in the operator's words.
    """

    targets: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    begin_at: datetime | None = None
    end_at: datetime | None = None
    weekly: Weekly | None = None
    reason: str | None = None

    def covers(self, target: Target) -> bool:
        """Say whether a target is worked on."""
        return any(
            fnmatchcase(name, pattern)
            for name, patterns in (
                (target.key, self.targets),
                (target.provider, self.providers),
                (target.group, self.groups),
            )
            for pattern in patterns
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ongoing:
    """Planned work that is under way.

    Attributes:
        end_at: When it is over, all that follows on it without a gap included.
        reason: What it is for.
    """

    end_at: datetime
    reason: str | None = None
