"""The dialect of Cohere's chat API, version 2, as a server speaks it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from monitor.simulator.dialect import Ask, Envelope, ListModels
from monitor.simulator.faults import FaultKind
from monitor.simulator.http import Answer, Request, json_answer
from monitor.simulator.plan import Channel, Finish, Part, Step, Usage

_COMMENT = b": keep-alive\n\n"
_KEYS = {Channel.TEXT: "text", Channel.REASONING: "thinking"}
_FINISHES = {Finish.STOP: "COMPLETE", Finish.LENGTH: "MAX_TOKENS"}
_NO_MODEL = (
    "model '{model}' not found, make sure the correct model ID was used and that you have access"
    " to the model."
)
_FAILED = "internal server error, this has been reported to our developers"
_TRIAL = "You are using a Trial key, which is limited to {} API calls / {}."

#: Status and words of each error; `{model}` stands for the model's name. There is no 529.
_ERRORS: dict[FaultKind, tuple[int, str]] = {
    FaultKind.RATE_LIMITED: (429, _TRIAL.format(20, "minute")),
    FaultKind.OVERLOADED: (503, "the service is currently overloaded, please try again later"),
    FaultKind.OVERLOADED_529: (503, "the model is currently overloaded, please try again later"),
    FaultKind.UNAUTHORIZED: (401, "invalid api token"),
    FaultKind.QUOTA: (
        429,
        _TRIAL.format(1000, "month") + " You can continue to use the Trial key for free or"
        " upgrade to a Production key with higher rate limits.",
    ),
    FaultKind.SERVER_ERROR: (500, _FAILED),
    FaultKind.MODEL_MISSING: (404, _NO_MODEL),
}


class CohereDialect:
    """Chat and the list of models, streamed as server-sent events or whole."""

    base_path = ""
    stream_type = "text/event-stream"

    def key_of(self, request: Request) -> str | None:
        """The bearer token; None if the header is missing or of another scheme."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else None

    def read(self, request: Request) -> Ask | ListModels | Answer:
        """Route the request and decode its body; what is wrong with it is an `Answer`."""
        match request.method, request.path:
            case "POST", "/v2/chat":
                return _read_chat(request)
            case "GET", "/v1/models":
                return ListModels()
            case method, ("/v2/chat" | "/v1/models"):
                return _error(405, f"method {method} not allowed")
            case _, path:
                return _error(404, f"path '{path}' not found")

    def models(self, names: Sequence[str]) -> Answer:
        """The list of models, as its only page."""
        entries = [
            {"name": name, "endpoints": ["chat"], "finetuned": False, "context_length": 128_000}
            for name in names
        ]
        return json_answer(200, {"models": entries})

    def error(self, fault: FaultKind, model: str) -> Answer:
        """The API's own words for *fault*.

        Raises:
            KeyError: The fault is not one that is answered by an API error.
        """
        status, message = _ERRORS[fault]
        return _error(status, message.replace("{model}", model))

    def event(self, step: Step, envelope: Envelope) -> bytes:
        """The server-sent events of a step; the last one says why the model stopped."""
        match step.part:
            case Part.COMMENT:
                return _COMMENT
            case Part.ROLE:
                return _opening(envelope)
            case Part.TOKENS:
                return (_opening(envelope) if step.opens else b"") + _content(step, envelope)
            case Part.FINISH:
                end = b"" if envelope.reports_usage else _message_end(step.finish, None)
                return _block_end(envelope) + end
            case Part.USAGE:
                return _message_end(envelope.progress.finish, step.usage)
            case Part.ERROR:
                return _event("message-end", {"delta": _failure()})
            case Part.DONE:
                return b"data: [DONE]\n\n"

    def whole(self, steps: Sequence[Step], envelope: Envelope) -> bytes:
        """The answer as one object; an error step makes it an error object under a 200."""
        if any(step.part is Part.ERROR for step in steps):
            return json.dumps({"id": envelope.request_id, "message": _FAILED}).encode()
        said = {
            channel: "".join(step.text for step in steps if step.channel is channel)
            for channel in (Channel.REASONING, Channel.TEXT)
        }
        content = [
            {"type": _KEYS[channel], _KEYS[channel]: text} for channel, text in said.items() if text
        ]
        finish = next((step.finish for step in steps if step.finish), None)
        usage = next((step.usage for step in steps if step.usage), None)
        body = {
            "id": envelope.request_id,
            "message": {"role": "assistant", "content": content},
            **_end(finish, usage),
        }
        return json.dumps(body).encode()


def _read_chat(request: Request) -> Ask | Answer:
    try:
        body = request.json()
    except ValueError:
        return _error(400, "invalid request: the body is no JSON")
    if not isinstance(body, dict):
        return _error(400, "invalid request: the body is no object")
    messages, limit = body.get("messages"), body.get("max_tokens")
    if not (isinstance(body.get("model"), str) and body["model"]):
        return _error(400, "invalid request: model is required")
    if not (isinstance(messages, list) and messages and all(map(_is_message, messages))):
        return _error(400, "invalid request: messages must be a list of at least one message")
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        return _error(400, "invalid request: max_tokens must be greater than or equal to 1")
    return Ask(
        model=body["model"],
        prompt="\n".join(_text(message.get("content")) for message in messages),
        stream=bool(body.get("stream")),
        limit=limit,
        wants_usage=True,
    )


def _is_message(message: object) -> bool:
    return isinstance(message, dict) and isinstance(message.get("role"), str)


def _text(content: object) -> str:
    """The text of a message, whose content is a string or a list of parts."""
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return "" if content is None else str(content)


def _error(status: int, message: str) -> Answer:
    return json_answer(status, {"id": "00000000-0000-4000-8000-000000000000", "message": message})


def _event(kind: str, body: Mapping[str, Any]) -> bytes:
    data = json.dumps({"type": kind, **body}, separators=(",", ":"))
    return f"event: {kind}\ndata: {data}\n\n".encode()


def _opening(envelope: Envelope) -> bytes:
    message = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": []}
    return _event("message-start", {"id": envelope.request_id, "delta": {"message": message}})


def _content(step: Step, envelope: Envelope) -> bytes:
    """A piece of a block; the first of a channel closes the block before and opens its own."""
    progress = envelope.progress
    key = _KEYS[step.channel or Channel.TEXT]
    if step.channel is progress.channel:
        return _block_event("content-delta", len(progress.tokens) - 1, {key: step.text})
    index = len(progress.tokens)
    opening = _block_event("content-start", index, {"type": key, key: ""})
    piece = _block_event("content-delta", index, {key: step.text})
    return _block_end(envelope) + opening + piece


def _block_event(kind: str, index: int, content: Mapping[str, str]) -> bytes:
    return _event(kind, {"index": index, "delta": {"message": {"content": content}}})


def _block_end(envelope: Envelope) -> bytes:
    blocks = len(envelope.progress.tokens)
    return _event("content-end", {"index": blocks - 1}) if blocks else b""


def _message_end(finish: Finish | None, usage: Usage | None) -> bytes:
    return _event("message-end", {"delta": _end(finish, usage)})


def _end(finish: Finish | None, usage: Usage | None) -> dict[str, Any]:
    reason = {"finish_reason": _FINISHES[finish]} if finish else {}
    return {**reason, **({"usage": _usage(usage)} if usage else {})}


def _usage(usage: Usage) -> dict[str, Any]:
    counts = {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens}
    return {"billed_units": counts, "tokens": counts, "cached_tokens": usage.cached_tokens}


def _failure() -> dict[str, str]:
    return {"error": _FAILED, "finish_reason": "ERROR"}
