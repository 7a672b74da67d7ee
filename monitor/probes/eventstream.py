"""AWS event streams: binary frames in any chunking → events.

Frames and their checksums are taken apart by botocore, which is imported when the first such
stream is read.
"""

import json
import struct
from typing import Any

from monitor.probes.extras import library
from monitor.probes.framing import MAX_EVENT_BYTES, FramingError, WireEvent

#: The type of an event that tells of an exception: JSON of its `code`, and its payload as `error`.
EXCEPTION = "exception"

#: Lengths and their checksum, which come before anything else of a frame (bytes).
_PRELUDE_BYTES = 12


class EventStreamParser:
    """Turns reads into events; an event's type is its `:event-type`, its data its payload."""

    def __init__(self) -> None:
        self._frames: Any = None
        self._errors: tuple[type[Exception], ...] = ()
        self._waiting = 0
        self.strange = 0

    def feed(self, data: bytes) -> list[WireEvent]:
        """Take in one read.

        Raises:
            FramingError: The bytes are no frames, or a frame passes `MAX_EVENT_BYTES`.
            MissingExtraError: botocore is not installed.
        """
        if self._frames is None:
            botocore = library("botocore.eventstream", "bedrock")
            self._frames = botocore.EventStreamBuffer()
            self._errors = (botocore.ParserError, struct.error, LookupError, ValueError)
        self._frames.add_data(data)
        self._waiting += len(data)
        try:
            events = [self._take(message) for message in self._frames]
        except self._errors as error:
            raise FramingError("a frame that is none of an event stream") from error
        if self._waiting > MAX_EVENT_BYTES:
            raise FramingError(f"a frame of more than {MAX_EVENT_BYTES} bytes")
        return events

    def finish(self) -> list[WireEvent]:
        """Give nothing: an unfinished frame is no event, and too few bytes are no frame."""
        if 0 < self._waiting < _PRELUDE_BYTES:
            self.strange += 1
        return []

    def _take(self, message: Any) -> WireEvent:
        self._waiting -= message.prelude.total_length
        headers = message.headers
        payload = message.payload.decode("utf-8", "replace")
        match headers.get(":message-type"):
            case "exception":
                return _exception(headers.get(":exception-type"), payload)
            case "error":
                return _exception(headers.get(":error-code"), headers.get(":error-message"))
            case _:
                return WireEvent(str(headers.get(":event-type", "message")), payload)


def _exception(code: object, words: object) -> WireEvent:
    return WireEvent(EXCEPTION, json.dumps({"code": str(code), "error": str(words)}))
