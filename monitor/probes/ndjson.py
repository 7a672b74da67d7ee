"""Newline-delimited JSON: bytes in any chunking → one event a line."""

from monitor.probes.framing import MAX_EVENT_BYTES, FramingError, WireEvent


class NdjsonParser:
    """Gives out each line that is not empty as an event of the type `message`."""

    strange = 0

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[WireEvent]:
        """Take in one read.

        Raises:
            FramingError: A line passes `MAX_EVENT_BYTES`.
        """
        first, newline, more = data.partition(b"\n")
        if not newline:
            self._keep(self._rest + data)
            return []
        *lines, rest = more.split(b"\n")
        whole = self._rest + first
        self._keep(rest)
        return [event for line in (whole, *lines) if (event := _event(line))]

    def finish(self) -> list[WireEvent]:
        """Give out a last line without an end."""
        event, self._rest = _event(self._rest), b""
        return [event] if event else []

    def _keep(self, rest: bytes) -> None:
        self._rest = rest
        if len(rest) > MAX_EVENT_BYTES:
            raise FramingError(f"a line of more than {MAX_EVENT_BYTES} bytes")


def _event(line: bytes) -> WireEvent | None:
    text = line.decode("utf-8", "replace").strip()
    return WireEvent("message", text) if text else None
