"""What a wire format must be able to do for a simulated provider; one file each implements it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from monitor.simulator.faults import FaultKind
from monitor.simulator.http import Answer, Request
from monitor.simulator.plan import Step


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What every part of one answer repeats.

    Attributes:
        request_id: Names provider, model and request number.
        created: When the answer was begun, in whole seconds since 1970.
        model: The model's name as sent.
        reports_usage: The stream will end with the token counts.
    """

    request_id: str
    created: int
    model: str
    reports_usage: bool


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
        """One step of a stream, as bytes on the wire."""
        ...

    def whole(self, steps: Sequence[Step], envelope: Envelope) -> bytes:
        """The body of an answer that is not streamed."""
        ...
