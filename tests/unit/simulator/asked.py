"""Requests to a simulated dialect, and its streams read back."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from monitor.simulator.dialect import Dialect, Envelope
from monitor.simulator.http import Request
from monitor.simulator.plan import Channel, Finish, Part, Step, Usage

USAGE = Usage(input_tokens=9, output_tokens=7, reasoning_tokens=4, cached_tokens=2)
ROLE = Step(offset_ns=0, part=Part.ROLE)
COMMENT = Step(offset_ns=0, part=Part.COMMENT)
ERROR = Step(offset_ns=0, part=Part.ERROR)
DONE = Step(offset_ns=0, part=Part.DONE)
COUNTS = Step(offset_ns=0, part=Part.USAGE, usage=USAGE, finish=Finish.STOP)
STOP = Step(offset_ns=0, part=Part.FINISH, finish=Finish.STOP)
LENGTH = Step(offset_ns=0, part=Part.FINISH, finish=Finish.LENGTH)


def thought(text: str) -> Step:
    return Step(offset_ns=0, part=Part.TOKENS, channel=Channel.REASONING, tokens=1, text=text)


def word(text: str) -> Step:
    return Step(offset_ns=0, part=Part.TOKENS, channel=Channel.TEXT, tokens=1, text=text)


def envelope(**given: Any) -> Envelope:
    """A fresh one: every answer has its own progress."""
    settings: dict[str, Any] = {"request_id": "p/m/1", "created": 17, "model": "m"}
    return Envelope(**(settings | {"reports_usage": True} | given))


def request(
    method: str,
    path: str,
    body: object = None,
    *,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
) -> Request:
    """A request; a body of bytes is sent as it is."""
    return Request(
        method=method,
        path=path,
        query=query or {},
        headers=headers or {},
        body=body if isinstance(body, bytes) else json.dumps(body).encode(),
        received_ns=0,
    )


def streamed(dialect: Dialect, steps: Iterable[Step], **given: Any) -> list[Any]:
    """The decoded events of a stream of *steps*."""
    each = envelope(**given)
    data = b""
    for step in steps:
        data += dialect.event(step, each)
        each.progress.take(step)
    lines = re.findall(rb"^data: (.*?)\r?$", data, flags=re.MULTILINE)
    return [json.loads(line) for line in lines]


def whole(dialect: Dialect, steps: Iterable[Step]) -> Any:
    """The decoded body of *steps*."""
    return json.loads(dialect.whole(list(steps), envelope()))
