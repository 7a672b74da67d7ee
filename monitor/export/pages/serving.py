"""The routes of the pages, and errors as pages for those who look."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from fastapi import FastAPI, HTTPException, Request, Response
from starlette.exceptions import HTTPException as RefusedError

from monitor.export.guard import is_public
from monitor.export.pages.drawing import Drawing, Sources
from monitor.export.pages.live import Live
from monitor.export.pages.public import public_sources
from monitor.export.pages.rendering import Templates
from monitor.export.pages.replies import Body, keep, reply, wants_html

_NO_TARGET = "No target of this key is probed now."
_NO_MODEL = "There is no model of this name."
_NO_FILE = "There is no such file."
_OURS = "This is a fault of the monitor's own. Probing goes on."

#: Answers an error that a route raised.
_Handler = Callable[[Request, Exception], Awaitable[Response] | Response]


class Pages:
    """The pages `/`, `/models/{author}/{slug}` and `/targets/{key}`, and what they ask for.

    Args:
        sources: What they are drawn from.
    """

    def __init__(self, sources: Sources) -> None:
        self._templates = Templates()
        self._drawing = Drawing(sources, self._templates)
        self._public = Drawing(public_sources(sources), self._templates)
        self._live = (
            Live(sources.changes, sources.routing) if sources.changes and sources.routing else None
        )

    def serve(self, api: FastAPI) -> None:
        """Add the routes to an application, and pages for its errors."""
        for path, endpoint in (
            ("/", self.fleet),
            ("/models/{name:path}", self.model),
            ("/targets/{key:path}", self.target),
            ("/static/{name}", self.static),
            ("/live", self.live),
        ):
            api.add_api_route(path, endpoint, include_in_schema=False, response_class=Response)
        for kind in (RefusedError, Exception):
            told = api.exception_handlers.get(kind)
            if told:
                api.add_exception_handler(kind, self._for_eyes(told))

    async def fleet(self, request: Request) -> Response:
        """Show all targets."""
        return reply(request, await self._drawn_for(request).fleet())

    async def model(self, request: Request, name: str) -> Response:
        """Show a model."""
        return reply(request, _found(await self._drawn_for(request).model(name), _NO_MODEL))

    async def target(self, request: Request, key: str) -> Response:
        """Show a target."""
        return reply(request, _found(await self._drawn_for(request).target(key), _NO_TARGET))

    async def static(self, name: str) -> Response:
        """Give a file."""
        file = self._templates.files.get(name)
        if file is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, _NO_FILE)
        return keep(file.body, file.media_type)

    async def live(self) -> Response:
        """Tell a page when it is out of date."""
        if self._live is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, _NO_FILE)
        return self._live.follow()

    def _drawn_for(self, request: Request) -> Drawing:
        return self._public if is_public(request) else self._drawing

    def _for_eyes(self, told: _Handler) -> _Handler:
        """Answer an error with a page where somebody looks, else as before."""

        async def handle(request: Request, error: Exception) -> Response:
            if not wants_html(request):
                answer = told(request, error)
                return await answer if isinstance(answer, Awaitable) else answer
            status = HTTPStatus(getattr(error, "status_code", HTTPStatus.INTERNAL_SERVER_ERROR))
            detail = str(getattr(error, "detail", "")) or _OURS
            body = self._drawn_for(request).problem(status.phrase, detail)
            return reply(request, body, status)

        return handle


def _found(body: Body | None, detail: str) -> Body:
    if body is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, detail)
    return body
