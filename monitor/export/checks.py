"""Health checks for routers that ask a URL: does a target get traffic, by what is published?

They fail open: whoever is not known, or known by a picture that is too old, gets it.
"""

import re
from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Path
from fastapi.responses import JSONResponse

from monitor.export.names import by_name
from monitor.model.clock import Clock
from monitor.model.health import State
from monitor.model.routing import Candidate, Routing

#: Envoy gives such a host less than its share, as long as enough others are healthy.
_DEGRADED = {"x-envoy-degraded": "true"}
_LESS = frozenset({State.DEGRADED, State.RECOVERING})
_PORT = re.compile(r":\d+$")
#: Shown in the OpenAPI document.
_REFUSED: Final[dict[int | str, dict[str, Any]]] = {
    503: {
        "description": "The target gets no traffic.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


class Checks:
    """Answers health checks.

    Args:
        routing: Gives the newest weights.
        clock: Tells how old they are.
    """

    def __init__(self, routing: Callable[[], Routing], clock: Clock) -> None:
        self._routing, self._clock = routing, clock

    def routes(self) -> APIRouter:
        """Put the routes together."""
        router = APIRouter(prefix="/api/v1/check")
        router.add_api_route(
            "",
            self.by_host,
            summary="Whether a target gets traffic; it is named by the Host header",
            response_class=JSONResponse,
            responses=_REFUSED,
        )
        router.add_api_route(
            "/{key:path}",
            self.by_key,
            summary="Whether a target gets traffic: 200 or 503",
            response_class=JSONResponse,
            responses=_REFUSED,
        )
        return router

    async def by_host(self, host: Annotated[str, Header()] = "") -> JSONResponse:
        """Answer as for a key; in the name, other characters than `a-z 0-9 .` are dashes.

        So `acme/large@eu` has the name `acme-large-eu`.
        """
        return self._answer(_PORT.sub("", host))

    async def by_key(
        self, key: Annotated[str, Path(description="The target's key.")]
    ) -> JSONResponse:
        """Answer 503 if the target's weight is 0, else 200.

        A target that is degraded or recovering is told by `x-envoy-degraded: true`. One that is not
        known gets 200, as does each while the probing loop stands still.
        """
        return self._answer(key)

    def _answer(self, name: str) -> JSONResponse:
        routing = self._routing()
        candidate = by_name(routing, name)
        if candidate is None:
            return JSONResponse({"target": None, "reason": "no target has this name"})
        if routing.is_stale(self._clock.now()):
            return JSONResponse(_shape(candidate) | {"reason": "the probing loop stands still"})
        return JSONResponse(
            _shape(candidate),
            status_code=200 if candidate.weight > 0 else 503,
            headers=_DEGRADED if candidate.state in _LESS else None,
        )


def _shape(candidate: Candidate) -> dict[str, str | float | None]:
    return {
        "target": candidate.view.target.key,
        "state": candidate.state,
        "weight": candidate.weight,
        "reason": candidate.view.health.reason,
    }
