"""OpenAI chat completions, and the many servers that speak the same.

Format: developers.openai.com/api/docs/api-reference/chat (streaming). Two names for reasoning
deltas are in use: `reasoning_content` (DeepSeek, vLLM, SGLang) and `reasoning` (OpenRouter, Groq).
Mistral puts thoughts into `content`, as a list.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from monitor.model.target import Probe
from monitor.probes.dialect import (
    TINY_PNG,
    DialectError,
    ForeignEventError,
    count,
    count_in,
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

_REASONING_FIELDS = ("reasoning_content", "reasoning")


class OpenAIChat:
    """The dialect `openai_chat`."""

    name = "openai_chat"

    def framer(self) -> Framer:
        """Server-sent events."""
        return SseParser()

    def build(self, probe: Probe, prompt: str) -> WireRequest:
        """Write `POST {base_url}/chat/completions`."""
        settings = probe.request
        body: dict[str, Any] = {
            "model": probe.target.model,
            "messages": [{"role": "user", "content": _content(prompt, settings.has_image)}],
            "stream": probe.target.streams,
            settings.max_tokens_parameter: settings.max_output_tokens,
        }
        if settings.include_usage and probe.target.streams:
            body["stream_options"] = {"include_usage": True}
        if settings.temperature is not None:
            body["temperature"] = settings.temperature
        if settings.reasoning_effort is not None:
            body["reasoning_effort"] = settings.reasoning_effort
        return post(probe, "/chat/completions", body)

    def build_listing(self, probe: Probe) -> WireRequest:
        """Write `GET {base_url}/models`."""
        return get(probe, "/models")

    def parse(self, event: WireEvent) -> Delta:
        """Read one chunk; `[DONE]` ends the stream and proves nothing else."""
        if event.data.strip() == "[DONE]":
            return Delta(is_terminal=True, is_end=True)
        if event.type == "error":
            return Delta(error=decoded_or_text(event))
        if event.type != "message":
            raise ForeignEventError(f"an event named {event.type[:40]}")
        return _delta(decoded(event), "delta")

    def parse_whole(self, body: object) -> Delta:
        """Read a whole `chat.completion` object."""
        return _delta(body, "message")

    def count_models(self, body: object) -> int:
        """Count the entries of `data`; some servers (Together) send the list bare."""
        entries = body.get("data") if isinstance(body, dict) else body
        if not isinstance(entries, list):
            raise DialectError("a listing without data")
        return len(entries)


def _delta(chunk: object, part: str) -> Delta:
    if not isinstance(chunk, dict):
        raise DialectError("a chunk is not a JSON object")
    choice = _first_choice(chunk)
    finish = _finish_reason(choice)
    error = chunk.get("error") or choice.get("error")
    if not error and "choices" not in chunk and "usage" not in chunk:
        raise ForeignEventError("a chunk has neither choices nor usage nor an error")
    message = choice.get(part)
    return Delta(
        pieces=tuple(_pieces(message)) if isinstance(message, dict) else (),
        usage=_usage(chunk.get("usage")),
        finish_reason=finish,
        is_terminal=finish is not None or (part == "message" and bool(choice)),
        error=chunk if error else None,
        served_by=text(chunk.get("provider")),
    )


def _finish_reason(choice: Mapping[str, Any]) -> str | None:
    """Some servers send an empty string in every chunk but the last, where others send null."""
    return text(choice.get("finish_reason"))


def _first_choice(chunk: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = chunk.get("choices") or []
    if not isinstance(choices, list):
        raise DialectError("choices is not a list")
    if not choices:
        return {}
    if not isinstance(choices[0], dict):
        raise DialectError("a choice is not a JSON object")
    return choices[0]


def _pieces(message: Mapping[str, Any]) -> Iterator[Piece]:
    reasoning = next(filter(None, (text(message.get(name)) for name in _REASONING_FIELDS)), None)
    if reasoning:
        yield Piece(Channel.REASONING, reasoning)
    yield from _content_pieces(message.get("content") or message.get("refusal"))
    yield from _call_pieces(message.get("tool_calls"))


def _content_pieces(content: object) -> Iterator[Piece]:
    """Read text, or the list of parts that Mistral's models send while they think."""
    for part in content if isinstance(content, list) else [content]:
        thoughts = part.get("thinking") if isinstance(part, dict) else None
        for thought in thoughts if isinstance(thoughts, list) else [thoughts]:
            if thinking := _said(thought):
                yield Piece(Channel.REASONING, thinking)
        if answer := _said(part):
            yield Piece(Channel.TEXT, answer)


def _said(part: object) -> str | None:
    return text(part.get("text") if isinstance(part, dict) else part)


def _call_pieces(calls: object) -> Iterator[Piece]:
    """Join what is told in strings; arguments that come decoded may be nested at any depth."""
    for call in calls if isinstance(calls, list) else ():
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            told = (text(function.get("name")), text(function.get("arguments")))
            if called := "".join(filter(None, told)):
                yield Piece(Channel.TOOL, called)


def _usage(usage: object) -> Usage | None:
    if not isinstance(usage, dict):
        return None
    return Usage(
        input_tokens=count(usage.get("prompt_tokens")),
        output_tokens=count(usage.get("completion_tokens")),
        reasoning_tokens=count_in(usage, "completion_tokens_details", "reasoning_tokens"),
        cached_tokens=count_in(usage, "prompt_tokens_details", "cached_tokens"),
    )


def _content(prompt: str, has_image: bool) -> Any:  # noqa: FBT001 - a setting handed on
    if not has_image:
        return prompt
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{TINY_PNG}"}}
    return [{"type": "text", "text": prompt}, image]
