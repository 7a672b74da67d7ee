"""The routes over history. All is asked through `Answers`: no request opens a query of its own."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any, TypeVar
from urllib.parse import unquote

from fastapi import APIRouter, HTTPException, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import AfterValidator

from monitor.export.cursors import cursor_of, cursor_of_id, read_id, read_place
from monitor.export.queries import (
    IncidentsQuery,
    ResultsQuery,
    SeriesQuery,
    Stretch,
    WindowQuery,
    hour_before,
    is_over,
    series_stretch,
    window_stretch,
)
from monitor.export.questions import Questions, Rows, to_json
from monitor.model.clock import Clock
from monitor.model.retention import Retention
from monitor.model.snapshot import Snapshot
from monitor.store.engine import Connection
from monitor.store.pages import Wanted
from monitor.store.question import weightless
from monitor.store.reader import Answer, Answers

T = TypeVar("T")

TargetKey = Annotated[
    str,
    Path(description="The target's key, its slashes encoded: `acme%2Flarge`."),
    AfterValidator(unquote),
]

#: An answer this young is given again, where only late results can change it.
_SETTLED_SECONDS = 300.0
#: As `_SETTLED_SECONDS`, for the targets that are probed no more: they are few, and known for long.
_KEYS_SECONDS = 60.0


class History:
    """Answers what is asked about the past.

    Args:
        answers: Asks the store.
        questions: What the store is asked.
        snapshot: Gives the newest picture, which knows the targets that are probed now.
        clock: Tells the end of spans that have none.
        retention: Says from when on there are rollups.
    """

    def __init__(
        self,
        answers: Answers,
        questions: Questions,
        snapshot: Callable[[], Snapshot],
        clock: Clock,
        retention: Callable[[], Retention],
    ) -> None:
        self._answers, self._questions = answers, questions
        self._snapshot, self._clock, self._retention = snapshot, clock, retention

    def routes(self) -> APIRouter:
        """Put the routes together."""
        router = APIRouter(prefix="/api/v1")
        for path, endpoint, summary in (
            ("/targets/{key}/results", self.results, "Results of a target, newest first"),
            ("/targets/{key}/series", self.series, "Statistics of a target by hour or by date"),
            (
                "/targets/{key}/window",
                self.window,
                "Statistics of a target from one hour to another",
            ),
            ("/incidents", self.incidents, "Outages, newest first"),
        ):
            router.add_api_route(path, endpoint, summary=summary, response_class=JSONResponse)
        return router

    async def results(self, key: TargetKey, asked: Annotated[ResultsQuery, Query()]) -> Response:
        """Tell results; `next_cursor` leads to older ones, and is null where there are none."""
        await self._check_known(key)
        now = self._clock.now()
        wanted = Wanted(
            limit=asked.limit,
            before=read_place(asked.cursor),
            since=hour_before(asked.since),
            until=asked.until if asked.until and asked.until < now else None,
            kind=asked.kind,
            outcome=asked.outcome,
        )
        question = partial(self._questions.results, target=key, wanted=wanted)
        answer = await self._ask(("results", key, wanted), question, weigh=_weight)
        page = _since(answer.value, asked.since)
        cursor = None if page.is_all else cursor_of(page.places[-1])
        about = {"target": key, "next_cursor": cursor}
        return self._reply(answer, about, "results", _array(page))

    async def series(self, key: TargetKey, asked: Annotated[SeriesQuery, Query()]) -> Response:
        """Tell the steps of a series; each is a whole hour or date (UTC), the last may be running.

        By date 400 days at most, by hour 60.
        """
        await self._check_known(key)
        stretch = series_stretch(asked, self._clock.now(), self._retention())
        question = partial(
            self._questions.series,
            target=key,
            kind=asked.kind,
            resolution=asked.resolution,
            stretch=stretch,
        )
        name = ("series", key, asked.kind, asked.by, stretch)
        answer = await self._ask(name, question, self._fresh(stretch), weigh=len)
        about = {"target": key, "kind": asked.kind, "by": asked.by, **_span(stretch)}
        return self._reply(answer, about, "steps", answer.value)

    async def window(self, key: TargetKey, asked: Annotated[WindowQuery, Query()]) -> Response:
        """Tell what a span adds up to.

        It is widened to whole hours (UTC), and to whole dates where hours are kept no more.
        """
        await self._check_known(key)
        now = self._clock.now()
        stretch = window_stretch(asked, now, self._retention())
        question = partial(self._questions.window, target=key, kind=asked.kind, stretch=stretch)
        name = ("window", key, asked.kind, stretch)
        answer = await self._ask(name, question, self._fresh(stretch), weigh=len)
        wish = Stretch(asked.begin_at, asked.end_at or now)
        about = {
            "target": key,
            "kind": asked.kind,
            "asked": _span(wish),
            "is_widened": stretch.begin_at < wish.begin_at or stretch.end_at > wish.end_at,
        }
        return self._reply(answer, about, "window", answer.value)

    async def incidents(self, asked: Annotated[IncidentsQuery, Query()]) -> Response:
        """Tell outages, of one target or of all; `next_cursor` leads to older ones."""
        if asked.target is not None:
            await self._check_known(asked.target)
        before = read_id(asked.cursor)
        question = partial(
            self._questions.incidents, target=asked.target, limit=asked.limit, before=before
        )
        name = ("incidents", asked.target, asked.limit, before)
        answer = await self._ask(name, question, weigh=_weight)
        page = answer.value
        cursor = None if page.is_all else cursor_of_id(page.places[-1])
        return self._reply(answer, {"next_cursor": cursor}, "incidents", _array(page))

    async def newest_incidents(self, limit: int) -> tuple[Sequence[bytes], Mapping[str, str]]:
        """Give the newest outages, each as JSON, and how long they may be kept, as headers."""
        question = partial(self._questions.incidents, target=None, limit=limit, before=None)
        answer = await self._ask(("incidents", None, limit, None), question, weigh=_weight)
        return answer.value.rows, self._headers(answer)

    async def _check_known(self, key: str) -> None:
        """Refuse a target that never was; those that are probed no more are looked up.

        Raises:
            HTTPException: There is no such target.
        """
        if any(view.target.key == key for view in self._snapshot().targets):
            return
        answer = await self._ask(("keys",), self._questions.keys, _KEYS_SECONDS)
        if key not in answer.value:
            raise HTTPException(404, "There is no target of this key.")

    async def _ask(
        self,
        name: Hashable,
        question: Callable[[Connection], T],
        fresh_seconds: float | None = None,
        weigh: Callable[[T], int] | None = None,
    ) -> Answer[T]:
        # What hardly changes is worth no wait for a newer answer.
        old_seconds = self._answers.fresh_seconds if fresh_seconds is None else None
        return await self._answers.ask_async(
            name, question, fresh_seconds, weigh or weightless, old_seconds
        )

    def _fresh(self, stretch: Stretch) -> float | None:
        return _SETTLED_SECONDS if is_over(stretch.end_at, self._clock.now()) else None

    def _reply(
        self, answer: Answer[Any], about: Mapping[str, Any], name: str, value: bytes
    ) -> Response:
        told = {"age_seconds": _age(answer), "vantage": self._snapshot().vantage}
        head = to_json({**told, **about}).removesuffix(b"}")
        headers = self._headers(answer)
        content = b'%s,"%s":%s}' % (head, name.encode(), value)
        return Response(content, media_type="application/json", headers=headers)

    def _headers(self, answer: Answer[Any]) -> dict[str, str]:
        return {
            "age": str(int(_age(answer))),
            "cache-control": f"max-age={int(self._answers.fresh_seconds)}",
        }


def _age(answer: Answer[Any]) -> float:
    """Say how old an answer is, to the millisecond: the head and the body say the same."""
    return round(answer.age_seconds, 3)


def _weight(rows: Rows) -> int:
    return rows.weight


def _array(page: Rows) -> bytes:
    return b"[" + b",".join(page.rows) + b"]"


def _since(page: Rows, since: datetime | None) -> Rows:
    """Leave out what is older; the page was asked for from the hour before on."""
    if since is None or not page.places or page.places[-1].slot_at >= since:
        return page
    count = sum(1 for place in page.places if place.slot_at >= since)
    return Rows(rows=page.rows[:count], places=page.places[:count], is_all=True)


def _span(stretch: Stretch) -> dict[str, str]:
    return {name: at.isoformat() for name, at in stretch._asdict().items()}
