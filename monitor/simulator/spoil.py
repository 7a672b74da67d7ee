"""How a fault changes the plan of an answer; pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from monitor.simulator.faults import FaultKind, Misbehaviour
from monitor.simulator.plan import (
    NANOSECONDS,
    Channel,
    Ending,
    Finish,
    Part,
    Plan,
    Step,
    Usage,
    closing_steps,
    words,
)

#: An endless answer keeps at least this pace (seconds), so that it never starves the loop.
_LEAST_GAP_SECONDS = 0.001


def spoil(plan: Plan, fault: Misbehaviour, *, gap_seconds: float) -> Plan:
    """Change *plan* as *fault* wants it.

    Args:
        plan: The healthy answer.
        fault: One that is played (`faults.PLAYED`).
        gap_seconds: The pace at which an endless answer goes on.

    Raises:
        KeyError: The fault does not concern the plan of an answer.
    """
    steps = tuple(plan.steps)
    if fault.kind is FaultKind.ENDLESS:
        spoilt = _endless(steps, max(gap_seconds, _LEAST_GAP_SECONDS))
    else:
        spoilt = _SPOILERS[fault.kind](steps, fault)
    return replace(spoilt, headers_ns=plan.headers_ns)


def _late(steps: Sequence[Step], fault: Misbehaviour) -> Plan:
    delay_ns = round(fault.delay * NANOSECONDS)
    early = {Part.ROLE, Part.COMMENT}
    return Plan(
        steps=tuple(
            step if step.part in early else replace(step, offset_ns=step.offset_ns + delay_ns)
            for step in steps
        )
    )


def _stalled(steps: Sequence[Step], fault: Misbehaviour) -> Plan:
    return Plan(steps=_beginning(steps, fault), ending=Ending.HELD)


def _truncated(steps: Sequence[Step], fault: Misbehaviour) -> Plan:
    return Plan(steps=_beginning(steps, fault), ending=Ending.TRUNCATED)


def _reset(steps: Sequence[Step], fault: Misbehaviour) -> Plan:
    return Plan(steps=_beginning(steps, fault), ending=Ending.RESET)


def _broken(steps: Sequence[Step], fault: Misbehaviour) -> Plan:
    begun = _beginning(steps, fault)
    at_ns = begun[-1].offset_ns if begun else 0
    error = Step(offset_ns=at_ns, part=Part.ERROR)
    return Plan(steps=(*begun, error, Step(offset_ns=at_ns, part=Part.DONE)))


def _empty(steps: Sequence[Step], _fault: Misbehaviour) -> Plan:
    told = _usage(steps)
    usage = replace(told, output_tokens=0, reasoning_tokens=0) if told else None
    return Plan(
        steps=(
            *(step for step in steps if step.part in {Part.ROLE, Part.COMMENT}),
            *closing_steps(steps[-1].offset_ns, Finish.STOP, usage),
        )
    )


def _starved(steps: Sequence[Step], _fault: Misbehaviour) -> Plan:
    told = _usage(steps)
    usage = replace(told, reasoning_tokens=told.output_tokens) if told else None
    thoughts = (
        replace(step, channel=Channel.REASONING) if step.part is Part.TOKENS else step
        for step in steps
        if step.part not in {Part.FINISH, Part.USAGE, Part.DONE}
    )
    return Plan(
        steps=(*thoughts, *closing_steps(steps[-1].offset_ns, Finish.LENGTH, usage)),
    )


def _endless(steps: Sequence[Step], gap_seconds: float) -> Plan:
    begun = [step for step in steps if step.part not in {Part.FINISH, Part.USAGE, Part.DONE}]
    spoken = [step for step in begun if step.part is Part.TOKENS]
    last = spoken[-1] if spoken else None
    start_ns = last.offset_ns if last else steps[-1].offset_ns
    size = max(step.tokens for step in spoken) if spoken else 1
    more = _babble(start_ns, round(gap_seconds * NANOSECONDS), size)
    return Plan(steps=chain(begun, more), endless=True)


def _babble(start_ns: int, gap_ns: int, size: int) -> Iterator[Step]:
    number = 0
    while True:
        number += 1
        yield Step(
            offset_ns=start_ns + number * gap_ns,
            part=Part.TOKENS,
            channel=Channel.TEXT,
            tokens=size,
            text=words(size, start=number * size),
        )


def _beginning(steps: Sequence[Step], fault: Misbehaviour) -> tuple[Step, ...]:
    """The steps up to the point at which a stream is spoilt midway."""
    chunks = [step for step in steps if step.part is Part.TOKENS]
    kept = max(1, len(chunks) // 2) if fault.after_chunks is None else fault.after_chunks
    before = (step for step in steps if step.part in {Part.ROLE, Part.COMMENT})
    return (*before, *chunks[:kept])


def _usage(steps: Sequence[Step]) -> Usage | None:
    return next((step.usage for step in steps if step.usage), None)


_SPOILERS: dict[FaultKind, Callable[[Sequence[Step], Misbehaviour], Plan]] = {
    FaultKind.SLOW_FIRST_TOKEN: _late,
    FaultKind.STALL: _stalled,
    FaultKind.TRUNCATED: _truncated,
    FaultKind.RESET: _reset,
    FaultKind.STREAM_ERROR: _broken,
    FaultKind.EMPTY: _empty,
    FaultKind.STARVED: _starved,
}
