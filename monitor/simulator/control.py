"""The simulator's remote control: JSON over HTTP, on a port of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from monitor.simulator.connection import Connection
from monitor.simulator.faults import FaultKind, Misbehaviour
from monitor.simulator.http import Answer, Request, json_answer
from monitor.simulator.orders import Order
from monitor.simulator.truth import Truth

#: The fields of a command, and what each may be beside absent and null.
_FIELDS: dict[str, type | tuple[type, ...]] = {
    "provider": str,
    "model": str,
    "fault": str,
    "count": int,
    "seconds": (int, float),
    "delay_seconds": (int, float),
    "after_chunks": int,
    "retry_after_seconds": int,
}
_PARTICULARS = ("delay_seconds", "after_chunks", "retry_after_seconds")


class Steerable(Protocol):
    """What the control steers: the simulator."""

    def inject(
        self,
        provider: str,
        model: str | None,
        fault: FaultKind | Misbehaviour,
        *,
        count: int | None = None,
        seconds: float | None = None,
    ) -> None:
        """Command a fault."""
        ...

    def clear(self, provider: str | None = None, model: str | None = None) -> None:
        """Withdraw commands."""
        ...

    def orders(self) -> tuple[Order, ...]:
        """The commands in force."""
        ...

    def truths(self, since: int = 0) -> Sequence[Truth]:
        """What happened."""
        ...

    def overview(self) -> list[dict[str, Any]]:
        """The providers, where they are, and whether they let clients in."""
        ...


class Control:
    """Serves `GET /providers`, `GET /truth?since=N`, and `GET`, `POST`, `DELETE /faults`."""

    def __init__(self, simulator: Steerable) -> None:
        self._simulator = simulator
        self._routes: dict[tuple[str, str], Callable[[Request], Answer]] = {
            ("GET", "/providers"): self._providers,
            ("GET", "/truth"): self._truth,
            ("GET", "/faults"): self._faults,
            ("POST", "/faults"): self._inject,
            ("DELETE", "/faults"): self._clear,
        }

    async def handle(self, request: Request, connection: Connection) -> None:
        """Answer one request; what is wrong with it is told under a 400."""
        route = self._routes.get((request.method, request.path))
        if route is None:
            connection.answer(json_answer(404, {"error": "there is no such thing to control"}))
            return
        try:
            answer = route(request)
        except ValueError as error:
            answer = json_answer(400, {"error": str(error)})
        connection.answer(answer)

    def _providers(self, _request: Request) -> Answer:
        return json_answer(200, {"providers": self._simulator.overview()})

    def _truth(self, request: Request) -> Answer:
        truths = self._simulator.truths(int(request.query.get("since", "0")))
        return json_answer(200, {"truths": [truth.as_json() for truth in truths]})

    def _faults(self, _request: Request) -> Answer:
        return json_answer(
            200, {"faults": [_order_as_json(order) for order in self._simulator.orders()]}
        )

    def _inject(self, request: Request) -> Answer:
        command = _command(request)
        fault = Misbehaviour(
            kind=_kind(command.get("fault")),
            **{name: command[name] for name in _PARTICULARS if command.get(name) is not None},
        )
        self._simulator.inject(
            command.get("provider", ""),
            command.get("model"),
            fault,
            count=command.get("count"),
            seconds=command.get("seconds"),
        )
        return replace(self._faults(request), status=201)

    def _clear(self, request: Request) -> Answer:
        self._simulator.clear(request.query.get("provider"), request.query.get("model"))
        return self._faults(request)


def _command(request: Request) -> Mapping[str, Any]:
    """The decoded command, whose fields are of the right types.

    Raises:
        ValueError: It is not JSON, or has an unknown or ill-typed field.
    """
    body = request.json()
    if not isinstance(body, dict):
        raise ValueError("a command is a JSON object")  # noqa: TRY004 - told as a bad request
    for name, value in body.items():
        if name not in _FIELDS:
            raise ValueError(f"unknown field {name!r}; known are {', '.join(_FIELDS)}")
        if value is not None and (isinstance(value, bool) or not isinstance(value, _FIELDS[name])):
            raise ValueError(f"the field {name!r} has a wrong type")
    return body


def _kind(name: str | None) -> FaultKind:
    if kind := next((kind for kind in FaultKind if kind == name), None):
        return kind
    raise ValueError(f"unknown fault {name!r}; known are {', '.join(FaultKind)}")


def _order_as_json(order: Order) -> dict[str, Any]:
    return {
        "provider": order.provider,
        "model": order.model,
        "fault": order.fault.kind,
        "count": order.count,
        "until_ns": order.until_ns,
        **{name: getattr(order.fault, name) for name in _PARTICULARS},
    }
