"""What really happened to one request, on the clock that client and server share."""

from dataclasses import dataclass

_NS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """One answer, as its server knows it; instants of CLOCK_MONOTONIC in nanoseconds.

    Attributes:
        request_id: As in the header `x-request-id` of the answer.
        model: As the request named it.
        request_received_ns: The kernel's stamp of the request's last byte.
        sent_ns: Before and after each send that carried tokens.
        tokens: How many each of those sends carried.
        late_ns: How late the latest of the sends was, against the script.
    """

    request_id: str
    model: str
    request_received_ns: int
    sent_ns: tuple[tuple[int, int], ...]
    tokens: tuple[int, ...]
    late_ns: int

    @property
    def first_token_sent_ns(self) -> int:
        """The middle of the send that carried the first token."""
        return sum(self.sent_ns[0]) // 2

    @property
    def last_token_sent_ns(self) -> int:
        """The middle of the send that carried the last token."""
        return sum(self.sent_ns[-1]) // 2

    @property
    def ttft_seconds(self) -> float:
        """First token minus request; known to `doubt_seconds`."""
        return (self.first_token_sent_ns - self.request_received_ns) / _NS

    @property
    def duration_seconds(self) -> float:
        """Last token minus request."""
        return (self.last_token_sent_ns - self.request_received_ns) / _NS

    @property
    def doubt_seconds(self) -> float:
        """Half of what the first send took: the first token left somewhere within it."""
        before, after = self.sent_ns[0]
        return (after - before) / 2 / _NS

    @property
    def tokens_per_second(self) -> float | None:
        """Tokens after the first send over the time that they took; None for a single send."""
        span = self.last_token_sent_ns - self.first_token_sent_ns
        return sum(self.tokens[1:]) / (span / _NS) if span else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a server tells when it is asked, of the time since it was asked before.

    Attributes:
        truths: The answers that came to their last token.
        busy_ratio: The share of a core that the server used.
    """

    truths: tuple[Truth, ...]
    busy_ratio: float

    @property
    def by_request(self) -> dict[str, Truth]:
        """By the id that the answer bore."""
        return {each.request_id: each for each in self.truths}

    @property
    def by_model(self) -> dict[str, Truth]:
        """By the model that the request named, for tools that show no id."""
        return {each.model: each for each in self.truths}
