"""Pure: what stands on the page of the fleet."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from monitor.export.pages.barred import Barred, barred
from monitor.export.pages.incidents import Outage
from monitor.export.pages.places import mark, model_href
from monitor.export.pages.planned import how_many_worked_on
from monitor.export.pages.rows import SILENT
from monitor.export.pages.words import (
    STATES,
    clock,
    duration,
    percent,
    plural,
    visible,
)
from monitor.model.health import State
from monitor.model.snapshot import Snapshot, TargetView

#: A picture this old is no picture of now.
_STALE = timedelta(seconds=15)
#: History this old is told to be.
_OLD_SECONDS = 120.0
#: The state is told beside these, worst first.
_ORDER = tuple(state.value for state in STATES)
_WORKING = (State.UP, State.DEGRADED, State.RECOVERING)


class Group(NamedTuple):
    """A logical model and the views of its targets.

    Attributes:
        id: Of its section.
        name: `author/slug`.
        href: Of its page.
        works: At least one of its targets does.
        words: How many of them.
        shares: For which share of the last 24 hours and 30 days at least one did.
        views: Its targets.
        is_alone: Its only target has its name, so that a heading would say nothing.
    """

    id: str
    name: str
    href: str
    works: bool
    words: str
    shares: Sequence[tuple[str, str]]
    views: Sequence[TargetView]
    is_alone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPage:
    """The page of the fleet, without its rows.

    Attributes:
        headline: In a sentence.
        state: The worst state.
        subline: How many of the models have a target that works; how many targets are worked on.
        counts: Targets by state, worst first.
        groups: The logical models, in order.
        open: Incidents that last.
        barred: Targets that refuse our account.
        past: Incidents that ended; None if nobody knows of any.
    """

    headline: str
    state: str
    subline: str
    counts: Sequence[tuple[str, int]]
    groups: Sequence[Group]
    open: Sequence[Outage]
    barred: Sequence[Barred]
    past: Sequence[Outage] | None


def fleet_page(
    snapshot: Snapshot,
    ratios: Mapping[str, Mapping[str, float]],
    found: Sequence[Outage] | None,
    *,
    is_past_known: bool = True,
) -> FleetPage:
    """Put the page together.

    Args:
        snapshot: The newest picture.
        ratios: For which share of each window a group was available.
        found: Incidents; None if nobody knows.
        is_past_known: Those that are over are among them.
    """
    counts = _counts(snapshot.targets)
    found_groups = groups_of(snapshot.targets, ratios)
    return FleetPage(
        headline=headline(snapshot),
        state=next(iter(counts), "unknown"),
        subline="; ".join(_sublines(found_groups, snapshot.targets)),
        counts=list(counts.items()),
        groups=found_groups,
        open=[each for each in found or () if each.is_open],
        barred=barred(snapshot.targets, snapshot.generated_at),
        past=None
        if found is None or not is_past_known
        else [each for each in found if not each.is_open],
    )


def _sublines(found: Sequence[Group], views: Iterable[TargetView]) -> Iterator[str]:
    if found:
        works = sum(each.works for each in found)
        yield f"{works} of {plural(len(found), 'model')} can be served"
    number = sum(view.maintenance is not None for view in views)
    if number:
        yield f"{plural(number, 'target')} in maintenance"


def headline(snapshot: Snapshot) -> str:
    """Say how the fleet is; what is not known to be up is not called up."""
    counts, total = _counts(snapshot.targets), len(snapshot.targets)
    if not total:
        return "No targets"
    if counts.keys() == {"up"}:
        return "The only target is up" if total == 1 else f"All {total:,} targets up"
    down = [view for view in snapshot.targets if _state(view) == State.DOWN.value]
    begin_at, worked_on = _down_since(down), how_many_worked_on(down)
    if begin_at:
        since = clock(begin_at, snapshot.generated_at)
        return f"{len(down):,} of {plural(total, 'target')} down since {since} UTC{worked_on}"
    parts = [f"{number:,} {word}" for word, number in counts.items() if word != "up"]
    return f"{', '.join(parts)}; {counts.get('up', 0):,} of {plural(total, 'target')} up"


def _down_since(views: Iterable[TargetView]) -> datetime | None:
    begins = (view.health.failing_since_at or view.health.since_at for view in views)
    return min((at for at in begins if at), default=None)


def _counts(views: Iterable[TargetView]) -> Mapping[str, int]:
    counted = Counter(_state(view) for view in views)
    order = (*_ORDER[:-1], SILENT, _ORDER[-1])
    return {word: counted[word] for word in order if counted[word]}


def _state(view: TargetView) -> str:
    return SILENT if view.is_stale else view.health.state.value


def groups_of(
    views: Sequence[TargetView], ratios: Mapping[str, Mapping[str, float]]
) -> Sequence[Group]:
    """Put targets together by their logical models, in order."""
    ordered = sorted(views, key=lambda view: (view.target.group, view.target.key))
    return [
        _group(name, list(some), ratios.get(name, {}))
        for name, some in groupby(ordered, key=lambda view: view.target.group)
    ]


def _group(name: str, views: Sequence[TargetView], ratios: Mapping[str, float]) -> Group:
    up = sum(view.health.state in _WORKING for view in views)
    return Group(
        id=f"g-{mark(name)}",
        name=visible(name),
        href=model_href(name),
        works=up > 0,
        words=f"{up} of {plural(len(views), 'target')} working",
        shares=[(window, percent(ratios.get(window))) for window in ("24h", "30d")],
        views=views,
        is_alone=len(views) == 1 and views[0].target.key == name,
    )


def notes(
    snapshot: Snapshot, now: datetime, age_seconds: float | None, *, is_overdue: bool = True
) -> Sequence[str]:
    """Say what a reader must know before trusting the figures.

    Args:
        snapshot: What they come from.
        now: How old that is now.
        age_seconds: Of the oldest answer about the past; None if there is none.
        is_overdue: The database was asked for newer ones, and has not given them.
    """
    told = []
    age = now - min(snapshot.generated_at, snapshot.heartbeat_at)
    if age > _STALE:
        old = duration(age.total_seconds())
        told.append(f"The probing loop stands still: the states on this page are {old} old.")
    if age_seconds is None:
        told.append("The database has not answered yet: not all of the past is known.")
    elif age_seconds > _OLD_SECONDS:
        old = duration(age_seconds)
        late, soon = "the database has given no newer answer", "newer ones are on the way"
        told.append(
            f"History and incidents are {old} old: {late if is_overdue else soon}. "
            "States, uptimes and latencies are of now."
        )
    return told
