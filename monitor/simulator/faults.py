"""What a simulated provider can be told to do wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """The closed list of faults.

    The first block answers with an error or a foreign page, the second spoils the answer
    itself, the third spoils the connection.
    """

    EMBLEM = "emblem"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    OVERLOADED_529 = "overloaded_529"
    HTML_502 = "html_502"
    UNAUTHORIZED = "unauthorized"
    QUOTA = "quota"
    SERVER_ERROR = "server_error"
    MODEL_MISSING = "model_missing"
    HTML_200 = "html_200"
    GARBAGE = "garbage"

    SLOW_FIRST_TOKEN = "slow_first_token"
    STALL = "stall"
    TRUNCATED = "truncated"
    RESET = "reset"
    STREAM_ERROR = "stream_error"
    EMPTY = "empty"
    STARVED = "starved"
    ENDLESS = "endless"

    REFUSED = "refused"
    SLOW_HEADERS = "slow_headers"
    SILENT = "silent"


#: What each fault does, for those who command it.
MEANINGS: Mapping[FaultKind, str] = {
    FaultKind.EMBLEM: "404 with the words of an overload: too many simultaneous queries",
    FaultKind.RATE_LIMITED: "429 with retry-after (retry_after_seconds)",
    FaultKind.OVERLOADED: "503 that says so",
    FaultKind.OVERLOADED_529: "529 that says so",
    FaultKind.HTML_502: "502 with the page of a gateway",
    FaultKind.UNAUTHORIZED: "401, the key is not accepted",
    FaultKind.QUOTA: "429, the quota is used up",
    FaultKind.SERVER_ERROR: "500, an error of its own",
    FaultKind.MODEL_MISSING: "404, there is no such model",
    FaultKind.HTML_200: "200 with a page instead of an answer",
    FaultKind.GARBAGE: "200 with what no dialect knows",
    FaultKind.SLOW_FIRST_TOKEN: "the tokens come late (delay_seconds)",
    FaultKind.STALL: "the stream stands still midway (after_chunks)",
    FaultKind.TRUNCATED: "the stream ends without its last event (after_chunks)",
    FaultKind.RESET: "the connection is reset midway (after_chunks)",
    FaultKind.STREAM_ERROR: "an error inside the stream (after_chunks)",
    FaultKind.EMPTY: "a whole answer without a token",
    FaultKind.STARVED: "all tokens go into reasoning",
    FaultKind.ENDLESS: "the stream goes on without an end",
    FaultKind.REFUSED: "connections are refused",
    FaultKind.SLOW_HEADERS: "the answer comes byte by byte (delay_seconds)",
    FaultKind.SILENT: "the request is taken and never answered",
}

#: Faults that spoil an answer which is otherwise played by the script.
PLAYED = frozenset(
    {
        FaultKind.SLOW_FIRST_TOKEN,
        FaultKind.STALL,
        FaultKind.TRUNCATED,
        FaultKind.RESET,
        FaultKind.STREAM_ERROR,
        FaultKind.EMPTY,
        FaultKind.STARVED,
        FaultKind.ENDLESS,
    }
)

_DELAYS = {FaultKind.SLOW_FIRST_TOKEN: 30.0, FaultKind.SLOW_HEADERS: 0.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Misbehaviour:
    """A fault with its particulars.

    Attributes:
        kind: What is done wrong.
        delay_seconds: `slow_first_token`: how much later than the script the tokens come
            (30 unless told); `slow_headers`: between two bytes (0.5 unless told); an
            error or foreign page: how long the answer takes (0 unless told).
        after_chunks: How many chunks of tokens still come before a stream is spoilt
            midway; None is half of them, and at least one.
        retry_after_seconds: What `rate_limited` asks for; whole seconds.
    """

    kind: FaultKind
    delay_seconds: float | None = None
    after_chunks: int | None = None
    retry_after_seconds: int = 5

    def __post_init__(self) -> None:
        """Refuse what cannot be played.

        Raises:
            ValueError: A particular is negative.
        """
        if min(self.delay_seconds or 0, self.after_chunks or 0, self.retry_after_seconds) < 0:
            raise ValueError("a fault has no negative times or counts")

    @property
    def delay(self) -> float:
        """The delay in seconds, as told or as usual for the kind."""
        return _DELAYS.get(self.kind, 0.0) if self.delay_seconds is None else self.delay_seconds


def misbehaviour(fault: FaultKind | Misbehaviour) -> Misbehaviour:
    """Take a bare kind for a fault with the usual particulars."""
    return fault if isinstance(fault, Misbehaviour) else Misbehaviour(kind=fault)
