"""Reads in, a Reading out: the stream as its dialect understands it, while it comes in."""

import json
from collections import Counter
from dataclasses import asdict, replace

from monitor.probes.dialect import Dialect, DialectError, ForeignEventError
from monitor.probes.exchange import Read
from monitor.probes.framing import FramingError, WireEvent
from monitor.probes.reading import Channel, Delta, Reading, TokenRead, Usage

#: Error payloads kept of one stream; more say nothing new.
_MAX_ERRORS = 4
_NOTHING = Delta()


class StreamReader:
    """Feeds a stream to its dialect, read by read."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._framer = dialect.framer()
        self._token_reads: list[TokenRead] = []
        self._first_answer_ns: int | None = None
        self._characters: Counter[Channel] = Counter()
        self._usage: Usage | None = None
        self._finish_reason: str | None = None
        self._served_by: str | None = None
        self._is_terminal = False
        self._is_done = False
        self._errors: list[object] = []
        self._malformed: str | None = None
        self._foreign: str | None = None
        self._events = 0
        self._first_token_events = 0

    def feed(self, read: Read) -> bool:
        """Take in one read; say whether it brought the stream forward.

        A comment, a part of an event or one that says nothing (a ping) does not: keep-alives hold
        a connection, not a promise.
        """
        is_forward, had_tokens, before = False, self.has_tokens, self._events
        try:
            for event in self._framer.feed(read.data):
                delta = self._parse(event)
                self._take(delta, read.at_ns)
                is_forward = is_forward or delta != _NOTHING
        except FramingError as error:
            self._malformed = self._malformed or str(error)
            self._is_done = True  # nothing that comes after can be told apart any more
        if self.has_tokens and not had_tokens:
            self._first_token_events = self._events - before
        return is_forward

    def finish(self, at_ns: int) -> Reading:
        """Close the stream and give what it was; a last event may lack its empty line."""
        for event in self._framer.finish():
            self._take(self._parse(event), at_ns)
        if not self._events and self._framer.strange:
            self._malformed = self._malformed or "a body without events"
        if not (self._token_reads or self._is_terminal or self._errors):
            self._malformed = self._malformed or self._foreign
        return Reading(
            token_reads=tuple(self._token_reads),
            first_answer_ns=self._first_answer_ns,
            characters=tuple(sorted(self._characters.items())),
            usage=self._usage,
            finish_reason=self._finish_reason,
            served_by=self._served_by,
            is_terminal=self._is_terminal,
            errors=tuple(self._errors),
            malformed=self._malformed,
            events=self._events,
            first_token_events=self._first_token_events or 1,
        )

    @property
    def has_tokens(self) -> bool:
        """A generated token has been seen."""
        return bool(self._token_reads)

    @property
    def is_done(self) -> bool:
        """The event that nothing can follow has been seen."""
        return self._is_done

    def take_whole(self, read: Read, body: bytes) -> Reading:
        """Read an answer that came as one JSON body; all of it arrived with its last read."""
        try:
            self._take(self._dialect.parse_whole(json.loads(body)), read.at_ns)
        except (ValueError, RecursionError) as error:
            self._malformed = str(error) if isinstance(error, DialectError) else "no JSON"
        return self.finish(read.at_ns)

    def _parse(self, event: WireEvent) -> Delta:
        try:
            return self._dialect.parse(event)
        except ForeignEventError as error:
            self._foreign = self._foreign or str(error)
        except DialectError as error:
            self._malformed = self._malformed or str(error)
        return Delta()

    def _take(self, delta: Delta, at_ns: int) -> None:
        self._events += 1
        self._usage = _updated(self._usage, delta.usage)
        self._finish_reason = delta.finish_reason or self._finish_reason
        self._served_by = delta.served_by or self._served_by
        self._is_terminal = self._is_terminal or delta.is_terminal
        self._is_done = self._is_done or delta.is_end
        if delta.error is not None and len(self._errors) < _MAX_ERRORS:
            self._errors.append(delta.error)
        if delta.pieces:
            self._take_pieces(delta, at_ns)

    def _take_pieces(self, delta: Delta, at_ns: int) -> None:
        characters = 0
        for piece in delta.pieces:
            self._characters[piece.channel] += len(piece.text)
            characters += len(piece.text)
            if piece.channel is not Channel.REASONING and self._first_answer_ns is None:
                self._first_answer_ns = at_ns
        last = self._token_reads[-1] if self._token_reads else None
        if last and last.at_ns == at_ns:  # several events of one read are one read
            self._token_reads[-1] = TokenRead(at_ns=at_ns, characters=last.characters + characters)
        else:
            self._token_reads.append(TokenRead(at_ns=at_ns, characters=characters))


def _updated(earlier: Usage | None, later: Usage | None) -> Usage | None:
    """Put later counts in the place of earlier ones; what the later does not say stays."""
    if earlier is None or later is None:
        return later or earlier
    said = {name: value for name, value in asdict(later).items() if value is not None}
    return replace(earlier, **said)
