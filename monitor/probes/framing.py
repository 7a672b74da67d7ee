"""How a stream of bytes falls into events, whatever the dialect."""

from dataclasses import dataclass
from typing import Protocol

#: A line or frame longer than this is no event of a completion stream (bytes).
MAX_EVENT_BYTES = 1 << 20


class FramingError(ValueError):
    """The bytes cannot be a stream of events; nothing that follows can be told apart."""


@dataclass(frozen=True, slots=True)
class WireEvent:
    """One event: its type (`message` where the framing names none) and its data."""

    type: str
    data: str


class Framer(Protocol):
    """Turns reads into events; an event is given out by the read that completed it."""

    @property
    def strange(self) -> int:
        """How many pieces were seen that are no part of such a stream."""
        ...

    def feed(self, data: bytes) -> list[WireEvent]:
        """Take in one read.

        Raises:
            FramingError: The bytes cannot be such a stream.
        """
        ...

    def finish(self) -> list[WireEvent]:
        """Give out what waits at the end of the stream."""
        ...
