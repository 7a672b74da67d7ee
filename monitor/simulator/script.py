"""What a simulated model does when it is well: how fast, how much, in which channels."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """The healthy answer of one model; every time is counted from the request's last byte.

    A request's own ceiling on output tokens is spent in the order hidden reasoning,
    streamed reasoning, text; where it cuts, the answer finishes by `length`.

    Attributes:
        first_token_seconds: When the first token of any channel is sent.
        gap_seconds: Between one chunk of tokens and the next.
        tokens: Tokens of visible text.
        tokens_per_chunk: Tokens that travel together in one chunk.
        reasoning_tokens: Tokens of reasoning that are streamed before the text.
        hidden_reasoning_tokens: Tokens of reasoning that only the usage tells of.
        cached_tokens: Tokens of the prompt that the usage claims came from a cache.
        headers_seconds: When the response's headers (and the role) are sent.
        trailing_seconds: Between the last token and the chunks that close the answer.
        role_delta: The role travels alone and ahead; if not, with the first token.
        comment_every_seconds: Send a keep-alive comment this often before the first token.
        jitter_ratio: Each of the times above is stretched by up to this share, either way.
        sends_usage: Answer a wish for usage; some servers do not know it.
    """

    first_token_seconds: float = 0.3
    gap_seconds: float = 0.02
    tokens: int = 16
    tokens_per_chunk: int = 1
    reasoning_tokens: int = 0
    hidden_reasoning_tokens: int = 0
    cached_tokens: int = 0
    headers_seconds: float = 0.0
    trailing_seconds: float = 0.0
    role_delta: bool = True
    comment_every_seconds: float | None = None
    jitter_ratio: float = 0.0
    sends_usage: bool = True

    def __post_init__(self) -> None:
        """Refuse what cannot be played.

        Raises:
            ValueError: A time or count is negative, a chunk is empty, or the jitter is not
                a share between 0 and 1.
        """
        amounts = (
            self.first_token_seconds,
            self.gap_seconds,
            self.headers_seconds,
            self.trailing_seconds,
            self.tokens,
            self.reasoning_tokens,
            self.hidden_reasoning_tokens,
            self.cached_tokens,
        )
        if min(amounts) < 0:
            raise ValueError("a script has no negative times or counts")
        if self.tokens_per_chunk < 1:
            raise ValueError("a chunk holds at least one token")
        if self.comment_every_seconds is not None and self.comment_every_seconds <= 0:
            raise ValueError("comments come at a positive interval")
        if not 0 <= self.jitter_ratio <= 1:
            raise ValueError("jitter_ratio lies between 0 and 1")
