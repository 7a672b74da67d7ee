"""What a simulated provider can be told to do wrong."""

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
