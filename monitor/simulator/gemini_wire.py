"""The dialect of Google's generateContent, as AI Studio and Vertex AI speak it."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from monitor.simulator.dialect import Ask, Envelope, ListModels
from monitor.simulator.faults import FaultKind
from monitor.simulator.gemini_errors import GEMINI_ERRORS, invalid_request, not_found
from monitor.simulator.http import Answer, Request, json_answer
from monitor.simulator.plan import Channel, Finish, Part, Step, Usage

#: A keep-alive line, which is no event.
_COMMENT = b": keep-alive\r\n\r\n"

_PATH = re.compile(
    r"/v1\w*/(?:projects/[^/]+/locations/[^/]+/publishers/google/)?models"
    r"(?:/(?P<model>.+):(?P<verb>generateContent|streamGenerateContent))?"
)
_REASONS = {Finish.STOP: "STOP", Finish.LENGTH: "MAX_TOKENS"}


class GeminiDialect:
    """Answers and the list of models, streamed as server-sent events or whole.

    A stream has no end marker: its last chunk has the finish reason, and the body ends.
    """

    base_path = "/v1beta"
    stream_type = "text/event-stream"

    def key_of(self, request: Request) -> str | None:
        """The key header or parameter (AI Studio), or a bearer token (Vertex AI)."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        bearer = token.strip() if scheme.lower() == "bearer" else None
        return request.headers.get("x-goog-api-key") or request.query.get("key") or bearer

    def read(self, request: Request) -> Ask | ListModels | Answer:
        """Route the request and decode its body; what is wrong with it is an `Answer`."""
        path = _PATH.fullmatch(request.path)
        if path is None:
            return not_found(request.path)
        model, verb = path["model"], path["verb"]
        if request.method == "GET" and model is None:
            return ListModels()
        if request.method != "POST" or model is None:
            return not_found(request.path)
        streams = verb == "streamGenerateContent"
        if streams and request.query.get("alt") != "sse":
            return invalid_request("A stream is simulated with alt=sse only.")
        return _read_contents(request, unquote(model), streams)

    def models(self, names: Sequence[str]) -> Answer:
        """The list of models, in the order given."""
        verbs = ["generateContent", "streamGenerateContent"]
        models = [
            {"name": f"models/{name}", "displayName": name, "supportedGenerationMethods": verbs}
            for name in names
        ]
        return json_answer(200, {"models": models})

    def error(self, fault: FaultKind, model: str) -> Answer:
        """The API's own words for *fault*.

        Raises:
            KeyError: The fault is not one that is answered by an API error.
        """
        return GEMINI_ERRORS[fault].answer(model)

    def event(self, step: Step, envelope: Envelope) -> bytes:
        """One server-sent event; the finish and the counts travel in the last one."""
        match step.part:
            case Part.COMMENT:
                return _COMMENT
            case Part.ERROR:
                return _event(_in_stream_error())
            case Part.TOKENS if step.channel:
                counts = _so_far(step, envelope) if envelope.reports_usage else None
                return _event(_chunk(envelope, [_part(step.channel, step.text)], counts))
            case Part.DONE if not envelope.progress.failed:
                return _event(_last_chunk(envelope))
            case _:
                return b""

    def whole(self, steps: Sequence[Step], envelope: Envelope) -> bytes:
        """The answer as one object; an error step makes it an error object under a 200."""
        if any(step.part is Part.ERROR for step in steps):
            return json.dumps(_in_stream_error()).encode()
        finish = next((step.finish for step in steps if step.finish), None)
        usage = next((step.usage for step in steps if step.usage), None)
        texts = {channel: _said(steps, channel) for channel in (Channel.REASONING, Channel.TEXT)}
        parts = [_part(channel, text) for channel, text in texts.items() if text]
        counts = _usage(usage) if usage else None
        return json.dumps(_chunk(envelope, parts, counts, finish), indent=2).encode()


def _read_contents(request: Request, model: str, streams: bool) -> Ask | Answer:  # noqa: FBT001
    try:
        body = request.json()
    except ValueError:
        return invalid_request("Invalid JSON payload received.")
    if not isinstance(body, dict):
        return invalid_request("Invalid JSON payload received. Expected an object.")
    contents = body.get("contents")
    if not (isinstance(contents, list) and contents):
        return invalid_request("* GenerateContentRequest.contents: contents is not specified")
    if not all(isinstance(content, dict) for content in contents):
        return invalid_request("Invalid value at 'contents'")
    config = body.get("generationConfig") or {}
    limit = config.get("maxOutputTokens") if isinstance(config, dict) else None
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        return invalid_request("max_output_tokens must be positive.")
    return Ask(
        model=model,
        prompt="\n".join(_text(content) for content in contents),
        stream=streams,
        limit=limit,
        wants_usage=True,
    )


def _text(content: Mapping[str, Any]) -> str:
    parts = content.get("parts")
    if not isinstance(parts, list):
        return ""
    return "".join(str(part.get("text", "")) for part in parts if isinstance(part, dict))


def _said(steps: Sequence[Step], channel: Channel) -> str:
    return "".join(step.text for step in steps if step.channel is channel)


def _event(body: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(body).encode() + b"\r\n\r\n"


def _part(channel: Channel, text: str) -> dict[str, Any]:
    return {"text": text, "thought": True} if channel is Channel.REASONING else {"text": text}


def _chunk(
    envelope: Envelope,
    parts: list[dict[str, Any]],
    counts: dict[str, Any] | None,
    finish: Finish | None = None,
) -> dict[str, Any]:
    content = {"parts": parts, "role": "model"} if parts else {"role": "model"}
    candidate: dict[str, Any] = {"content": content, "index": 0}
    if finish:
        candidate["finishReason"] = _REASONS[finish]
    told = {"usageMetadata": counts} if counts else {}
    named = {"modelVersion": envelope.model, "responseId": envelope.request_id}
    return {"candidates": [candidate], **told, **named}


def _last_chunk(envelope: Envelope) -> dict[str, Any]:
    usage = envelope.progress.usage
    counts = _usage(usage) if usage else None
    return _chunk(envelope, [], counts, envelope.progress.finish)


def _so_far(step: Step, envelope: Envelope) -> dict[str, Any]:
    """The counts grow from chunk to chunk; nothing is said of what was not generated yet."""
    tokens = envelope.progress.tokens.copy()
    if step.channel:
        tokens[step.channel] += step.tokens
    shown, thoughts = tokens[Channel.TEXT], tokens[Channel.REASONING]
    counts = {"candidatesTokenCount": shown, "thoughtsTokenCount": thoughts}
    return {
        "promptTokenCount": envelope.input_tokens,
        **{name: number for name, number in counts.items() if number},
        "totalTokenCount": envelope.input_tokens + shown + thoughts,
    }


def _usage(usage: Usage) -> dict[str, Any]:
    """The counts; thoughts are told beside the candidates, not among them."""
    optional = {
        "cachedContentTokenCount": usage.cached_tokens,
        "thoughtsTokenCount": usage.reasoning_tokens,
    }
    return {
        "promptTokenCount": usage.input_tokens,
        "candidatesTokenCount": usage.output_tokens - usage.reasoning_tokens,
        **{name: number for name, number in optional.items() if number},
        "totalTokenCount": usage.input_tokens + usage.output_tokens,
    }


def _in_stream_error() -> dict[str, Any]:
    return GEMINI_ERRORS[FaultKind.SERVER_ERROR].body()
