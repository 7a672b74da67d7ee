"""What the truth server streams: which tokens leave in which send, and when."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle, islice

_NS = 1_000_000_000
_PROMPT_TOKENS = 20


@dataclass(frozen=True, kw_only=True)
class Script:
    """One way to answer, in the shape of OpenAI's chat completions.

    Attributes:
        first_token_seconds: From the request's last byte to the first send with tokens.
        gap_seconds: From each send to the next, the usage's included.
        sends: How many tokens leave in each send.
        tokens_per_event: How many of them one event carries, at most.
        token_lengths: The characters of the tokens, over and over.
    """

    first_token_seconds: float = 0.3
    gap_seconds: float = 0.02
    sends: tuple[int, ...] = (1,) * 32
    tokens_per_event: int = 1
    token_lengths: tuple[int, ...] = (4,)

    @property
    def tokens(self) -> int:
        """N, as the usage tells it."""
        return sum(self.sends)

    @property
    def seconds(self) -> float:
        """From the request to the usage."""
        return self.first_token_seconds + self.gap_seconds * len(self.sends)

    def due_ns(self, number: int) -> int:
        """When send *number* is due, from the request on."""
        return round((self.first_token_seconds + self.gap_seconds * number) * _NS)

    @cached_property
    def opening(self) -> bytes:
        """The rest of the head, and the delta that names a role and holds no token."""
        head = b"content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        return head + _chunked(_event({"role": "assistant"}))

    @cached_property
    def pieces(self) -> tuple[bytes, ...]:
        """The bytes of each send that carries tokens."""
        lengths = cycle(self.token_lengths)
        return tuple(
            _chunked(
                b"".join(
                    _event({"content": _words(islice(lengths, count))})
                    for count in _parts(tokens, self.tokens_per_event)
                )
            )
            for tokens in self.sends
        )

    @cached_property
    def ending(self) -> bytes:
        """Finish reason, usage, `[DONE]`, and the end of the body."""
        usage = _data({**_CHUNK, "choices": [], "usage": self._usage})
        return _chunked(_event({}, "stop") + usage + b"data: [DONE]\n\n") + b"0\r\n\r\n"

    @cached_property
    def whole(self) -> bytes:
        """The rest of the head and the body, for who asks for no stream."""
        text = _words(islice(cycle(self.token_lengths), self.tokens))
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        answer = {**_CHUNK, "object": "chat.completion", "choices": [choice], "usage": self._usage}
        body = json.dumps(answer).encode()
        head = f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        return head.encode() + body

    @property
    def _usage(self) -> dict[str, int]:
        return {
            "prompt_tokens": _PROMPT_TOKENS,
            "completion_tokens": self.tokens,
            "total_tokens": _PROMPT_TOKENS + self.tokens,
        }


_CHUNK = {
    "id": "chatcmpl-0123456789",
    "object": "chat.completion.chunk",
    "created": 1_700_000_000,
    "model": "m",
}


def _words(lengths: Iterator[int]) -> str:
    """Tokens of these lengths, each of them a blank and letters."""
    return "".join((" " + "t" * length)[:length] for length in lengths)


def _parts(tokens: int, most: int) -> list[int]:
    return [min(most, tokens - begin) for begin in range(0, tokens, most)]


def _event(delta: dict[str, str], finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return _data({**_CHUNK, "choices": [choice]})


def _data(chunk: dict[str, object]) -> bytes:
    return f"data: {json.dumps(chunk, separators=(',', ':'))}\n\n".encode()


def _chunked(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)
