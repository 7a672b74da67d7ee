"""Google's generateContent, as AI Studio and Vertex AI both serve it.

Format: ai.google.dev/api/generate-content. Only the base URL differs between the two: it ends in
`/v1beta`, or in `/publishers/google`. An effort goes out as `thinkingLevel`, and where it is a
number or `none` as `thinkingBudget`, which older models know. The stream has no end marker: a
finish reason completes the answer, and the connection closes.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from monitor.model.target import Probe, RequestSettings
from monitor.probes.dialect import TINY_PNG, DialectError, count, decoded, get, post
from monitor.probes.exchange import WireRequest
from monitor.probes.framing import Framer, WireEvent
from monitor.probes.reading import Channel, Delta, Piece, Usage
from monitor.probes.sse import SseParser

T = TypeVar("T")

#: A chunk has at least one of these.
_FIELDS = frozenset({"candidates", "usageMetadata", "promptFeedback", "modelVersion", "responseId"})
_LISTINGS = ("models", "publisherModels")
#: The enum's way to say nothing.
_UNSPECIFIED = frozenset({"", "FINISH_REASON_UNSPECIFIED"})
#: Stands for every reason for which a prompt was not let through.
_BLOCKED = "blocked"


class GeminiGenerate:
    """The dialect `gemini_generate`."""

    name = "gemini_generate"

    def framer(self) -> Framer:
        """Server-sent events."""
        return SseParser()

    def build(self, probe: Probe, prompt: str) -> WireRequest:
        """Write `POST {base_url}/models/{model}:streamGenerateContent?alt=sse`."""
        settings = probe.request
        parts: list[dict[str, Any]] = [{"text": prompt}]
        if settings.has_image:
            parts.append({"inlineData": {"mimeType": "image/png", "data": TINY_PNG}})
        body = {
            "contents": [{"role": "user", "parts": parts}],
            "generationConfig": _generation_config(settings),
        }
        verb = "streamGenerateContent?alt=sse" if probe.target.streams else "generateContent"
        model = quote(probe.target.model.removeprefix("models/"), safe="/@:")
        return post(probe, f"/models/{model}:{verb}", body)

    def build_listing(self, probe: Probe) -> WireRequest:
        """Write `GET {base_url}/models`."""
        return get(probe, "/models")

    def parse(self, event: WireEvent) -> Delta:
        """Read one chunk; an error may come as a list of one."""
        chunk = decoded(event)
        if isinstance(chunk, list) and len(chunk) == 1:
            chunk = chunk[0]
        return _delta(chunk)

    def parse_whole(self, body: object) -> Delta:
        """Read a whole answer: one object, or the list of chunks that a stream would be."""
        if not isinstance(body, list):
            return _delta(body)
        deltas = [_delta(chunk) for chunk in body]
        return Delta(
            pieces=tuple(piece for delta in deltas for piece in delta.pieces),
            usage=_last(delta.usage for delta in deltas),
            finish_reason=_last(delta.finish_reason for delta in deltas),
            is_terminal=any(delta.is_terminal for delta in deltas),
            error=_last(delta.error for delta in deltas),
        )

    def count_models(self, body: object) -> int:
        """Count the entries of `models`, which Vertex AI calls `publisherModels`."""
        named = (body.get(name) for name in _LISTINGS) if isinstance(body, dict) else iter(())
        entries = next((each for each in named if isinstance(each, list)), None)
        if entries is None:
            raise DialectError("a listing without models")
        return len(entries)


def _generation_config(settings: RequestSettings) -> dict[str, Any]:
    config: dict[str, Any] = {"maxOutputTokens": settings.max_output_tokens}
    if settings.temperature is not None:
        config["temperature"] = settings.temperature
    effort = settings.reasoning_effort
    if effort is not None and (effort == "none" or effort.isdecimal()):
        config["thinkingConfig"] = {"thinkingBudget": 0 if effort == "none" else int(effort)}
    elif effort is not None:
        config["thinkingConfig"] = {"thinkingLevel": effort}
    return config


def _delta(chunk: object) -> Delta:
    if not isinstance(chunk, dict):
        raise DialectError("a chunk is not a JSON object")
    if chunk.get("error"):
        return Delta(error=chunk)
    if _FIELDS.isdisjoint(chunk):
        raise DialectError("a chunk has neither candidates nor usage nor an error")
    candidate = _first_candidate(chunk)
    finish = _finish(candidate) or _block(chunk)
    return Delta(
        pieces=tuple(_pieces(candidate)),
        usage=_usage(chunk.get("usageMetadata")),
        finish_reason=finish,
        is_terminal=finish is not None,
    )


def _first_candidate(chunk: Mapping[str, Any]) -> Mapping[str, Any]:
    candidates = chunk.get("candidates") or []
    if not isinstance(candidates, list):
        raise DialectError("candidates is not a list")
    if not candidates:
        return {}
    if not isinstance(candidates[0], dict):
        raise DialectError("a candidate is not a JSON object")
    return candidates[0]


def _finish(candidate: Mapping[str, Any]) -> str | None:
    finish = candidate.get("finishReason")
    return finish if isinstance(finish, str) and finish not in _UNSPECIFIED else None


def _block(chunk: Mapping[str, Any]) -> str | None:
    feedback = chunk.get("promptFeedback")
    return _BLOCKED if isinstance(feedback, dict) and feedback.get("blockReason") else None


def _pieces(candidate: Mapping[str, Any]) -> Iterator[Piece]:
    """Give what the parts have generated; a tool is told by its name."""
    content = candidate.get("content")
    parts = content.get("parts") if isinstance(content, dict) else None
    for part in parts if isinstance(parts, list) else ():
        if not isinstance(part, dict):
            continue
        text, call = part.get("text"), part.get("functionCall")
        if isinstance(text, str) and text:
            yield Piece(Channel.REASONING if part.get("thought") is True else Channel.TEXT, text)
        if isinstance(call, dict) and isinstance(call.get("name"), str) and call["name"]:
            yield Piece(Channel.TOOL, call["name"])


def _usage(usage: object) -> Usage | None:
    """Read token counts; thoughts are counted beside the candidates, not among them."""
    if not isinstance(usage, dict):
        return None
    shown = count(usage.get("candidatesTokenCount"))
    thoughts = count(usage.get("thoughtsTokenCount"))
    is_counted = shown is not None or thoughts is not None
    return Usage(
        input_tokens=count(usage.get("promptTokenCount")),
        output_tokens=(shown or 0) + (thoughts or 0) if is_counted else None,
        reasoning_tokens=thoughts,
        cached_tokens=count(usage.get("cachedContentTokenCount")),
    )


def _last(values: Iterable[T | None]) -> T | None:
    """Give the last value that says something."""
    return next((value for value in reversed(tuple(values)) if value is not None), None)
