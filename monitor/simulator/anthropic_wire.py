"""The dialect of Anthropic's Messages API, as a server speaks it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from monitor.simulator.anthropic_errors import ANTHROPIC_ERRORS, invalid_request
from monitor.simulator.dialect import Ask, Envelope, ListModels
from monitor.simulator.faults import FaultKind
from monitor.simulator.http import Answer, Request, json_answer
from monitor.simulator.plan import Channel, Finish, Part, Step, Usage

_CREATED = "2025-01-01T00:00:00Z"
_SIGNATURE = "c2ltdWxhdGVk"

#: The block of each channel: its type, and the member that holds its text.
_BLOCKS = {Channel.TEXT: "text", Channel.REASONING: "thinking"}
_REASONS = {Finish.STOP: "end_turn", Finish.LENGTH: "max_tokens"}


class AnthropicDialect:
    """Messages and the list of models, streamed as named server-sent events or whole."""

    base_path = ""
    stream_type = "text/event-stream; charset=utf-8"

    def key_of(self, request: Request) -> str | None:
        """The key header, or a bearer token; None without either."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        bearer = token.strip() if scheme.lower() == "bearer" else None
        return request.headers.get("x-api-key", bearer)

    def read(self, request: Request) -> Ask | ListModels | Answer:
        """Route the request and decode its body; what is wrong with it is an `Answer`."""
        if "anthropic-version" not in request.headers:
            return invalid_request("anthropic-version: header is required")
        match request.method, request.path:
            case "POST", "/v1/messages":
                return _read_message(request)
            case "GET", "/v1/models":
                return ListModels()
            case _:
                return invalid_request("Not Found", 404)

    def models(self, names: Sequence[str]) -> Answer:
        """The list of models, in the order given."""
        data = [
            {"type": "model", "id": name, "display_name": name, "created_at": _CREATED}
            for name in names
        ]
        edges = {"first_id": next(iter(names), None), "last_id": next(reversed(names), None)}
        return json_answer(200, {"data": data, "has_more": False, **edges})

    def error(self, fault: FaultKind, model: str) -> Answer:
        """The API's own words for *fault*.

        Raises:
            KeyError: The fault is not one that is answered by an API error.
        """
        return ANTHROPIC_ERRORS[fault].answer(model)

    def event(self, step: Step, envelope: Envelope) -> bytes:
        """The server-sent events of one step: blocks are opened and closed as they are due."""
        return b"".join(_event(body) for body in _events(step, envelope))

    def whole(self, steps: Sequence[Step], envelope: Envelope) -> bytes:
        """The answer as one object; an error step makes it an error object under a 200."""
        if any(step.part is Part.ERROR for step in steps):
            return json.dumps(_in_stream_error()).encode()
        finish = next((step.finish for step in steps if step.finish), None)
        usage = next((step.usage for step in steps if step.usage), None)
        texts = {channel: _said(steps, channel) for channel in (Channel.REASONING, Channel.TEXT)}
        message = _message(envelope) | {
            "content": [_block(channel, text) for channel, text in texts.items() if text],
            "stop_reason": _REASONS[finish] if finish else None,
        }
        return json.dumps(message | ({"usage": _usage(usage)} if usage else {})).encode()


def _read_message(request: Request) -> Ask | Answer:
    try:
        body = request.json()
    except ValueError:
        return invalid_request("The request body is not valid JSON.")
    if not isinstance(body, dict):
        return invalid_request("Input should be an object")
    if complaint := _complaint(body):
        return invalid_request(complaint)
    return Ask(
        model=body["model"],
        prompt="\n".join(_text(message) for message in body["messages"]),
        stream=bool(body.get("stream")),
        limit=body["max_tokens"],
        wants_usage=True,
    )


def _complaint(body: Mapping[str, Any]) -> str | None:
    """What is wrong with the parameters; None if nothing is."""
    for name in ("model", "messages", "max_tokens"):
        if name not in body:
            return f"{name}: Field required"
    if not (isinstance(body["model"], str) and body["model"]):
        return "model: Input should be a valid string"
    messages = body["messages"]
    if not (isinstance(messages, list) and messages):
        return "messages: at least one message is required"
    if not all(isinstance(message, dict) for message in messages):
        return "messages.0: Input should be an object"
    limit = body["max_tokens"]
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        return "max_tokens: Input should be greater than or equal to 1"
    return None


