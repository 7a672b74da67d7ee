"""The routing feed over HTTP: to be asked, to be waited for, or to be followed."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Query, Response
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from monitor.export.listening import bell
from monitor.export.routing_shapes import routing_shape, transition_shape
from monitor.model.routing import GroupRouting, Routing
from monitor.recorder.changes import Changes
from monitor.recorder.feed import Feed

#: Below `max_age_seconds`, so that who waits still hears in time that the probing loop turns.
_LONGEST_WAIT_SECONDS = 10.0
#: A follower hears something at least so often, so that neither end takes silence for the end.
_BEAT_SECONDS = 5.0
#: So many may wait or follow at once: each holds a connection.
_MOST_HELD = 200
_RETRY_SECONDS = 5
#: The id of what was before all that is known; who comes back with it is told of all that is.
_BEFORE_ALL = "0"

Group = Annotated[str | None, Query(description="The only group that is wanted.")]
Wait = Annotated[
    float,
    Query(
        ge=0,
        le=_LONGEST_WAIT_SECONDS,
        description="With If-None-Match: wait for news, at most so many seconds.",
    ),
]


class RoutingFeed:
    """Answers what a router should do.

    Args:
        feed: Knows the weights.
        changes: Knows the changes of state.
    """

    def __init__(self, feed: Feed, changes: Changes) -> None:
        self._feed, self._changes = feed, changes
        self._held = 0

    def routes(self) -> APIRouter:
        """Put the routes together."""
        router = APIRouter(prefix="/api/v1")
        router.add_api_route(
            "/routing",
            self.routing,
            summary="Each group's targets with their weights, best first",
            response_class=JSONResponse,
            responses={304: {"description": "As in the entity tag that was sent."}},
        )
        router.add_api_route(
            "/events",
            self.events,
            summary="Changes of weights and of states, as server-sent events",
            response_class=StreamingResponse,
            responses={200: {"content": {"text/event-stream": {}}}},
        )
        return router

    async def routing(
        self,
        group: Group = None,
        wait: Wait = 0.0,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Tell the weights; who sees a `generated_at` older than `max_age_seconds` ignores them.

        The entity tag names weights, states and targets. The figures beside them move all the
        time, and are no news; neither is the heartbeat, which every answer has as a header.
        """
        _chosen(self._feed.routing, group)  # who asks for none that there is does not wait for it
        if if_none_match and wait:
            await self._wait_for_news(if_none_match, wait)
        routing = self._feed.routing
        chosen = _chosen(routing, group)
        headers = {
            "etag": _etag(routing),
            "cache-control": "no-cache",
            "llmprobe-generated-at": routing.heartbeat_at.isoformat(),
        }
        if if_none_match and _is_known(if_none_match, routing):
            return Response(status_code=304, headers=headers)
        return JSONResponse(routing_shape(routing, chosen), headers=headers)

    async def events(
        self,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> StreamingResponse:
        """Tell the weights at once and with each change, and each change of state.

        `Last-Event-ID` resumes: every change of state is told at least once, with its id. After
        five seconds without either there is a `heartbeat`, with `generated_at`.
        """
        if self._held >= _MOST_HELD:
            detail = f"{_MOST_HELD} are following or waiting already; come back later."
            raise HTTPException(503, detail, {"retry-after": str(_RETRY_SECONDS)})
        self._held += 1
        return _Following(self._follow(last_event_id), self._leave)

    async def _wait_for_news(self, known: str, seconds: float) -> None:
        if self._held >= _MOST_HELD:
            return
        self._held += 1
        try:
            with bell(self._feed) as ours:
                if _is_known(known, self._feed.routing):
                    await ours.wait(seconds)
        finally:
            self._leave()

    async def _follow(self, last_id: str | None) -> AsyncIterator[bytes]:
        last_seq, told_id = None, self._changes.last_id if last_id is None else last_id
        with bell(self._feed, self._changes) as ours:
            while True:
                routing = self._feed.routing
                if routing.seq != last_seq:
                    last_seq = routing.seq
                    # With an id, so that who was told of no change yet can come back, too.
                    shape = routing_shape(routing, routing.groups)
                    yield _event("routing", shape, told_id or _BEFORE_ALL)
                for change in self._changes.since(told_id):
                    told_id = change.id
                    yield _event("transition", transition_shape(change.transition), change.id)
                if not await ours.wait(_BEAT_SECONDS):
                    yield _beat(self._feed.routing)

    def _leave(self) -> None:
        self._held -= 1


class _Following(StreamingResponse):
    """Holds a place from before it begins, so that many at once get no more than there are.

    Args:
        events: What is sent.
        leave: Gives the place back, however it ends.
    """

    def __init__(self, events: AsyncIterator[bytes], leave: Callable[[], None]) -> None:
        headers = {"cache-control": "no-cache", "x-accel-buffering": "no"}
        super().__init__(events, media_type="text/event-stream", headers=headers)
        self._leave = leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it all."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._leave()


def _chosen(routing: Routing, group: str | None) -> tuple[GroupRouting, ...]:
    if group is None:
        return routing.groups
    chosen = tuple(each for each in routing.groups if each.group == group)
    if not chosen:
        raise HTTPException(404, "There is no group of this name.")
    return chosen


def _etag(routing: Routing) -> str:
    return f'W/"{routing.seq}"'


def _is_known(if_none_match: str, routing: Routing) -> bool:
    known = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return _etag(routing).removeprefix("W/") in known


def _event(name: str, shape: dict[str, Any], its_id: str | None = None) -> bytes:
    data = json.dumps(shape, separators=(",", ":"))
    named = f"id: {its_id}\n" if its_id else ""
    return f"event: {name}\ndata: {data}\n{named}\n".encode()


def _beat(routing: Routing) -> bytes:
    """Tell the heartbeat: as an event for a browser, which hears no comments, and as a comment."""
    shape = routing_shape(routing, ())
    told = {name: shape[name] for name in ("generated_at", "max_age_seconds")}
    return f": {shape['generated_at']}\n\n".encode() + _event("heartbeat", told)
