"""Asks a gateway who serves a model; whatever goes wrong changes no target."""

import json

from monitor.model.target import Deadlines, Probe, Secret
from monitor.probes.exchange import Exchange, Read, WireRequest
from monitor.probes.listing import Listed, ListingError, key_of, parse_listing
from monitor.probes.transport import HttpTransport
from monitor.probes.watch import Watch

_DEADLINES = Deadlines(first_token_seconds=20.0, total_seconds=30.0)


class _Body:
    """Takes a body as it comes; there is nothing to read before its end."""

    is_done = False

    def begin(self, _status: int, _headers: dict[str, str]) -> bool:
        return False

    def feed(self, _read: Read) -> bool:
        return False


def key_prefix(template: Probe) -> str:
    """Give what the keys of all targets begin with that *template* becomes, and no other key."""
    return key_of(template, Listed(tag="", provider_name=""))


async def look(
    transport: HttpTransport, base_url: str, model: str, headers: tuple[tuple[str, Secret], ...]
) -> tuple[Listed, ...]:
    """Fetch the endpoints that serve *model*.

    Raises:
        ListingError: The gateway gave no list; the message says what it gave instead.
    """
    request = WireRequest(method="GET", url=f"{base_url}/models/{model}/endpoints", headers=headers)
    exchange = await transport.exchange(request, _Body(), Watch(_DEADLINES))
    return parse_listing(_decoded(exchange))


def _decoded(exchange: Exchange) -> object:
    cut = exchange.interruption
    if cut:
        raise ListingError(f"no list came: {cut.cut} in phase {cut.phase}")
    if not exchange.is_success_status:
        raise ListingError(f"HTTP {exchange.status} instead of a list")
    try:
        return json.loads(exchange.body)
    except (ValueError, RecursionError) as error:
        raise ListingError("the answer is no JSON") from error
