"""OpenAI's Responses API.

Format: developers.openai.com/api/docs/api-reference/responses-streaming. The finish reason is told
in the words of chat completions: `stop`, `length`, `content_filter`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from monitor.model.target import Probe
from monitor.probes.dialect import (
    TINY_PNG,
    DialectError,
    count,
    count_in,
    decoded,
    decoded_or_text,
    get,
    post,
)
from monitor.probes.exchange import WireRequest
from monitor.probes.framing import Framer, WireEvent
from monitor.probes.reading import Channel, Delta, Piece, Usage
from monitor.probes.sse import SseParser

#: Events whose `delta` was generated.
_DELTAS = {
    "response.output_text.delta": Channel.TEXT,
    "response.refusal.delta": Channel.TEXT,
    "response.reasoning_text.delta": Channel.REASONING,
    "response.reasoning_summary_text.delta": Channel.REASONING,
    "response.function_call_arguments.delta": Channel.TOOL,
    "response.custom_tool_call_input.delta": Channel.TOOL,
}
#: Events that nothing follows, by the status of the response that they hold.
_ENDS = frozenset(
    {"response.completed", "response.incomplete", "response.failed", "response.cancelled"}
)
#: Where the parts of a whole answer hold what was generated.
_TEXTS = {
    "output_text": (Channel.TEXT, "text"),
    "refusal": (Channel.TEXT, "refusal"),
    "reasoning_text": (Channel.REASONING, "text"),
    "summary_text": (Channel.REASONING, "text"),
    "function_call": (Channel.TOOL, "arguments"),
    "custom_tool_call": (Channel.TOOL, "input"),
}


class OpenAIResponses:
    """The dialect `openai_responses`."""

    name = "openai_responses"

    def framer(self) -> Framer:
        """Server-sent events."""
        return SseParser()

    def build(self, probe: Probe, prompt: str) -> WireRequest:
        """Write `POST {base_url}/responses`, of which nothing shall be kept.

        Usage comes unasked; `include_usage: false` leaves out the stream options altogether, for
        servers that know none.
        """
        settings = probe.request
        body: dict[str, Any] = {
            "model": probe.target.model,
            "input": _input(prompt, settings.has_image),
            "stream": probe.target.streams,
            "store": False,
            "max_output_tokens": settings.max_output_tokens,
        }
        if settings.include_usage and probe.target.streams:
            body["stream_options"] = {"include_obfuscation": False}
        if settings.temperature is not None:
            body["temperature"] = settings.temperature
        if settings.reasoning_effort is not None:
            body["reasoning"] = {"effort": settings.reasoning_effort}
        return post(probe, "/responses", body)

    def build_listing(self, probe: Probe) -> WireRequest:
        """Write `GET {base_url}/models`."""
        return get(probe, "/models")

    def parse(self, event: WireEvent) -> Delta:
        """Read one event; what frames items and parts says nothing.

        Gateways close with chat's `[DONE]`, which ends the stream and proves nothing.
        """
        if event.data.strip() == "[DONE]":
            return Delta(is_end=True)
        if event.type == "error":
            return Delta(error=decoded_or_text(event))
        body = decoded(event)
        if not isinstance(body, dict):
            raise DialectError("an event is not a JSON object")
        kind = body.get("type")
        if kind == "error" or body.get("error"):
            return Delta(error=body)
        if not isinstance(kind, str):
            raise DialectError("an event has no type")
        return _delta(kind, body)

    def parse_whole(self, body: object) -> Delta:
        """Read a whole `response` object."""
        if not isinstance(body, dict):
            raise DialectError("an answer is not a JSON object")
        if not (isinstance(body.get("output"), list) or body.get("error")):
            raise DialectError("an answer has neither output nor an error")
        return _state(body, tuple(_pieces(body.get("output"))))

    def count_models(self, body: object) -> int:
        """Count the entries of `data`."""
        entries = body.get("data") if isinstance(body, dict) else None
        if not isinstance(entries, list):
            raise DialectError("a listing without data")
        return len(entries)


def _delta(kind: str, body: Mapping[str, Any]) -> Delta:
    if kind in _DELTAS:
        text = body.get("delta")
        return Delta(pieces=(Piece(_DELTAS[kind], text),)) if _is_text(text) else Delta()
    if kind not in _ENDS:
        return Delta()
    response = body.get("response")
    if not isinstance(response, dict):
        raise DialectError("a last event holds no response")
    status = kind.removeprefix("response.")
    return _state({**response, "status": status}, is_end=True)


def _state(
    response: Mapping[str, Any], pieces: tuple[Piece, ...] = (), *, is_end: bool = False
) -> Delta:
    """Say how a response stands, by its status."""
    finish = _finish(response)
    is_error = response.get("error") or response.get("status") == "failed"
    return Delta(
        pieces=pieces,
        usage=_usage(response.get("usage")),
        finish_reason=finish,
        is_terminal=finish is not None,
        is_end=is_end,
        error=response if is_error else None,
    )


def _finish(response: Mapping[str, Any]) -> str | None:
    match response.get("status"):
        case "completed":
            return "stop"
        case "incomplete":
            details = response.get("incomplete_details")
            reason = details.get("reason") if isinstance(details, dict) else None
            if reason == "max_output_tokens":
                return "length"
            return reason if isinstance(reason, str) and reason else "incomplete"
        case _:
            return None


def _pieces(items: object) -> Iterator[Piece]:
    """Give what the items of an output, and their parts, have generated."""
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, dict):
            continue
        for inner in (item.get("content"), item.get("summary")):
            yield from _parts(inner)
        yield from _parts([item])


def _parts(parts: object) -> Iterator[Piece]:
    for part in parts if isinstance(parts, list) else ():
        kind = part.get("type") if isinstance(part, dict) else None
        place = _TEXTS.get(kind) if isinstance(kind, str) else None
        if place and _is_text(text := part.get(place[1])):
            yield Piece(place[0], text)


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value != ""


def _usage(usage: object) -> Usage | None:
    if not isinstance(usage, dict):
        return None
    return Usage(
        input_tokens=count(usage.get("input_tokens")),
        output_tokens=count(usage.get("output_tokens")),
        reasoning_tokens=count_in(usage, "output_tokens_details", "reasoning_tokens"),
        cached_tokens=count_in(usage, "input_tokens_details", "cached_tokens"),
    )


def _input(prompt: str, has_image: bool) -> Any:  # noqa: FBT001 - a setting handed on
    if not has_image:
        return prompt
    image = {"type": "input_image", "image_url": f"data:image/png;base64,{TINY_PNG}"}
    return [{"role": "user", "content": [{"type": "input_text", "text": prompt}, image]}]
