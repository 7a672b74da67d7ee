"""Pure: targets that refuse our account. None of them is down, so no incident tells of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from monitor.export.pages.incidents import Affected
from monitor.export.pages.places import mark, target_href
from monitor.export.pages.rows import why
from monitor.export.pages.words import STATES, cause, clock, duration, plural, visible
from monitor.model.health import State
from monitor.model.snapshot import TargetView


@dataclass(frozen=True, slots=True, kw_only=True)
class Barred:
    """Targets of one provider that refuse our account for the same reason.

    Attributes:
        id: Of what tells of them.
        title: Who they are, short.
        cause: In words.
        since: Since when, and for how long; empty if nobody knows.
        affected: Each of them.
    """

    id: str
    title: str
    cause: str
    since: str
    affected: Sequence[Affected]


def barred(views: Iterable[TargetView], now: datetime) -> Sequence[Barred]:
    """Tell the targets that are blocked, by provider and reason."""
    found = [view for view in views if view.health.state is State.BLOCKED and not view.is_stale]
    found.sort(key=lambda view: (*_kind(view), view.target.key))
    return [_barred(list(some), now) for _, some in groupby(found, key=_kind)]


def _kind(view: TargetView) -> tuple[str, str]:
    return view.target.provider, view.health.reason or ""


def _barred(some: Sequence[TargetView], now: datetime) -> Barred:
    first = some[0]
    begins = [view.health.since_at for view in some if view.health.since_at]
    provider, number = visible(first.target.provider), plural(len(some), "target")
    title, told = f"{provider}: {number}", cause(first.health.reason)
    if len(some) == 1:
        title, told = visible(first.target.key), why(first)
    return Barred(
        id=mark("\n".join(_kind(first))),
        title=title,
        cause=told or STATES[State.BLOCKED][1],
        since=_since(min(begins), now) if begins else "",
        affected=[_affected(view, now) for view in some],
    )


def _affected(view: TargetView, now: datetime) -> Affected:
    at = view.health.since_at
    key = view.target.key
    return Affected(visible(key), target_href(key), f"since {_since(at, now)}" if at else "")


def _since(at: datetime, now: datetime) -> str:
    return f"{clock(at, now)} UTC, {duration((now - at).total_seconds())}"
