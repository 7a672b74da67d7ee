"""Cohere's chat API, version 2.

Format: docs.cohere.com/v2/docs/streaming. Each event repeats its type in its data; `message-end`
brings why the model stopped, the counts, and an error if there was one.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from monitor.model.target import Probe
from monitor.probes.dialect import (
    TINY_PNG,
    DialectError,
    ForeignEventError,
    count,
    decoded,
    get,
    post,
)
from monitor.probes.exchange import WireRequest
from monitor.probes.framing import Framer, WireEvent
from monitor.probes.reading import Channel, Delta, Piece, Usage
from monitor.probes.sse import SseParser

#: What the parts of a message are called, and what kind of token they hold.
_CHANNELS = (("thinking", Channel.REASONING), ("text", Channel.TEXT))
_FAILED = "ERROR"


class CohereChat:
    """The dialect `cohere_chat`."""

    name = "cohere_chat"

    def framer(self) -> Framer:
        """Server-sent events."""
        return SseParser()

    def build(self, probe: Probe, prompt: str) -> WireRequest:
        """Write `POST {base_url}/v2/chat`; an effort of `none` turns thinking off, others on."""
        settings = probe.request
        body: dict[str, Any] = {
            "model": probe.target.model,
            "messages": [{"role": "user", "content": _content(prompt, settings.has_image)}],
            "stream": probe.target.streams,
            "max_tokens": settings.max_output_tokens,
        }
        if settings.temperature is not None:
            body["temperature"] = settings.temperature
        if settings.reasoning_effort is not None:
            thinks = settings.reasoning_effort != "none"
            body["thinking"] = {"type": "enabled" if thinks else "disabled"}
        return post(probe, "/v2/chat", body)

    def build_listing(self, probe: Probe) -> WireRequest:
        """Write `GET {base_url}/v1/models`; there is no newer listing."""
        return get(probe, "/v1/models")

    def parse(self, event: WireEvent) -> Delta:
        """Read one event; `[DONE]` ends the stream and proves nothing."""
        if event.data.strip() == "[DONE]":
            return Delta(is_end=True)
        chunk = decoded(event)
        if not isinstance(chunk, dict):
            raise DialectError("an event is not a JSON object")
        kind = chunk.get("type")
        if not isinstance(kind, str):
            return _flat_error(chunk)
        read = _READERS.get(kind)
        return read(_part(chunk, "delta")) if read else Delta()

    def parse_whole(self, body: object) -> Delta:
        """Read a whole answer."""
        if not isinstance(body, dict):
            raise DialectError("an answer is not a JSON object")
        message = body.get("message")
        if not isinstance(message, dict):
            return _flat_error(body)
        pieces = (*_content_pieces(message), *_call_pieces(message), *_plan_pieces(message))
        return _end(body, pieces)

    def count_models(self, body: object) -> int:
        """Count the entries of `models`, of its first page."""
        models = body.get("models") if isinstance(body, dict) else None
        if not isinstance(models, list):
            raise DialectError("a listing without models")
        return len(models)


def _flat_error(body: Mapping[str, Any]) -> Delta:
    """Take a body in the shape of the API's errors, which have no wrapper."""
    if body.get("error") or isinstance(body.get("message"), str):
        return Delta(error=body)
    raise ForeignEventError("an event has neither a type nor an error")


def _end(part: Mapping[str, Any], pieces: tuple[Piece, ...] = ()) -> Delta:
    """Read what closes an answer, streamed or whole."""
    finish, error = part.get("finish_reason"), part.get("error")
    reason = finish if isinstance(finish, str) else None
    told = {"error": error} | ({"reason": reason} if reason not in (None, _FAILED) else {})
    return Delta(
        pieces=pieces,
        usage=_usage(part.get("usage")),
        finish_reason=reason,
        is_terminal=True,
        is_end=True,
        error=told if error else None,
    )


def _content_pieces(message: Mapping[str, Any]) -> Iterator[Piece]:
    for part in _parts(message.get("content")):
        for name, channel in _CHANNELS:
            text = part.get(name)
            if isinstance(text, str) and text:
                yield Piece(channel, text)


def _plan_pieces(message: Mapping[str, Any]) -> Iterator[Piece]:
    """Take the thoughts that precede a tool call."""
    plan = message.get("tool_plan")
    if isinstance(plan, str) and plan:
        yield Piece(Channel.REASONING, plan)


def _call_pieces(message: Mapping[str, Any]) -> Iterator[Piece]:
    for call in _parts(message.get("tool_calls")):
        function = _part(call, "function")
        said = (function.get("name"), function.get("arguments"))
        text = "".join(part for part in said if isinstance(part, str))
        if text:
            yield Piece(Channel.TOOL, text)


def _streamed(
    pieces: Callable[[Mapping[str, Any]], Iterator[Piece]],
) -> Callable[[Mapping[str, Any]], Delta]:
    return lambda delta: Delta(pieces=tuple(pieces(_part(delta, "message"))))


#: Events of other types, such as citations, hold nothing that was generated.
_READERS: dict[str, Callable[[Mapping[str, Any]], Delta]] = {
    "content-start": _streamed(_content_pieces),
    "content-delta": _streamed(_content_pieces),
    "tool-plan-delta": _streamed(_plan_pieces),
    "tool-call-start": _streamed(_call_pieces),
    "tool-call-delta": _streamed(_call_pieces),
    "message-end": _end,
}


def _part(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = value.get(name)
    return part if isinstance(part, dict) else {}


def _parts(value: object) -> list[Mapping[str, Any]]:
    """Give the objects of a list; a stream sends each of them bare."""
    parts = value if isinstance(value, list) else [value]
    return [part for part in parts if isinstance(part, dict)]


def _usage(usage: object) -> Usage | None:
    """Take the counts of what was generated, else of what is billed."""
    if not isinstance(usage, dict):
        return None
    tokens = _part(usage, "tokens") or _part(usage, "billed_units")
    return Usage(
        input_tokens=_whole(tokens.get("input_tokens")),
        output_tokens=_whole(tokens.get("output_tokens")),
        cached_tokens=_whole(usage.get("cached_tokens")),
    )


def _whole(value: object) -> int | None:
    """Take a count; the API's schema has them as numbers with a fraction."""
    return count(int(value) if isinstance(value, float) and value.is_integer() else value)


def _content(prompt: str, has_image: bool) -> Any:  # noqa: FBT001 - a setting handed on
    if not has_image:
        return prompt
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{TINY_PNG}"}}
    return [{"type": "text", "text": prompt}, image]
