"""The HTTP surfaces: /metrics, /api/v1, /healthz, /readyz. Read only.

What is now comes from the snapshot, what was from the last answers of the store.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse

from monitor.export.atom import IncidentFeed
from monitor.export.badges import Badges
from monitor.export.compress import gzipped, wants_gzip
from monitor.export.configuring import configuration_shape
from monitor.export.guard import Access, guard
from monitor.export.history import History, TargetKey
from monitor.export.metrics import Metrics
from monitor.export.pages.drawing import Sources
from monitor.export.pages.serving import Pages
from monitor.export.paths import KeysInOneSegment
from monitor.export.problems import RESPONSES, tell_problems
from monitor.export.reference import reference_page
from monitor.export.routing import RoutingFeed
from monitor.export.shapes import target_shape
from monitor.model.clock import Clock
from monitor.model.configuration import Configuration
from monitor.model.snapshot import Snapshot

#: The probing loop beats every second; a longer silence makes the daemon not ready.
_MAX_SILENCE = timedelta(seconds=15)
_OPENAPI_PATH = "/api/openapi.json"


def build_api(  # noqa: PLR0913 - each is a surface of its own, or who may see it
    *,
    snapshot: Callable[[], Snapshot],
    metrics: Metrics,
    clock: Clock,
    access: Access | None = None,
    history: History | None = None,
    routing: RoutingFeed | None = None,
    pages: Pages | None = None,
    configuration: Callable[[], Configuration] | None = None,
) -> FastAPI:
    """Put the application together.

    Args:
        snapshot: Gives the newest picture.
        metrics: Writes /metrics.
        clock: Tells how old the picture is.
        access: Who may see what; without it, everybody everything.
        history: Answers what is asked about the past; without it nobody can ask.
        routing: Answers what routers ask; as *history*.
        pages: Shows all of it; without them, pages that know nothing but the picture.
        configuration: Says how the last reading of it went, for the body of `/readyz`.
    """
    api = FastAPI(
        title="LLM provider monitor",
        docs_url=None,
        redoc_url=None,
        openapi_url=_OPENAPI_PATH,
        responses=dict(RESPONSES),
    )
    tell_problems(api)
    api.add_middleware(KeysInOneSegment)
    if access:
        guard(api, access)
    _add_health(api, snapshot, clock, configuration)
    _add_texts(api, metrics)
    _add_targets(api, snapshot, clock)
    api.include_router(Badges(snapshot).routes())
    if history:
        api.include_router(IncidentFeed(history).routes())
        api.include_router(history.routes())
    if routing:
        api.include_router(routing.routes())
    (pages or Pages(Sources(snapshot=snapshot, clock=clock))).serve(api)
    return api


def _add_texts(api: FastAPI, metrics: Metrics) -> None:
    @api.get("/metrics", include_in_schema=False)
    def scrape(request: Request) -> Response:
        chunks, content_type = metrics.stream(request.headers.get("accept", ""))
        headers = {"content-type": content_type, "vary": "Accept, Accept-Encoding"}
        if wants_gzip(request.headers.get("accept-encoding", "")):
            chunks, headers["content-encoding"] = gzipped(chunks), "gzip"
        return StreamingResponse(chunks, headers=headers)

    @api.get("/api/docs", response_class=HTMLResponse, include_in_schema=False)
    def docs() -> str:
        return reference_page(api.openapi(), _OPENAPI_PATH)


def _add_targets(api: FastAPI, snapshot: Callable[[], Snapshot], clock: Clock) -> None:
    @api.get("/api/v1/targets", summary="All targets, with health and windows")
    def targets() -> dict[str, Any]:
        picture = snapshot()
        shapes = [target_shape(view) for view in picture.targets]
        return {**_about(picture, clock), "targets": shapes}

    @api.get("/api/v1/targets/{key}", summary="One target, with health and windows")
    def target(key: TargetKey) -> dict[str, Any]:
        picture = snapshot()
        for view in picture.targets:
            if view.target.key == key:
                return {**_about(picture, clock), "target": target_shape(view)}
        raise HTTPException(404, "No target of this key is probed now.")


def _about(picture: Snapshot, clock: Clock) -> dict[str, Any]:
    age = clock.now() - picture.generated_at
    return {
        "generated_at": picture.generated_at.isoformat(),
        "age_seconds": round(max(age.total_seconds(), 0.0), 3),
        "vantage": picture.vantage,
        "simulated": picture.is_simulated,
    }


def _add_health(
    api: FastAPI,
    snapshot: Callable[[], Snapshot],
    clock: Clock,
    configuration: Callable[[], Configuration] | None,
) -> None:
    @api.get("/healthz", summary="The process answers")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @api.get(
        "/readyz",
        summary="The probing loop turns and its picture is fresh",
        responses={
            503: {"description": "Its picture is old.", "content": {"application/json": {}}}
        },
    )
    def readyz() -> JSONResponse:
        picture = snapshot()
        now = clock.now()
        # Below 0 after a step back of the clock; then it tells as little.
        age = max(now - picture.heartbeat_at, now - picture.generated_at, key=abs)
        is_ready = abs(age) <= _MAX_SILENCE
        body = {
            "status": "ready" if is_ready else "stale",
            "snapshot_age_seconds": round(age.total_seconds(), 3),
            "targets": len(picture.targets),
            "simulated": picture.is_simulated,
            **({"configuration": configuration_shape(configuration())} if configuration else {}),
        }
        return JSONResponse(body, status_code=200 if is_ready else 503)
