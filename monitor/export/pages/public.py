"""Pages for anybody: states, uptime and latency, and nothing of what is nobody's business."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from monitor.export.pages.asking import Dates, Told
from monitor.export.pages.drawing import AnyPast, Sources
from monitor.export.pages.past import Known
from monitor.export.pages.strips import FleetPast
from monitor.export.public import published_picture, published_reason
from monitor.health.rollup import Spent
from monitor.health.series import Point
from monitor.model.incident import Incident
from monitor.model.result import Result
from monitor.model.snapshot import Snapshot
from monitor.store.failures import Failures


class PublicPast:
    """The past without evidence, costs and runs.

    Args:
        past: All of it.
    """

    def __init__(self, past: AnyPast) -> None:
        self._past = past
        self._seen: tuple[Sequence[Told], Sequence[Told]] = ((), ())

    async def fleet(self) -> Known[FleetPast]:
        """Give the last days of all targets."""
        return await self._past.fleet()

    async def incidents(self, targets: tuple[str, ...] | None = None) -> Known[Sequence[Told]]:
        """Give the newest incidents: whose, when, and what kind of failure it was."""
        found = await self._past.incidents(targets)
        if found.value is None:
            return found
        if found.value is not self._seen[0]:
            told = [Told(_incident(each.incident), Failures()) for each in found.value]
            # The same again while nothing moved, so that a page is drawn but once.
            self._seen = found.value, told
        return replace(found, value=self._seen[1])

    async def dates(self, targets: tuple[str, ...]) -> Known[Dates]:
        """Give the last days of some targets, but not what they cost."""
        found = await self._past.dates(targets)
        if found.value is None:
            return found
        points = {
            key: [_point(each) for each in known] for key, known in found.value.points.items()
        }
        return replace(found, value=found.value._replace(points=points))

    async def runs(self, target: str) -> Known[Sequence[Result]]:  # noqa: ARG002 - as for all
        """Give nothing: single runs are nobody's business."""
        return Known((), 0.0)


def public_sources(sources: Sources) -> Sources:
    """Give what pages for anybody are drawn from."""
    return replace(
        sources,
        snapshot=_published(sources.snapshot),
        past=PublicPast(sources.past) if sources.past else None,
        routing=None,
        configuration=None,
        is_public=True,
    )


def _published(snapshot: Callable[[], Snapshot]) -> Callable[[], Snapshot]:
    """Give a picture for anybody; the same one while the picture is the same."""
    made: list[tuple[Snapshot, Snapshot]] = []

    def give() -> Snapshot:
        picture = snapshot()
        if not made or made[0][0] is not picture:
            made[:] = [(picture, published_picture(picture))]
        return made[0][1]

    return give


def _incident(incident: Incident) -> Incident:
    return replace(
        incident,
        vantage="",
        reason=published_reason(incident.reason) or "",
        rule=None,
        http_status=None,
        provider_code=None,
        message=None,
        result_id="",
    )


def _point(point: Point) -> Point:
    told = {
        cause: count for cause, count in point.bucket.outcomes.items() if published_reason(cause[0])
    }
    bucket = replace(point.bucket, spent=Spent(), outcomes=told)
    return replace(point, bucket=bucket)
