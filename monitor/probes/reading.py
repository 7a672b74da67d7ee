"""What a dialect made of a stream: tokens with their instants, usage, how it ended."""

from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    """What kind of token was generated."""

    TEXT = "text"
    REASONING = "reasoning"
    TOOL = "tool"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The provider's own token counts; None where it does not say.

    Attributes:
        input_tokens: Tokens of the prompt, cached ones included.
        output_tokens: All generated tokens, reasoning included.
        reasoning_tokens: Those of them that were reasoning.
        cached_tokens: Tokens of the prompt that came from a cache.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """Generated text of one channel in one event."""

    channel: Channel
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """What one event of a stream says, in no dialect's words.

    Attributes:
        pieces: Generated tokens; a role-only delta, a comment or a usage chunk has none.
        usage: Token counts; a later count replaces an earlier one, they are never summed.
        finish_reason: Why the model stopped, in the provider's word.
        is_terminal: This event says that the answer is complete.
        is_end: Nothing can follow this event, so nobody need wait for the connection to close.
        error: A decoded error payload inside the stream; None if there is none.
        served_by: Who answers, as a gateway names it.
    """

    pieces: tuple[Piece, ...] = ()
    usage: Usage | None = None
    finish_reason: str | None = None
    is_terminal: bool = False
    is_end: bool = False
    error: object | None = None
    served_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRead:
    """One read that carried generated tokens: when, and how many characters of them."""

    at_ns: int
    characters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A whole stream, as its dialect understands it.

    Attributes:
        token_reads: The reads that carried generated tokens, in order.
        first_answer_ns: When the first token of the answer (text or tool) arrived.
        characters: Generated characters by channel.
        usage: The last of each count that was sent.
        finish_reason: The last finish reason that was sent.
        is_terminal: A terminal event was seen.
        errors: Error payloads inside the stream, in order.
        malformed: What was wrong with the first event that is not the dialect; None if all were.
        events: How many events carried data.
        first_token_events: How many of them came with the read that brought the first token.
        models: How many models a listing named; None if no listing was asked for.
        served_by: Who answered, as a gateway names it.
    """

    token_reads: tuple[TokenRead, ...] = ()
    first_answer_ns: int | None = None
    characters: tuple[tuple[Channel, int], ...] = ()
    usage: Usage | None = None
    finish_reason: str | None = None
    is_terminal: bool = False
    errors: tuple[object, ...] = ()
    malformed: str | None = None
    events: int = 0
    first_token_events: int = 0
    models: int | None = None
    served_by: str | None = None

    @property
    def has_tokens(self) -> bool:
        """At least one token of any channel was generated."""
        return bool(self.token_reads)

    @property
    def has_answer(self) -> bool:
        """At least one token of the answer itself was generated."""
        return self.first_answer_ns is not None
