"""Server-sent events: bytes in any chunking → events (WHATWG HTML, "Server-sent events")."""

import re

from monitor.probes.framing import MAX_EVENT_BYTES, FramingError, WireEvent

_LINE_END = re.compile(rb"\r\n|\n|\r")
#: Fields that carry nothing for us; the empty name is a comment.
_QUIET_FIELDS = frozenset({"", "id", "retry"})
_BOM = b"\xef\xbb\xbf"


class SseParser:
    """Turns reads into events; an event is given out by the read that completed it.

    Comments (lines that begin with a colon) and fields other than `event` and `data` are dropped;
    `strange` counts the lines that the standard does not know.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[str] = []
        self._type = ""
        self._is_at_start = True
        self.strange = 0

    def feed(self, data: bytes) -> list[WireEvent]:
        """Take in one read.

        Raises:
            FramingError: A line passes `MAX_EVENT_BYTES`.
        """
        seen = max(len(self._rest) - 1, 0)  # a "\r" at its end may be half of a line end
        buffer = self._rest + data
        if self._is_at_start:
            if len(buffer) < len(_BOM) and _BOM.startswith(buffer):
                self._rest = buffer
                return []
            buffer = buffer.removeprefix(_BOM)
            self._is_at_start, seen = False, 0
        return self._split(buffer, seen)

    def finish(self) -> list[WireEvent]:
        """Give out what waits at the end of the stream.

        The standard drops an event without its empty line; servers leave that line out after
        the last event, so we do not.
        """
        tail, self._rest = self._rest, b""
        event = self._line(tail.rstrip(b"\r")) if tail else None
        last = event or self._dispatch()
        return [last] if last else []

    def _split(self, buffer: bytes, seen: int) -> list[WireEvent]:
        events: list[WireEvent] = []
        begin = 0
        for match in _LINE_END.finditer(buffer, seen):
            if match.group() == b"\r" and match.end() == len(buffer):
                break  # its "\n" may come with the next read
            event = self._line(buffer[begin : match.start()])
            if event:
                events.append(event)
            begin = match.end()
        self._rest = buffer[begin:]
        if len(self._rest) > MAX_EVENT_BYTES:
            raise FramingError(f"a line of more than {MAX_EVENT_BYTES} bytes")
        return events

    def _line(self, line: bytes) -> WireEvent | None:
        if not line:
            return self._dispatch()
        name, _, value = line.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._type = value
        elif name not in _QUIET_FIELDS:
            self.strange += 1
        return None

    def _dispatch(self) -> WireEvent | None:
        event = WireEvent(self._type or "message", "\n".join(self._data)) if self._data else None
        self._data, self._type = [], ""
        return event
