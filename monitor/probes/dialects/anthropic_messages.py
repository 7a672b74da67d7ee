"""Anthropic's Messages API.

Format: platform.claude.com/docs/en/build-with-claude/streaming. An effort goes out as
`output_config.effort`, and `none` as thinking switched off. `output_tokens` include thinking.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from monitor.model.target import Probe
from monitor.probes.dialect import (
    TINY_PNG,
    DialectError,
    count,
    decoded,
    decoded_or_text,
    get,
    post,
    text,
)
from monitor.probes.exchange import WireRequest
from monitor.probes.framing import Framer, WireEvent
from monitor.probes.reading import Channel, Delta, Piece, Usage
from monitor.probes.sse import SseParser

_VERSION = "2023-06-01"
#: Where each kind of delta, and of a whole block, holds what was generated.
_TEXTS = {
    "text_delta": (Channel.TEXT, "text"),
    "thinking_delta": (Channel.REASONING, "thinking"),
    "input_json_delta": (Channel.TOOL, "partial_json"),
    "text": (Channel.TEXT, "text"),
    "thinking": (Channel.REASONING, "thinking"),
}


class AnthropicMessages:
    """The dialect `anthropic_messages`."""

    name = "anthropic_messages"

    def framer(self) -> Framer:
        """Server-sent events."""
        return SseParser()

    def build(self, probe: Probe, prompt: str) -> WireRequest:
        """Write `POST {base_url}/v1/messages`."""
        settings = probe.request
        body: dict[str, Any] = {
            "model": probe.target.model,
            "messages": [{"role": "user", "content": _content(prompt, settings.has_image)}],
            "stream": probe.target.streams,
            "max_tokens": settings.max_output_tokens,
        }
        if settings.temperature is not None:
            body["temperature"] = settings.temperature
        if settings.reasoning_effort == "none":
            body["thinking"] = {"type": "disabled"}
        elif settings.reasoning_effort is not None:
            body["output_config"] = {"effort": settings.reasoning_effort}
        return post(probe, _path(probe, "messages"), body, anthropic_version=_VERSION)

    def build_listing(self, probe: Probe) -> WireRequest:
        """Write `GET {base_url}/v1/models`."""
        return get(probe, _path(probe, "models"), anthropic_version=_VERSION)

    def parse(self, event: WireEvent) -> Delta:
        """Read one event; `ping`, and kinds that came after this was written, say nothing."""
        if event.type == "error":
            return Delta(error=decoded_or_text(event))
        body = decoded(event)
        if not isinstance(body, dict):
            raise DialectError("an event is not a JSON object")
        if body.get("error"):
            return Delta(error=body)
        kind = body.get("type")
        if not isinstance(kind, str):
            raise DialectError("an event has no type")
        return _delta(kind, body)

    def parse_whole(self, body: object) -> Delta:
        """Read a whole `message` object."""
        if not isinstance(body, dict):
            raise DialectError("an answer is not a JSON object")
        if body.get("error"):
            return Delta(error=body)
        blocks = body.get("content")
        if not isinstance(blocks, list):
            raise DialectError("an answer has no content")
        finish = text(body.get("stop_reason"))
        return Delta(
            pieces=tuple(piece for block in blocks for piece in _pieces(block)),
            usage=_usage(body.get("usage")),
            finish_reason=finish,
            is_terminal=finish is not None,
        )

    def count_models(self, body: object) -> int:
        """Count the entries of `data`."""
        entries = body.get("data") if isinstance(body, dict) else None
        if not isinstance(entries, list):
            raise DialectError("a listing without data")
        return len(entries)


def _delta(kind: str, body: Mapping[str, Any]) -> Delta:
    match kind:
        case "message_start":
            return Delta(usage=_beginning(body.get("message")))
        case "content_block_start":
            return Delta(pieces=tuple(_pieces(body.get("content_block"))))
        case "content_block_delta":
            return Delta(pieces=tuple(_pieces(body.get("delta"))))
        case "message_delta":
            delta = body.get("delta")
            finish = text(delta.get("stop_reason")) if isinstance(delta, dict) else None
            return Delta(usage=_usage(body.get("usage")), finish_reason=finish)
        case "message_stop":
            return Delta(is_terminal=True, is_end=True)
        case _:
            return Delta()


def _pieces(block: object) -> Iterator[Piece]:
    """Give what a block, or a delta of one, has generated; a tool is told by its name."""
    kind = block.get("type") if isinstance(block, dict) else None
    if not isinstance(block, dict) or not isinstance(kind, str):
        return
    is_tool = kind.endswith("tool_use")
    channel, name = (Channel.TOOL, "name") if is_tool else _TEXTS.get(kind, (Channel.TEXT, ""))
    generated = text(block.get(name))
    if generated:
        yield Piece(channel, generated)


def _beginning(message: object) -> Usage | None:
    """The counts at the start; that of the output is a first guess (1), and no count."""
    usage = _usage(message.get("usage")) if isinstance(message, dict) else None
    return replace(usage, output_tokens=None, reasoning_tokens=None) if usage else None


def _usage(usage: object) -> Usage | None:
    """Read token counts; `input_tokens` leave out what was read from or written to the cache."""
    if not isinstance(usage, dict):
        return None
    cached = count(usage.get("cache_read_input_tokens"))
    fresh = count(usage.get("input_tokens"))
    parts = (fresh, cached, count(usage.get("cache_creation_input_tokens")))
    details = usage.get("output_tokens_details")
    return Usage(
        input_tokens=None if fresh is None else sum(part or 0 for part in parts),
        output_tokens=count(usage.get("output_tokens")),
        reasoning_tokens=count(details.get("thinking_tokens"))
        if isinstance(details, dict)
        else None,
        cached_tokens=cached,
    )


def _path(probe: Probe, name: str) -> str:
    """Base URLs are given with and without the version."""
    return f"/{name}" if probe.target.base_url.endswith("/v1") else f"/v1/{name}"


def _content(prompt: str, has_image: bool) -> Any:  # noqa: FBT001 - a setting handed on
    if not has_image:
        return prompt
    source = {"type": "base64", "media_type": "image/png", "data": TINY_PNG}
    return [{"type": "text", "text": prompt}, {"type": "image", "source": source}]