def _text(message: Mapping[str, Any]) -> str:
    """The text of a message, whose content is a string or a list of blocks."""
    content = message.get("content")
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return "" if content is None else str(content)


def _said(steps: Sequence[Step], channel: Channel) -> str:
    return "".join(step.text for step in steps if step.channel is channel)


def _event(body: Mapping[str, Any]) -> bytes:
    data = json.dumps(body, separators=(",", ":"))
    return f"event: {body['type']}\ndata: {data}\n\n".encode()


def _events(step: Step, envelope: Envelope) -> Iterator[dict[str, Any]]:
    """What is due at a step; finish and usage travel together, right before the terminal."""
    match step.part:
        case Part.COMMENT:
            yield {"type": "ping"}
        case Part.ERROR:
            yield _in_stream_error()
        case Part.ROLE:
            yield from _start(envelope)
        case Part.TOKENS if step.channel:
            yield from _start(envelope)
            yield from _speak(step.channel, step.text, envelope)
        case Part.DONE if not envelope.progress.failed:
            yield from _start(envelope)
            yield from _close(envelope)
            yield from _end(envelope)
        case _:
            return


def _start(envelope: Envelope) -> Iterator[dict[str, Any]]:
    if envelope.progress.begun:
        return
    message = _message(envelope)
    if envelope.reports_usage:
        message["usage"] = _usage(
            Usage(
                input_tokens=envelope.input_tokens,
                output_tokens=1,
                cached_tokens=envelope.cached_tokens,
            )
        )
    yield {"type": "message_start", "message": message}


def _speak(channel: Channel, text: str, envelope: Envelope) -> Iterator[dict[str, Any]]:
    index = len(envelope.progress.tokens.keys() | {channel}) - 1
    if envelope.progress.channel is not channel:
        yield from _close(envelope)
        block = _block(channel, "")
        yield {"type": "content_block_start", "index": index, "content_block": block}
    name = _BLOCKS[channel]
    delta = {"type": f"{name}_delta", name: text}
    yield {"type": "content_block_delta", "index": index, "delta": delta}


def _close(envelope: Envelope) -> Iterator[dict[str, Any]]:
    """Close the block that is open, if one is; thinking is signed at its end."""
    index = len(envelope.progress.tokens) - 1
    if envelope.progress.channel is Channel.REASONING:
        delta = {"type": "signature_delta", "signature": _SIGNATURE}
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    if envelope.progress.channel:
        yield {"type": "content_block_stop", "index": index}


def _end(envelope: Envelope) -> Iterator[dict[str, Any]]:
    finish, usage = envelope.progress.finish, envelope.progress.usage
    delta = {"stop_reason": _REASONS[finish] if finish else None, "stop_sequence": None}
    counts = {"usage": _usage(usage)} if usage else {}
    yield {"type": "message_delta", "delta": delta, **counts}
    yield {"type": "message_stop"}


def _message(envelope: Envelope) -> dict[str, Any]:
    return {
        "id": f"msg_{envelope.request_id}",
        "type": "message",
        "role": "assistant",
        "model": envelope.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def _block(channel: Channel, text: str) -> dict[str, Any]:
    name = _BLOCKS[channel]
    signature = {"signature": _SIGNATURE if text else ""} if channel is Channel.REASONING else {}
    return {"type": name, name: text, **signature}


def _usage(usage: Usage) -> dict[str, Any]:
    """The counts; what came from the cache is not among the input tokens."""
    return {
        "input_tokens": usage.input_tokens - usage.cached_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": usage.cached_tokens,
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"thinking_tokens": usage.reasoning_tokens},
        "service_tier": "standard",
    }


def _in_stream_error() -> dict[str, Any]:
    return ANTHROPIC_ERRORS[FaultKind.SERVER_ERROR].body()
