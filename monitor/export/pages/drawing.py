"""Draws the pages: from the snapshot and from what is known of the past, once for all who look."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote

from monitor.export.listening import Source
from monitor.export.pages.asking import Dates, Told
from monitor.export.pages.configured import refusal
from monitor.export.pages.fleet import Group, fleet_page, groups_of, notes
from monitor.export.pages.incidents import Outage, outages
from monitor.export.pages.kept import Kept
from monitor.export.pages.model import model_page
from monitor.export.pages.past import Known
from monitor.export.pages.places import model_href, target_href
from monitor.export.pages.present import current
from monitor.export.pages.rendering import Frame, Rows, Templates
from monitor.export.pages.replies import Body
from monitor.export.pages.rows import row
from monitor.export.pages.strips import NO_PAST, FleetPast, first_day
from monitor.export.pages.target import target_page, weight_words
from monitor.export.pages.waterfalls import PHASES
from monitor.export.pages.words import ago, duration, moment, visible
from monitor.health.percentiles import Lately
from monitor.model.clock import Clock
from monitor.model.configuration import Configuration
from monitor.model.result import Result
from monitor.model.routing import GroupRouting, Routing
from monitor.model.snapshot import Snapshot, TargetView

#: After so many rows the probing loop gets its turn.
_BREATH = 8
#: A page of what does not move is drawn anew so often, for it tells its age.
_AGE_SECONDS = 5.0


class AnyPast(Protocol):
    """What pages ask about the past."""

    async def fleet(self) -> Known[FleetPast]:
        """Give the last days of all targets."""
        ...

    async def incidents(self, targets: tuple[str, ...] | None = None) -> Known[Sequence[Told]]:
        """Give the newest incidents of all targets, or of some."""
        ...

    async def dates(self, targets: tuple[str, ...]) -> Known[Dates]:
        """Give the last days of some targets."""
        ...

    async def runs(self, target: str) -> Known[Sequence[Result]]:
        """Give the newest runs of a target."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where the pages have their figures from.

    Attributes:
        snapshot: Gives the newest picture.
        clock: Tells how old it is.
        past: Knows what was; None if nobody does.
        routing: Gives the weights.
        ratios: Gives for which share of each window a group was available.
        lately: Says how quick a target was in the last half hour.
        changes: Tells when weights or states move; None if nobody does.
        configuration: Says how the last reading of it went; None if nobody does.
        is_public: The pages are for anybody.
    """

    snapshot: Callable[[], Snapshot]
    clock: Clock
    past: AnyPast | None = None
    routing: Callable[[], Routing] | None = None
    ratios: Callable[[], Mapping[str, Mapping[str, float]]] = dict
    lately: Callable[[str], Lately] = lambda _: Lately()
    changes: Source | None = None
    configuration: Callable[[], Configuration] | None = None
    is_public: bool = False


class Drawing:
    """Draws pages.

    Args:
        sources: What they are drawn from.
        templates: Write them.
    """

    def __init__(self, sources: Sources, templates: Templates) -> None:
        self._sources, self._templates = sources, templates
        self._rows = Rows(templates, row)
        self._kept = Kept()
        self._pauses = 0

    async def fleet(self) -> Body:
        """Draw the page of the fleet, or give it as it was drawn from the same."""
        past, found = await asyncio.gather(self._fleet_past(), self._incidents(None))
        snapshot, now = self._sources.snapshot(), self._sources.clock.now()
        age = int((now - snapshot.generated_at).total_seconds() / _AGE_SECONDS)
        drawn_from = (snapshot, past.value, found.value, age, self._configuration())
        return self._kept.page(
            "fleet", drawn_from, lambda: self._draw_fleet(snapshot, past, found, now)
        )

    def _draw_fleet(
        self,
        snapshot: Snapshot,
        past: Known[FleetPast],
        found: Known[Sequence[Told]],
        now: datetime,
    ) -> bytes:
        views, strips = snapshot.targets, past.value or NO_PAST
        told = outages(current(found.value or (), views, snapshot.vantage, now), now)
        return self._templates.write(
            "fleet.html",
            self._frame(snapshot, now, past, found),
            page=fleet_page(
                snapshot, self._sources.ratios(), told, is_past_known=found.value is not None
            ),
            rows=self._rows.draw(views, strips, now, ago, self._breathe),
            first_day=f"{first_day(now):%Y-%m-%d}",
        )

    async def model(self, name: str) -> Body | None:
        """Draw the page of a model; None if there is none of this name."""
        keys = tuple(view.target.key for view in self._members(name))
        if not keys:
            return None
        past, dates, found = await asyncio.gather(
            self._fleet_past(), self._dates(keys), self._incidents(keys)
        )
        # The picture is taken last, so that no answer about the past is newer.
        snapshot, now = self._sources.snapshot(), self._sources.clock.now()
        views = self._members(name)
        if not views:
            return None
        ratios, weights = self._sources.ratios(), self._weights(name)

        def draw() -> bytes:
            (group,) = groups_of(views, ratios)
            page = model_page(
                group,
                weights,
                {view.target.key: self._sources.lately(view.target.key) for view in views},
                (past.value or NO_PAST, dates.value, _told(found, views, snapshot.vantage, now)),
                now,
            )
            frame = self._frame(snapshot, now, past, dates, found)
            return self._write("model.html", frame, now, page=page, **_links(group))

        drawn_from = (ratios, *views, *self._moving(weights, now, past, dates, found))
        return self._kept.page(("model", name), drawn_from, draw)

    async def target(self, key: str) -> Body | None:
        """Draw the page of a target; None if there is none of this key."""
        if self._view(key) is None:
            return None
        past, dates, found, runs = await asyncio.gather(
            self._fleet_past(), self._dates((key,)), self._incidents((key,)), self._runs(key)
        )
        snapshot, now, view = self._sources.snapshot(), self._sources.clock.now(), self._view(key)
        if view is None:
            return None
        weights = self._weights(view.target.group)

        def draw() -> bytes:
            page = target_page(
                row(view, past.value or NO_PAST, now),
                view,
                weight_words(weights, key),
                (
                    runs.value,
                    dates.value.points[key] if dates.value else None,
                    _told(found, [view], snapshot.vantage, now),
                ),
                now,
            )
            return self._write(
                "target.html",
                self._frame(snapshot, now, past, dates, found, runs),
                now,
                page=page,
                phases=PHASES,
                group_href=model_href(view.target.group),
                ago=ago(view.last_probe_at, now) if view.last_probe_at else "",
            )

        drawn_from = (view, *self._moving(weights, now, past, dates, found, runs))
        return self._kept.page(("target", key), drawn_from, draw)

    def _moving(
        self, weights: GroupRouting | None, now: datetime, *known: Known[Any]
    ) -> tuple[object, ...]:
        """Say what else a page is drawn from, besides its views."""
        told = (part for each in known for part in (each.value, each.is_overdue))
        age = int(now.timestamp() / _AGE_SECONDS)
        return (_shares(weights), age, self._configuration(), *told)

    def problem(self, title: str, detail: str) -> Body:
        """Draw a page that says what is wrong."""
        told = {"title": title, "detail": visible(detail)}
        frame = Frame(is_live=False, shows_all=not self._sources.is_public)
        return Body.of(self._templates.write("problem.html", frame, problem=told))

    def _write(self, template: str, frame: Frame, now: datetime, **told: Any) -> bytes:
        return self._templates.write(
            template, frame, first_day=f"{first_day(now):%Y-%m-%d}", **told
        )

    def _frame(self, snapshot: Snapshot, now: datetime, *known: Known[Any]) -> Frame:
        ages = [each.age_seconds for each in known]
        told = [age for age in ages if age is not None]
        age = max(told) if len(told) == len(ages) else None
        return Frame(
            shows_all=self._sources.routing is not None,
            is_public=self._sources.is_public,
            is_simulated=snapshot.is_simulated,
            vantage=visible(snapshot.vantage),
            refusal=refusal(self._configuration(), now),
            notes=tuple(
                notes(snapshot, now, age, is_overdue=any(each.is_overdue for each in known))
            ),
            drawn_at=now,
            drawn=moment(now),
            history="history not known" if age is None else f"history {duration(age)} old",
        )

    def _configuration(self) -> Configuration | None:
        return self._sources.configuration() if self._sources.configuration else None

    def _weights(self, group: str) -> GroupRouting | None:
        routing = self._sources.routing
        found = routing().groups if routing else ()
        return next((each for each in found if each.group == group), None)

    def _members(self, group: str) -> Sequence[TargetView]:
        return [each for each in self._sources.snapshot().targets if each.target.group == group]

    def _view(self, key: str) -> TargetView | None:
        views = self._sources.snapshot().targets
        return next((each for each in views if each.target.key == key), None)

    async def _fleet_past(self) -> Known[FleetPast]:
        return await self._sources.past.fleet() if self._sources.past else Known()

    async def _incidents(self, targets: tuple[str, ...] | None) -> Known[Sequence[Told]]:
        return await self._sources.past.incidents(targets) if self._sources.past else Known()

    async def _dates(self, targets: tuple[str, ...]) -> Known[Dates]:
        return await self._sources.past.dates(targets) if self._sources.past else Known()

    async def _runs(self, target: str) -> Known[Any]:
        return await self._sources.past.runs(target) if self._sources.past else Known()

    def _breathe(self) -> None:
        self._pauses += 1
        if self._pauses % _BREATH == 0:
            time.sleep(0)


def _told(
    found: Known[Sequence[Told]], views: Sequence[TargetView], vantage: str, now: datetime
) -> Sequence[Outage] | None:
    """Tell the incidents of some targets; None if nobody knows of any."""
    told = outages(current(found.value or (), views, vantage, now), now)
    return None if found.value is None and not told else told


def _shares(weights: GroupRouting | None) -> tuple[object, ...]:
    if weights is None:
        return ()
    found = ((each.view.target.key, each.weight, each.state) for each in weights.candidates)
    return (weights.is_panic, *found)


def _links(group: Group) -> Mapping[str, str]:
    return {
        "group_query": quote(group.name, safe=""),
        "group_path": model_href(group.name).removeprefix("/models/"),
        "check_path": target_href(group.views[0].target.key).removeprefix("/targets/"),
    }
