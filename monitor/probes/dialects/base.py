"""What a wire format must be able to do."""

from typing import Protocol

from monitor.model.target import Probe
from monitor.probes.exchange import WireRequest
from monitor.probes.reading import Delta
from monitor.probes.sse import SseEvent


class DialectError(ValueError):
    """An event is not of the dialect; the message says what was expected."""


class Dialect(Protocol):
    """One wire format, without state: a request goes out, events come in."""

    name: str

    def build(self, probe: Probe, prompt: str) -> WireRequest:
        """Write the request of a run; *prompt* is what the model is asked."""
        ...

    def parse(self, event: SseEvent) -> Delta:
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
