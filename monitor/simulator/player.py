"""Plays one answer on one connection, each step at its own deadline, and stamps it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from monitor.model.clock import Clock
from monitor.simulator.connection import Connection
from monitor.simulator.dialect import Dialect, Envelope
from monitor.simulator.http import Answer, head
from monitor.simulator.plan import NANOSECONDS, Channel, Ending, Part, Plan, Step
from monitor.simulator.truth import Draft

#: Endings in which the body is complete as far as HTTP can tell.
_WELL_FRAMED = frozenset({Ending.COMPLETE, Ending.TRUNCATED})


class Player:
    """Plays to one client; all deadlines count from the last byte of the request."""

    def __init__(
        self,
        connection: Connection,
        dialect: Dialect,
        envelope: Envelope,
        draft: Draft,
        clock: Clock,
    ) -> None:
        self._connection = connection
        self._dialect = dialect
        self._envelope = envelope
        self._draft = draft
        self._clock = clock
        self._identity = (("x-request-id", envelope.request_id),)

    async def stream(self, plan: Plan) -> None:
        """Play *plan* as a stream."""
        await self._open(plan.headers_ns, self._dialect.stream_type)
        await self._write(plan, self._event)
        if plan.ending in _WELL_FRAMED:
            self._connection.end_chunks()
        await self._break(plan.ending)

    async def whole(self, plan: Plan) -> None:
        """Play *plan* as one body, which is sent when its last step is due."""
        await (self._pad(plan) if plan.endless else self._body(plan))

    async def answer(self, answer: Answer, delay_seconds: float) -> None:
        """Send an answer that is known from the start, so long after the request."""
        await self._until(round(delay_seconds * NANOSECONDS))
        self._send(answer)

    async def dribble(self, every_seconds: float) -> None:
        """Send a response head that never ends, a byte at a time."""
        every_ns = round(every_seconds * NANOSECONDS)
        written = self._connection.send(b"HTTP/1.1 200 OK\r\nx-patience: ")
        self._draft.headers_sent_ns, _ = written
        due_ns = 0
        while True:
            due_ns += every_ns
            await self._until(due_ns)
            self._connection.send(b".")

    async def hold(self) -> None:
        """Keep the connection, and say nothing more, until the client leaves."""
        await asyncio.get_running_loop().create_future()

    def _event(self, step: Step) -> bytes:
        data = self._dialect.event(step, self._envelope)
        self._envelope.progress.take(step)
        return data

    async def _body(self, plan: Plan) -> None:
        steps = tuple(plan.steps)
        answer = Answer(status=200, body=self._dialect.whole(steps, self._envelope))
        if plan.ending is Ending.TRUNCATED:
            answer = replace(answer, body=answer.body[: len(answer.body) // 2])
        await self._until(max((step.offset_ns for step in steps), default=0))
        written = self._send(answer, part=1.0 if plan.ending in _WELL_FRAMED else 0.5)
        self._draft.stamp(_sum(steps), written)
        await self._break(plan.ending)

    async def _pad(self, plan: Plan) -> None:
        """Send white space, which is all that can precede a body that never comes."""
        await self._open(plan.headers_ns, "application/json")
        await self._write(_hushed(plan), lambda _step: b"\n")

    async def _write(self, plan: Plan, render: Callable[[Step], bytes]) -> None:
        for step in plan.steps:
            data = render(step)
            await self._until(step.offset_ns)
            if data:  # not every API has bytes for every part
                self._draft.stamp(step, self._connection.send_chunk(data))

    async def _break(self, ending: Ending) -> None:
        """Do what an answer that is broken off ends with."""
        if ending is Ending.HELD:
            await self.hold()
        elif ending is Ending.RESET:
            self._connection.reset()

    async def _open(self, offset_ns: int, content_type: str) -> None:
        await self._until(offset_ns)
        headers = (
            ("content-type", content_type),
            ("cache-control", "no-cache"),
            ("transfer-encoding", "chunked"),
            *self._identity,
        )
        self._draft.status = 200
        self._draft.headers_sent_ns, _ = self._connection.send(head(200, headers))

    def _send(self, answer: Answer, part: float = 1.0) -> tuple[int, int]:
        self._draft.status = answer.status
        written = self._connection.answer(answer, self._identity, part=part)
        self._draft.headers_sent_ns, _ = written
        return written

    async def _until(self, offset_ns: int) -> None:
        """Wait for a deadline; the loop gets its turn even if that has passed already."""
        await self._connection.writable()
        due_ns = self._draft.request_received_ns + offset_ns
        wait_ns = due_ns - self._clock.monotonic_ns()
        await asyncio.sleep(max(0, wait_ns) / NANOSECONDS)


def _hushed(plan: Plan) -> Plan:
    """The same steps at the same instants, without their tokens."""
    quiet = (Step(offset_ns=step.offset_ns, part=Part.COMMENT) for step in plan.steps)
    return replace(plan, steps=quiet)


def _sum(steps: Sequence[Step]) -> Step:
    """A single step that carries the tokens of all."""
    channels = {step.channel for step in steps if step.channel}
    channel = Channel.TEXT if Channel.TEXT in channels else next(iter(channels), None)
    tokens = sum(step.tokens for step in steps)
    return Step(offset_ns=0, part=Part.TOKENS, channel=channel, tokens=tokens)
