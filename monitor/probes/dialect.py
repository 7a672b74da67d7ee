"""What a wire format must be able to do."""

import json
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlencode

from monitor.model.target import Probe, Secret
from monitor.probes.exchange import WireRequest
from monitor.probes.framing import Framer, WireEvent
from monitor.probes.reading import Delta


class DialectError(ValueError):
    """An event is not of the dialect; the message says what was expected."""


class ForeignEventError(DialectError):
    """An event that the dialect does not know; beside a good answer it is passed over."""


class Dialect(Protocol):
    """One wire format, without state: a request goes out, events come in."""

    name: str

    def framer(self) -> Framer:
        """Give what cuts one answer's stream into events."""
        ...

    def build(self, probe: Probe, prompt: str) -> WireRequest:
        """Write the request of a run; *prompt* is what the model is asked."""
        ...

    def build_listing(self, probe: Probe) -> WireRequest:
        """Write the request that lists the provider's models, which costs nothing."""
        ...

    def parse(self, event: WireEvent) -> Delta:
        """Say what one event of the stream means.

        Raises:
            DialectError: The event is not of this dialect.
        """
        ...

    def parse_whole(self, body: object) -> Delta:
        """Say what a whole decoded JSON answer means, from a server that does not stream.

        Raises:
            DialectError: The body is not of this dialect.
        """
        ...

    def count_models(self, body: object) -> int:
        """Count the models in a decoded listing.

        Raises:
            DialectError: The body is no listing of this dialect.
        """
        ...


#: A white PNG of one pixel, for models that take images.
TINY_PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP6DwABBQECz6AuzQAAAABJRU5ErkJggg=="
)


def post(probe: Probe, path: str, body: Mapping[str, Any], **headers: str) -> WireRequest:
    """Write a POST of JSON below the target's base URL, with the target's own additions."""
    stream = "text/event-stream" if probe.target.streams else "application/json"
    own = {"content-type": "application/json", "accept": stream} | headers
    return WireRequest(
        method="POST",
        url=_url(probe, path),
        headers=_headers(probe, own),
        body=json.dumps(merged(body, probe.request.extra_body)).encode(),
    )


def merged(ours: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Join *more* into *ours*: mappings member by member, while everything else replaces.

    >>> merged({"a": {"b": 1}, "c": [1]}, {"a": {"d": 2}, "c": [3]})
    {'a': {'b': 1, 'd': 2}, 'c': [3]}
    """
    joined = {
        name: merged(ours[name], value)
        for name, value in more.items()
        if isinstance(value, Mapping) and isinstance(ours.get(name), Mapping)
    }
    return {**ours, **more, **joined}


def get(probe: Probe, path: str, **headers: str) -> WireRequest:
    """Write a GET below the target's base URL."""
    own = {"accept": "application/json"} | headers
    return WireRequest(method="GET", url=_url(probe, path), headers=_headers(probe, own))


def decoded(event: WireEvent) -> Any:
    """Decode an event's JSON.

    Raises:
        DialectError: It holds none.
    """
    try:
        return json.loads(event.data)
    except (ValueError, RecursionError) as error:
        raise DialectError("an event holds no JSON") from error


def decoded_or_text(event: WireEvent) -> Any:
    """Decode an event's JSON, or give its text as it came; errors are told in both forms."""
    try:
        return decoded(event)
    except DialectError:
        return event.data


def text(value: object) -> str | None:
    """Take text from decoded JSON; None if there is none."""
    return value if isinstance(value, str) and value else None


def count_in(usage: Mapping[str, Any], details: str, name: str) -> int | None:
    """Take a count of tokens from the details of a usage; None if it is not told."""
    part = usage.get(details)
    return count(part.get(name)) if isinstance(part, dict) else None


def count(value: object) -> int | None:
    """Take a count of tokens from decoded JSON; None if it is no count."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value < 1 << 53 else None


def _url(probe: Probe, path: str) -> str:
    url = f"{probe.target.base_url}{path}"
    query = urlencode(probe.target.query)
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url


def _headers(probe: Probe, own: Mapping[str, str]) -> tuple[tuple[str, Secret], ...]:
    """What the target sets beats what the dialect does."""
    wanted = {name.replace("_", "-"): Secret(value) for name, value in own.items()}
    return tuple((wanted | dict(probe.target.headers)).items())
