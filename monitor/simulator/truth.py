"""What really happened, and when: the figures that a prober's are compared with."""

from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from monitor.simulator.faults import FaultKind
from monitor.simulator.plan import Channel, Step

#: A request keeps so many stamps, and so many characters of its prompt.
MAX_STAMPS = 20_000
MAX_PROMPT_CHARACTERS = 1_024


class ChunkStamp(NamedTuple):
    """One write of a stream; no client can have had it before `send_ns`.

    Attributes:
        send_ns: Right before the bytes were handed to the socket.
        written_ns: Right after.
        tokens: How many tokens it carried; 0 for a role, a comment, usage and the like.
        channel: Of those tokens.
    """

    send_ns: int
    written_ns: int
    tokens: int
    channel: Channel | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """One completion request, as the server knows it.

    All instants are nanoseconds of the monotonic clock, which all processes of a machine
    share; None is "did not happen".

    Attributes:
        sequence: Counts the requests in the order in which they ended, from 1.
        request_id: Also sent to the client, as `x-request-id`.
        provider: Who was asked.
        model: Which model, as the client spelt it.
        number: The request's number at its target, from 1.
        prompt: The beginning of the prompt, a line for each message.
        fault: What was done wrong on purpose; None for an answer by the script.
        status: The status that was sent.
        request_received_ns: The last byte of the request was read.
        headers_sent_ns: Right before the headers were handed to the socket.
        chunks: The writes of the stream; an answer that is not streamed is one.
        first_token_ns: First token of any channel, before its write.
        first_answer_ns: First token of text, before its write.
        last_token_ns: Last token, before its write.
        end_ns: The server was done with the request, or the client gone.
        output_tokens: Tokens that were sent, of any channel.
        played_out: The answer was played to its planned end; neither did the client leave
            nor the simulator stop before.
    """

    sequence: int
    request_id: str
    provider: str
    model: str
    number: int
    prompt: str
    fault: FaultKind | None
    status: int | None
    request_received_ns: int
    headers_sent_ns: int | None
    chunks: tuple[ChunkStamp, ...]
    first_token_ns: int | None
    first_answer_ns: int | None
    last_token_ns: int | None
    end_ns: int
    output_tokens: int
    played_out: bool

    def as_json(self) -> dict[str, Any]:
        """The record as JSON types; each stamp becomes an object."""
        return {**asdict(self), "chunks": [stamp._asdict() for stamp in self.chunks]}


@dataclass(slots=True, kw_only=True)
class Draft:
    """The record of a request that is still going on; the attributes are those of `Truth`."""

    request_id: str
    provider: str
    model: str
    number: int
    prompt: str
    request_received_ns: int
    fault: FaultKind | None = None
    status: int | None = None
    headers_sent_ns: int | None = None
    chunks: list[ChunkStamp] = field(default_factory=list)
    first_token_ns: int | None = None
    first_answer_ns: int | None = None
    last_token_ns: int | None = None
    output_tokens: int = 0
    played_out: bool = False

    def stamp(self, step: Step, written: tuple[int, int]) -> None:
        """Note that *step* was written between these two instants."""
        send_ns, written_ns = written
        if len(self.chunks) < MAX_STAMPS:
            self.chunks.append(ChunkStamp(send_ns, written_ns, step.tokens, step.channel))
        if not step.tokens:
            return
        self.output_tokens += step.tokens
        self.last_token_ns = send_ns
        if self.first_token_ns is None:
            self.first_token_ns = send_ns
        if self.first_answer_ns is None and step.channel is Channel.TEXT:
            self.first_answer_ns = send_ns


class TruthLog:
    """The newest truths, in the order in which the requests ended."""

    def __init__(self, limit: int) -> None:
        self._truths: deque[Truth] = deque(maxlen=limit)
        self._last = 0

    def add(self, draft: Draft, end_ns: int) -> None:
        """Close the record of a request."""
        self._last += 1
        self._truths.append(
            Truth(
                sequence=self._last,
                request_id=draft.request_id,
                provider=draft.provider,
                model=draft.model,
                number=draft.number,
                prompt=draft.prompt[:MAX_PROMPT_CHARACTERS],
                fault=draft.fault,
                status=draft.status,
                request_received_ns=draft.request_received_ns,
                headers_sent_ns=draft.headers_sent_ns,
                chunks=tuple(draft.chunks),
                first_token_ns=draft.first_token_ns,
                first_answer_ns=draft.first_answer_ns,
                last_token_ns=draft.last_token_ns,
                end_ns=end_ns,
                output_tokens=draft.output_tokens,
                played_out=draft.played_out,
            )
        )

    def since(self, sequence: int = 0) -> tuple[Truth, ...]:
        """The truths after the one of that sequence number, as far as they are kept."""
        return tuple(truth for truth in self._truths if truth.sequence > sequence)
