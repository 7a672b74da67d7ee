"""Planned work in the file, and what it comes to."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from monitor.config.errors import Finding
from monitor.config.fields import Grammar, Unset
from monitor.model.maintenance import Maintenance, Weekly
from monitor.model.target import Target

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKLY = re.compile(
    r"(?P<days>[a-z]{3}(?:,[a-z]{3})*) "
    r"(?P<begin>[01]\d:[0-5]\d|2[0-3]:[0-5]\d)-(?P<end>[01]\d:[0-5]\d|2[0-3]:[0-5]\d|24:00)",
    re.IGNORECASE,
)
_MOST_PATTERNS = 100
_SELECTORS = ("targets", "providers", "groups")


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError("is no time zone that this machine knows, like Europe/Berlin") from None
    return value


def _instant(value: str) -> str:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("must be an instant like 2026-12-01T02:00:00Z") from None
    return value


def _weekly(value: str) -> str:
    match = _WEEKLY.fullmatch(value)
    days = match["days"].lower().split(",") if match else []
    if match is None or not set(days) <= set(_DAYS):
        raise ValueError("must be days and hours like Sun 02:00-04:00 or Sat,Sun 22:00-01:00")
    if match["begin"] == match["end"]:
        raise ValueError("must not end when it begins; a whole day is 00:00-24:00")
    return value


def _pattern(value: str) -> str:
    if not value or not value.isprintable():
        raise ValueError("must be a pattern like openai/*")
    return value


Patterns = Annotated[
    list[Annotated[str, AfterValidator(_pattern)]], Field(min_length=1, max_length=_MOST_PATTERNS)
]
_Instant = Annotated[str, AfterValidator(_instant)]


class Work(Grammar):
    """Planned work on some targets, once or each week."""

    targets: Patterns | None = Field(
        default=None, description="Patterns of targets' keys; `*` stands for anything."
    )
    providers: Patterns | None = Field(default=None, description="Patterns of providers' names.")
    groups: Patterns | None = Field(default=None, description="Patterns of groups' names.")
    begin: Annotated[_Instant | None, Unset("none: weekly")] = Field(
        default=None,
        alias="from",
        description="When it begins, like `2026-12-01T02:00:00Z`; without an offset by `zone`.",
    )
    end: Annotated[_Instant | None, Unset("none: weekly")] = Field(
        default=None, alias="to", description="When it is over, like `from`."
    )
    weekly: Annotated[
        Annotated[str, AfterValidator(_weekly)] | None, Unset("none: `from` and `to`")
    ] = Field(
        default=None,
        description="Days and hours of each week, like `Sun 02:00-04:00` or `Sat,Sun 22:00-01:00`, "
        "which ends on the day after.",
    )
    zone: Annotated[str, AfterValidator(_zone)] = Field(
        default="UTC", description="The time zone of what is said without one."
    )
    reason: str | None = Field(
        default=None, max_length=200, description="What it is for, as the surfaces tell it."
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if not any((self.targets, self.providers, self.groups)):
            raise ValueError('must name targets, providers or groups; all are targets: ["*"]')
        if (self.weekly is None) == (self.begin is None) or (self.begin is None) != (
            self.end is None
        ):
            raise ValueError("must say either from and to, or weekly")
        if self.begin and self.end and _at(self.begin, self.zone) >= _at(self.end, self.zone):
            raise ValueError("must end after it begins")
        return self


def maintenance(given: Iterable[Work]) -> tuple[Maintenance, ...]:
    """Give what the file says as the rest of the program knows it."""
    return tuple(
        Maintenance(
            targets=tuple(work.targets or ()),
            providers=tuple(work.providers or ()),
            groups=tuple(work.groups or ()),
            begin_at=_at(work.begin, work.zone) if work.begin else None,
            end_at=_at(work.end, work.zone) if work.end else None,
            weekly=_hours(work.weekly, work.zone) if work.weekly else None,
            reason=work.reason,
        )
        for work in given
    )


def maintenance_warnings(given: Iterable[Work], targets: Iterable[Target]) -> Iterator[Finding]:
    """Tell work on no target; one that a gateway may yet list is no mistake."""
    known = tuple(targets)
    for number, rule in enumerate(maintenance(given)):
        if not any(rule.covers(target) for target in known):
            yield Finding(("maintenance", number), "no target that is known now is worked on")


def _at(value: str, zone: str) -> datetime:
    at = datetime.fromisoformat(value)
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


def _hours(value: str, zone: str) -> Weekly | None:
    match = _WEEKLY.fullmatch(value)
    if match is None:
        return None
    return Weekly(
        days=frozenset(_DAYS.index(day) for day in match["days"].lower().split(",")),
        begin_minute=_minute(match["begin"]),
        end_minute=_minute(match["end"]),
        zone=ZoneInfo(zone),
    )


def _minute(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)
