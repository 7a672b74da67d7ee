"""An answer, read while it comes in: a stream by its dialect, anything else as a body."""

from dataclasses import replace

from monitor.probes.dialects.base import Dialect
from monitor.probes.exchange import Cut, Exchange, Read
from monitor.probes.reader import StreamReader
from monitor.probes.reading import Reading

#: Content types that are no stream, whatever was asked for.
_WHOLE_TYPES = ("application/json", "text/html")
_AFTER_THE_END = (Cut.DEADLINE, Cut.RESET)


class Receiver:
    """Takes one answer, read by read."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._reader = StreamReader(dialect)
        self._is_success = False
        self._is_stream = False

    def begin(self, status: int, headers: dict[str, str]) -> bool:
        """Take status and headers; say whether the body is a stream."""
        content_type = headers.get("content-type", "").lower()
        self._is_success = 200 <= status < 300  # noqa: PLR2004
        self._is_stream = self._is_success and not content_type.startswith(_WHOLE_TYPES)
        return self._is_stream

    def feed(self, read: Read) -> bool:
        """Take one read; say whether the first token is past and the answer came forward."""
        return self._is_stream and self._reader.feed(read) and self._reader.has_tokens

    @property
    def is_done(self) -> bool:
        """Nothing can follow."""
        return self._reader.is_done

    def reading(self, exchange: Exchange) -> Reading | None:
        """Give what the dialect made of it all; None if there was no answer to read."""
        if not self._is_success:
            return None
        if self._is_stream or not exchange.reads:
            return self._reader.finish(exchange.instants.end_ns)
        return self._reader.take_whole(exchange.reads[-1], exchange.body)


def settled(exchange: Exchange, reading: Reading | None) -> Exchange:
    """A complete answer is complete, however its connection ended afterwards."""
    if exchange.interruption and exchange.interruption.cut in _AFTER_THE_END and reading:
        is_whole = reading.is_terminal and not reading.errors
        return replace(exchange, interruption=None) if is_whole else exchange
    return exchange
