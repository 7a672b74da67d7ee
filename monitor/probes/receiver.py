"""An answer, read while it comes in: a stream by its dialect, anything else as a body."""

import json
from dataclasses import replace

from monitor.model.outcome import Phase
from monitor.model.target import Deadlines
from monitor.probes.dialect import Dialect, DialectError
from monitor.probes.exchange import Cut, Exchange, Read
from monitor.probes.reader import StreamReader
from monitor.probes.reading import Reading

#: Content types that are no stream, whatever was asked for.
_WHOLE_TYPES = ("application/json", "text/html")
_AFTER_THE_END = (Cut.DEADLINE, Cut.RESET)


#: How a stream begins that a server mislabels as a body.
_STREAM_STARTS = (b"data:", b"event:", b":")


class Receiver:
    """Takes one answer, read by read.

    Args:
        dialect: The wire format.
        is_listing: The models were asked for, not a completion.
    """

    def __init__(self, dialect: Dialect, *, is_listing: bool = False) -> None:
        self._dialect = dialect
        self._is_listing = is_listing
        self._reader = StreamReader(dialect)
        self._is_success = False
        self._is_stream = False
        self._is_begun = False

    def begin(self, status: int, headers: dict[str, str]) -> bool:
        """Take status and headers; say whether the body is a stream."""
        content_type = headers.get("content-type", "").lower()
        self._is_success = 200 <= status < 300  # noqa: PLR2004
        is_whole = content_type.startswith(_WHOLE_TYPES) or self._is_listing
        self._is_stream = self._is_success and not is_whole
        return self._is_stream

    def feed(self, read: Read) -> bool:
        """Take one read; say whether the first token is past and the answer came forward."""
        if not self._is_begun and not self._is_listing:
            self._is_begun = True
            self._is_stream |= self._is_success and read.data.startswith(_STREAM_STARTS)
        return self._is_stream and self._reader.feed(read) and self._reader.has_tokens

    @property
    def is_done(self) -> bool:
        """Nothing can follow."""
        return self._reader.is_done

    def reading(self, exchange: Exchange) -> Reading | None:
        """Give what the dialect made of it all; None if there was no answer to read."""
        if not self._is_success:
            return None
        if self._is_listing:
            return self._listing(exchange)
        if self._is_stream or not exchange.reads:
            return self._reader.finish(exchange.instants.end_ns)
        return self._reader.take_whole(exchange.reads[-1], exchange.body)

    def _listing(self, exchange: Exchange) -> Reading:
        try:
            models = self._dialect.count_models(json.loads(exchange.body))
        except (ValueError, RecursionError) as error:
            return Reading(malformed=str(error) if isinstance(error, DialectError) else "no JSON")
        return Reading(models=models, is_terminal=True, events=1)


def settled(exchange: Exchange, reading: Reading | None) -> Exchange:
    """A complete answer is complete, however its connection ended afterwards."""
    if exchange.interruption and exchange.interruption.cut in _AFTER_THE_END and reading:
        is_whole = reading.is_terminal and not reading.errors
        return replace(exchange, interruption=None) if is_whole else exchange
    return exchange


#: A stall of our own loop above this share of a deadline makes its passing ours.
_STALL_SHARE = 0.1
#: Some peers hang up on who keeps them waiting, with or without a word of TLS.
_HUNG_UP = (Cut.TLS, Cut.RESET, Cut.CONNECT)
_PATIENCE_OF_PEERS_SECONDS = 0.5


def owned(exchange: Exchange, deadlines: Deadlines, lag_seconds: float | None) -> Exchange:
    """A deadline that passed while our own loop stood still was ours to miss.

    So was the patience of a peer that hung up.

    Args:
        exchange: What was seen.
        deadlines: Of the probe.
        lag_seconds: The worst stall of our event loop during the run.
    """
    cut = exchange.interruption
    if cut is None or lag_seconds is None:
        return exchange
    if cut.cut in _HUNG_UP and lag_seconds > _PATIENCE_OF_PEERS_SECONDS:
        return replace(exchange, interruption=replace(cut, cut=Cut.STALLED))
    if cut.cut is not Cut.DEADLINE:
        return exchange
    allowed = {
        Phase.CONNECT: deadlines.connect_seconds,
        Phase.FIRST_TOKEN: deadlines.first_token_seconds,
        Phase.STALL: deadlines.stall_seconds,
    }.get(cut.phase, deadlines.total_seconds)
    if lag_seconds <= _STALL_SHARE * allowed:
        return exchange
    return replace(exchange, interruption=replace(cut, cut=Cut.STALLED))
