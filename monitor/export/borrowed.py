"""What the routing feed knows, in the forms of others: Portkey's config, OpenRouter's endpoints."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import JSONResponse

from monitor.export.openrouter import endpoints_shape
from monitor.export.portkey import portkey_config
from monitor.export.problems import problem
from monitor.health.percentiles import Lately
from monitor.model.clock import Clock
from monitor.model.routing import GroupRouting, Routing

_NO_GROUP = "There is no group of this name."


class BorrowedForms:
    """Answers in the forms of others.

    Args:
        routing: Gives the newest weights.
        lately: Says how quick a target was in the last half hour.
        clock: Tells how old the weights are.
    """

    def __init__(
        self, routing: Callable[[], Routing], lately: Callable[[str], Lately], clock: Clock
    ) -> None:
        self._routing, self._lately, self._clock = routing, lately, clock

    def routes(self) -> APIRouter:
        """Put the routes together."""
        router = APIRouter(prefix="/api/v1")
        router.add_api_route(
            "/portkey",
            self.portkey,
            summary="A group as a config of the Portkey gateway",
            response_class=JSONResponse,
        )
        router.add_api_route(
            "/models/{author}/{slug}/endpoints",
            self.endpoints,
            summary="A group as OpenRouter lists the endpoints of a model",
            response_class=JSONResponse,
        )
        return router

    async def portkey(
        self, group: Annotated[str, Query(description="The group that is wanted.")]
    ) -> JSONResponse:
        """Tell a group's weights as Portkey wants them with each request (`x-portkey-config`).

        It holds no keys: who sends it adds them. While the probing loop stands still all targets
        weigh the same; who keeps an answer for longer than 15 seconds does as if there were none.
        """
        routing = self._routing()
        found = _find(routing, group)
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, _NO_GROUP)
        told = portkey_config(found, is_open=routing.is_stale(self._clock.now()))
        return JSONResponse(told, headers=_age(routing))

    async def endpoints(self, author: str, slug: str) -> JSONResponse:
        """Tell of a group's targets what OpenRouter tells of a model's endpoints, in its own form.

        Uptimes are by OpenRouter's rule, in per cent; `latency_last_30m` is the time to the first
        token, in milliseconds. Percentiles are null below 5 runs; where one of them has too few to
        be interpolated from (p99 below 100), the slowest run stands for it. While the probing loop
        stands still, each `status` is 0.
        """
        routing = self._routing()
        found = _find(routing, f"{author}/{slug}")
        if found is None:
            # In both forms: ours, and the one that its clients read.
            told = {"code": HTTPStatus.NOT_FOUND.value, "message": _NO_GROUP}
            return problem(HTTPStatus.NOT_FOUND, _NO_GROUP, error=told)
        keys = [each.view.target.key for each in found.candidates]
        lately = {key: self._lately(key) for key in keys}
        shape = endpoints_shape(found, lately, is_open=routing.is_stale(self._clock.now()))
        return JSONResponse(shape, headers=_age(routing))


def _age(routing: Routing) -> dict[str, str]:
    return {
        "cache-control": "no-cache",
        "llmprobe-generated-at": routing.heartbeat_at.isoformat(),
    }


def _find(routing: Routing, group: str) -> GroupRouting | None:
    return next((each for each in routing.groups if each.group == group), None)
