"""What a wire format must be able to do for a simulated provider; one file each implements it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from monitor.simulator.faults import FaultKind
from monitor.simulator.http import Answer, Request
from monitor.simulator.plan import Channel, Finish, Part, Step, Usage

#: Chunks of text that are kept of each channel of an answer.
_MAX_TEXTS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A completion as the client asked for it, in no dialect's words.

    Attributes:
        model: The model's name as sent.
        prompt: The text of all messages, a line each.
        stream: The answer shall be streamed.
        limit: The ceiling on output tokens; None without one.
        wants_usage: The answer shall tell the token counts.
    """

    model: str
    prompt: str
    stream: bool
    limit: int | None
    wants_usage: bool

    @property
    def input_tokens(self) -> int:
        """Tokens of the prompt, by the rule of thumb of four characters each."""
        return max(1, len(self.prompt) // 4)


@dataclass(frozen=True, slots=True)
class ListModels:
    """The client asked which models there are."""


@dataclass(slots=True, kw_only=True)
class Progress:
    """How far the stream of one answer has come, for APIs whose events lean on earlier ones.

    Attributes:
        begun: Something of the message itself was sent.
        failed: An error was sent.
        events: How many events were numbered.
        channel: Of the tokens that were sent last.
        tokens: Tokens that were sent, by channel.
        finish: Why the model stopped, once it has.
        usage: The token counts, once they are due.
    """

    begun: bool = False
    failed: bool = False
    events: int = 0
    channel: Channel | None = None
    tokens: Counter[Channel] = field(default_factory=Counter)
    finish: Finish | None = None
    usage: Usage | None = None
    _texts: dict[Channel, list[str]] = field(default_factory=dict)

    def take(self, step: Step) -> None:
        """Note that *step* was sent."""
        self.begun = self.begun or step.part is not Part.COMMENT
        self.failed = self.failed or step.part is Part.ERROR
        self.finish = step.finish or self.finish
        self.usage = step.usage or self.usage
        if step.channel:
            self.channel = step.channel
            self.tokens[step.channel] += step.tokens
            texts = self._texts.setdefault(step.channel, [])
            if len(texts) < _MAX_TEXTS:
                texts.append(step.text)

    def number(self) -> int:
        """Number one more event, from 0."""
        self.events += 1
        return self.events - 1

    def text(self, channel: Channel) -> str:
        """What was sent in *channel*, or the beginning of it if that is endless."""
        return "".join(self._texts.get(channel, ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What every part of one answer repeats.

    Attributes:
        request_id: Names provider, model and request number.
        created: When the answer was begun, in whole seconds since 1970.
        model: The model's name as sent.
        reports_usage: The stream will end with the token counts.
        input_tokens: Tokens of the prompt.
        cached_tokens: Those of them that the usage will claim to be cached.
        progress: How far the answer has come.
    """

    request_id: str
    created: int
    model: str
    reports_usage: bool
    input_tokens: int = 1
    cached_tokens: int = 0
    progress: Progress = field(default_factory=Progress)


class Dialect(Protocol):
    """One wire format; without state, so that all providers share it."""

    @property
    def base_path(self) -> str:
        """Where its paths begin, such as `/v1`."""
        ...

    @property
    def stream_type(self) -> str:
        """The content type of a stream."""
        ...

    def key_of(self, request: Request) -> str | None:
        """The credential that the request carries."""
        ...

    def read(self, request: Request) -> Ask | ListModels | Answer:
        """Understand a request; an `Answer` is the refusal of one that is wrong."""
        ...

    def models(self, names: Sequence[str]) -> Answer:
        """The list of models."""
        ...

    def error(self, fault: FaultKind, model: str) -> Answer:
        """How this API words *fault*."""
        ...

    def event(self, step: Step, envelope: Envelope) -> bytes:
        """One step of a stream, as bytes on the wire; none if the API says nothing at it."""
        ...

    def whole(self, steps: Sequence[Step], envelope: Envelope) -> bytes:
        """The body of an answer that is not streamed."""
        ...
