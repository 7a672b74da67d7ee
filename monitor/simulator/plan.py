"""The answer as a sequence of steps with their instants; pure, and repeatable by its seed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle, islice
from random import Random

from monitor.simulator.script import Script

NANOSECONDS = 1_000_000_000

#: What the simulated models say, over and over.
_WORDS = ("amber ", "basalt ", "cedar ", "dune ", "elm ", "fjord ", "granite ", "heather ")


class Channel(StrEnum):
    """What kind of token was generated."""

    REASONING = "reasoning"
    TEXT = "text"


class Part(StrEnum):
    """What a step of an answer carries."""

    COMMENT = "comment"
    ROLE = "role"
    TOKENS = "tokens"
    FINISH = "finish"
    USAGE = "usage"
    ERROR = "error"
    DONE = "done"


class Finish(StrEnum):
    """Why the model stopped."""

    STOP = "stop"
    LENGTH = "length"


class Ending(StrEnum):
    """What becomes of the response after its last step."""

    COMPLETE = "complete"
    TRUNCATED = "truncated"
    HELD = "held"
    RESET = "reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Token counts as the provider bills them: output includes all reasoning."""

    input_tokens: int
    output_tokens: int
    reasoning_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One chunk of an answer.

    Attributes:
        offset_ns: When it is due, after the request's last byte.
        part: What it carries.
        channel: Of its tokens, if it has any.
        tokens: How many.
        text: Their text.
        opens: It also brings the role, which did not travel ahead.
        finish: Why the model stopped (part `finish`).
        usage: The token counts (part `usage`).
    """

    offset_ns: int
    part: Part
    channel: Channel | None = None
    tokens: int = 0
    text: str = ""
    opens: bool = False
    finish: Finish | None = None
    usage: Usage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The steps of one answer, in order, and what follows the last of them.

    Attributes:
        steps: May be without end, then they are made as they are taken.
        headers_ns: When the headers of a stream are due, after the request's last byte.
        ending: What becomes of the response after the last step.
        endless: The steps have no end.
    """

    steps: Iterable[Step]
    headers_ns: int = 0
    ending: Ending = Ending.COMPLETE
    endless: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shares:
    """How the tokens of an answer are divided."""

    hidden: int
    reasoning: int
    text: int
    finish: Finish

    @property
    def output(self) -> int:
        return self.hidden + self.reasoning + self.text


def plan_answer(
    script: Script, *, limit: int | None, wants_usage: bool, input_tokens: int, rng: Random
) -> Plan:
    """Plan the healthy answer to one request.

    Args:
        script: What the model does.
        limit: The request's ceiling on output tokens; None without one.
        wants_usage: The answer shall tell the token counts.
        input_tokens: Tokens of the prompt.
        rng: Where the jitter comes from.
    """
    shares = _share_out(script, limit)
    moments = _moments(script, rng)
    tokens = tuple(_token_steps(script, shares, moments))
    first_ns = tokens[0].offset_ns if tokens else next(moments)
    last_ns = tokens[-1].offset_ns if tokens else first_ns
    usage = Usage(
        input_tokens=input_tokens,
        output_tokens=shares.output,
        reasoning_tokens=shares.hidden + shares.reasoning,
        cached_tokens=min(script.cached_tokens, input_tokens),
    )
    told = usage if wants_usage and script.sends_usage else None
    closing_ns = last_ns + _ns(script.trailing_seconds * _stretch(script, rng))
    steps = (
        *_preamble(script, first_ns),
        *tokens,
        *closing_steps(closing_ns, shares.finish, told),
    )
    return Plan(steps=steps, headers_ns=_ns(script.headers_seconds))


def closing_steps(offset_ns: int, finish: Finish, usage: Usage | None) -> tuple[Step, ...]:
    """The steps that complete an answer: why it stopped, the counts if told, the terminal."""
    counts = (Step(offset_ns=offset_ns, part=Part.USAGE, usage=usage),) if usage else ()
    return (
        Step(offset_ns=offset_ns, part=Part.FINISH, finish=finish),
        *counts,
        Step(offset_ns=offset_ns, part=Part.DONE),
    )


def words(tokens: int, start: int = 0) -> str:
    """The text of so many tokens, from the one numbered *start* on.

    >>> words(2, start=7)
    'heather amber '
    """
    return "".join(islice(cycle(_WORDS), start % len(_WORDS), start % len(_WORDS) + tokens))


def _share_out(script: Script, limit: int | None) -> _Shares:
    wanted = script.hidden_reasoning_tokens + script.reasoning_tokens + script.tokens
    left = wanted if limit is None else min(limit, wanted)
    finish = Finish.LENGTH if left < wanted else Finish.STOP
    hidden = min(script.hidden_reasoning_tokens, left)
    reasoning = min(script.reasoning_tokens, left - hidden)
    return _Shares(
        hidden=hidden, reasoning=reasoning, text=left - hidden - reasoning, finish=finish
    )


def _moments(script: Script, rng: Random) -> Iterator[int]:
    """When the chunks of tokens are due: each gap is added to a plan, not to what happened."""
    due_seconds = script.first_token_seconds * _stretch(script, rng)
    while True:
        yield _ns(due_seconds)
        due_seconds += script.gap_seconds * _stretch(script, rng)


def _token_steps(script: Script, shares: _Shares, moments: Iterator[int]) -> Iterator[Step]:
    spoken = 0
    for channel, count in ((Channel.REASONING, shares.reasoning), (Channel.TEXT, shares.text)):
        left = count
        while left:
            size = min(script.tokens_per_chunk, left)
            yield Step(
                offset_ns=next(moments),
                part=Part.TOKENS,
                channel=channel,
                tokens=size,
                text=words(size, start=spoken),
                opens=spoken == 0 and not script.role_delta,
            )
            spoken += size
            left -= size


def _preamble(script: Script, first_ns: int) -> list[Step]:
    """The role if it travels alone, and comments until the first token."""
    begin_ns = _ns(script.headers_seconds)
    steps = [Step(offset_ns=begin_ns, part=Part.ROLE)] if script.role_delta else []
    if script.comment_every_seconds is not None:
        every_ns = max(1, _ns(script.comment_every_seconds))
        dues = range(begin_ns + every_ns, first_ns, every_ns)
        steps.extend(Step(offset_ns=due, part=Part.COMMENT) for due in dues)
    return steps


def _stretch(script: Script, rng: Random) -> float:
    if not script.jitter_ratio:
        return 1.0
    return rng.uniform(1 - script.jitter_ratio, 1 + script.jitter_ratio)


def _ns(seconds: float) -> int:
    return round(seconds * NANOSECONDS)
