"""OpenAI chat completions, and the many servers that speak the same.

Format: developers.openai.com/api/docs/api-reference/chat (streaming). Two names for reasoning
deltas are in use: `reasoning_content` (DeepSeek, vLLM, SGLang) and `reasoning` (OpenRouter, Groq).
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from monitor.model.target import Probe, Secret
from monitor.probes.dialects.base import DialectError
from monitor.probes.exchange import WireRequest
from monitor.probes.reading import Channel, Delta, Piece, Usage
from monitor.probes.sse import SseEvent

_REASONING_FIELDS = ("reasoning_content", "reasoning")


class OpenAIChat:
    """The dialect `openai_chat`."""

    name = "openai_chat"

    def build(self, probe: Probe, prompt: str) -> WireRequest:
        """Write a streaming `POST {base_url}/chat/completions`."""
        settings = probe.request
        body: dict[str, Any] = {
            "model": probe.target.model,
            "messages": [{"role": "user", "content": prompt}],
            "stream": True,
            settings.max_tokens_parameter: settings.max_output_tokens,
        }
        if settings.include_usage:
            body["stream_options"] = {"include_usage": True}
        if settings.temperature is not None:
            body["temperature"] = settings.temperature
        if settings.reasoning_effort is not None:
            body["reasoning_effort"] = settings.reasoning_effort
        headers = (
            ("content-type", Secret("application/json")),
            ("accept", Secret("text/event-stream")),
            *probe.target.headers,
        )
        return WireRequest(
            method="POST",
            url=f"{probe.target.base_url}/chat/completions",
            headers=headers,
            body=json.dumps(body).encode(),
        )

    def parse(self, event: SseEvent) -> Delta:
        """Read one chunk; `[DONE]` ends the stream and proves nothing else."""
        if event.data.strip() == "[DONE]":
            return Delta(is_terminal=True, is_end=True)
        try:
            chunk = json.loads(event.data)
        except (ValueError, RecursionError) as error:
            if event.type == "error":
                return Delta(error=event.data)
            raise DialectError("an event holds no JSON") from error
        return Delta(error=chunk) if event.type == "error" else _delta(chunk, "delta")

    def parse_whole(self, body: object) -> Delta:
        """Read a whole `chat.completion` object."""
        return _delta(body, "message")


def _delta(chunk: object, part: str) -> Delta:
    if not isinstance(chunk, dict):
        raise DialectError("a chunk is not a JSON object")
    choice = _first_choice(chunk)
    finish = choice.get("finish_reason")
    error = chunk.get("error") or choice.get("error")
    if not error and "choices" not in chunk and "usage" not in chunk:
        raise DialectError("a chunk has neither choices nor usage nor an error")
    message = choice.get(part)
    return Delta(
        pieces=tuple(_pieces(message)) if isinstance(message, dict) else (),
        usage=_usage(chunk.get("usage")),
        finish_reason=finish if isinstance(finish, str) else None,
        is_terminal=isinstance(finish, str),
        error=chunk if error else None,
    )


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
    reasoning = next(
        (text for name in _REASONING_FIELDS if _is_text(text := message.get(name))), ""
    )
    if reasoning:
        yield Piece(Channel.REASONING, reasoning)
    content = message.get("content") or message.get("refusal")
    if isinstance(content, str) and content:
        yield Piece(Channel.TEXT, content)
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            text = f"{function.get('name') or ''}{function.get('arguments') or ''}"
            if text:
                yield Piece(Channel.TOOL, text)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _usage(usage: object) -> Usage | None:
    if not isinstance(usage, dict):
        return None
    return Usage(
        input_tokens=_count(usage.get("prompt_tokens")),
        output_tokens=_count(usage.get("completion_tokens")),
        reasoning_tokens=_detail(usage, "completion_tokens_details", "reasoning_tokens"),
        cached_tokens=_detail(usage, "prompt_tokens_details", "cached_tokens"),
    )


def _detail(usage: Mapping[str, Any], details: str, name: str) -> int | None:
    part = usage.get(details)
    return _count(part.get(name)) if isinstance(part, dict) else None


def _count(value: object) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53
    return value if is_count and isinstance(value, int) else None
