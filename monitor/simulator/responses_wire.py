"""The dialect of OpenAI's Responses API, as a server speaks it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from monitor.simulator.dialect import Ask, Envelope, ListModels
from monitor.simulator.faults import FaultKind
from monitor.simulator.http import Answer, Request
from monitor.simulator.openai_errors import API_ERRORS, invalid_request
from monitor.simulator.openai_wire import OpenAIDialect
from monitor.simulator.plan import Channel, Finish, Part, Step, Usage

#: A keep-alive line, which is no event.
_COMMENT = b": keep-alive\n\n"
#: The API refuses a lower ceiling on tokens.
_LEAST_LIMIT = 16

_KINDS = {Channel.REASONING: "reasoning", Channel.TEXT: "message"}
_DELTAS = {
    Channel.REASONING: "response.reasoning_summary_text",
    Channel.TEXT: "response.output_text",
}


class ResponsesDialect(OpenAIDialect):
    """Responses, streamed as named server-sent events or whole; the rest is as with chat."""

    def read(self, request: Request) -> Ask | ListModels | Answer:
        """Route the request and decode its body; what is wrong with it is an `Answer`."""
        match request.method, request.path:
            case "POST", "/v1/responses":
                return _read_response(request)
            case "GET", "/v1/models":
                return ListModels()
            case _:
                return invalid_request(404, f"Invalid URL ({request.method} {request.path})")

    def event(self, step: Step, envelope: Envelope) -> bytes:
        """The server-sent events of one step: items are opened and closed as they are due."""
        if step.part is Part.COMMENT:
            return _COMMENT
        numbered = (
            {**body, "sequence_number": envelope.progress.number()}
            for body in _events(step, envelope)
        )
        return b"".join(_event(body) for body in numbered)

    def whole(self, steps: Sequence[Step], envelope: Envelope) -> bytes:
        """The answer as one object; an error step makes it a failed response under a 200."""
        if any(step.part is Part.ERROR for step in steps):
            return json.dumps(_failed(envelope)).encode()
        for step in steps:
            envelope.progress.take(step)
        return json.dumps(_finished(envelope)).encode()


def _read_response(request: Request) -> Ask | Answer:
    try:
        body = request.json()
    except ValueError:
        return invalid_request(400, "We could not parse the JSON body of your request.")
    if not isinstance(body, dict):
        return invalid_request(400, "The body of your request must be a JSON object.")
    if complaint := _complaint(body):
        return invalid_request(400, *complaint)
    return Ask(
        model=body["model"],
        prompt=_prompt(body["input"]),
        stream=bool(body.get("stream")),
        limit=body.get("max_output_tokens"),
        wants_usage=True,
    )


def _complaint(body: Mapping[str, Any]) -> tuple[str, str] | None:
    """What is wrong with the parameters, and with which; None if nothing is."""
    if not (isinstance(body.get("model"), str) and body["model"]):
        return "Missing required parameter: 'model'.", "model"
    if not (isinstance(body.get("input"), str | list) and body["input"]):
        return "Missing required parameter: 'input'.", "input"
    limit = body.get("max_output_tokens")
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int)):
        return "Invalid type for 'max_output_tokens': expected an integer.", "max_output_tokens"
    if limit is not None and limit < _LEAST_LIMIT:
        return (
            "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16.",
            "max_output_tokens",
        )
    if body.get("stream_options") is not None and not body.get("stream"):
        return (
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            "stream_options",
        )
    return None


def _prompt(given: str | list[Any]) -> str:
    """The text of the input: a string, or items with a string or parts."""
    if isinstance(given, str):
        return given
    return "\n".join(_text(item.get("content")) for item in given if isinstance(item, dict))


def _text(content: object) -> str:
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return "" if content is None else str(content)


def _event(body: Mapping[str, Any]) -> bytes:
    data = json.dumps(body, separators=(",", ":"))
    return f"event: {body['type']}\ndata: {data}\n\n".encode()


def _events(step: Step, envelope: Envelope) -> Iterator[dict[str, Any]]:
    """What is due at a step; finish and usage travel in the last event."""
    match step.part:
        case Part.ROLE:
            yield from _start(envelope)
        case Part.TOKENS if step.channel:
            yield from _start(envelope)
            yield from _speak(step.channel, step.text, envelope)
        case Part.ERROR:
            error = API_ERRORS[FaultKind.SERVER_ERROR]
            yield {"type": "error", "code": error.kind, "message": error.message, "param": None}
            yield {"type": "response.failed", "response": _failed(envelope)}
        case Part.DONE if not envelope.progress.failed:
            yield from _start(envelope)
            yield from _close(envelope)
            response = _finished(envelope)
            yield {"type": f"response.{response['status']}", "response": response}
        case _:
            return


def _start(envelope: Envelope) -> Iterator[dict[str, Any]]:
    if not envelope.progress.begun:
        for kind in ("response.created", "response.in_progress"):
            yield {"type": kind, "response": _response(envelope, "in_progress")}


def _speak(channel: Channel, text: str, envelope: Envelope) -> Iterator[dict[str, Any]]:
    index = len(envelope.progress.tokens.keys() | {channel}) - 1
    place = _place(channel, index, envelope)
    if envelope.progress.channel is not channel:
        yield from _close(envelope)
        item = _item(channel, "", "in_progress", envelope)
        yield {"type": "response.output_item.added", "output_index": index, "item": item}
        yield {"type": _part_event(channel, "added"), **place, "part": _part(channel, "")}
    yield {"type": f"{_DELTAS[channel]}.delta", **place, "delta": text, **_logprobs(channel)}


def _close(envelope: Envelope) -> Iterator[dict[str, Any]]:
    """Close the item that is open, if one is."""
    channel = envelope.progress.channel
    if channel is None:
        return
    index = len(envelope.progress.tokens) - 1
    place, text = _place(channel, index, envelope), envelope.progress.text(channel)
    yield {"type": f"{_DELTAS[channel]}.done", **place, "text": text, **_logprobs(channel)}
    yield {"type": _part_event(channel, "done"), **place, "part": _part(channel, text)}
    item = _item(channel, text, "completed", envelope)
    yield {"type": "response.output_item.done", "output_index": index, "item": item}


def _logprobs(channel: Channel) -> dict[str, list[object]]:
    return {"logprobs": []} if channel is Channel.TEXT else {}


def _place(channel: Channel, index: int, envelope: Envelope) -> dict[str, Any]:
    inner = "summary_index" if channel is Channel.REASONING else "content_index"
    return {"item_id": _item_id(channel, envelope), "output_index": index, inner: 0}


def _part_event(channel: Channel, what: str) -> str:
    kind = "reasoning_summary_part" if channel is Channel.REASONING else "content_part"
    return f"response.{kind}.{what}"


def _part(channel: Channel, text: str) -> dict[str, Any]:
    if channel is Channel.REASONING:
        return {"type": "summary_text", "text": text}
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _item(channel: Channel, text: str, status: str, envelope: Envelope) -> dict[str, Any]:
    parts = [_part(channel, text)] if text else []
    item: dict[str, Any] = {"id": _item_id(channel, envelope), "type": _KINDS[channel]}
    if channel is Channel.REASONING:
        return {**item, "summary": parts}
    return {**item, "status": status, "role": "assistant", "content": parts}


def _item_id(channel: Channel, envelope: Envelope) -> str:
    return f"{'rs' if channel is Channel.REASONING else 'msg'}_{envelope.request_id}"


def _finished(envelope: Envelope) -> dict[str, Any]:
    progress = envelope.progress
    is_cut = progress.finish is Finish.LENGTH
    status = "incomplete" if is_cut else "completed"
    return _response(envelope, status) | {
        "output": [
            _item(channel, progress.text(channel), status, envelope) for channel in progress.tokens
        ],
        "incomplete_details": {"reason": "max_output_tokens"} if is_cut else None,
        "usage": _usage(progress.usage) if progress.usage else None,
    }


def _failed(envelope: Envelope) -> dict[str, Any]:
    error = API_ERRORS[FaultKind.SERVER_ERROR]
    told = {"code": error.kind, "message": error.message}
    return _response(envelope, "failed") | {"error": told}


def _response(envelope: Envelope, status: str) -> dict[str, Any]:
    return {
        "id": f"resp_{envelope.request_id}",
        "object": "response",
        "created_at": envelope.created,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": envelope.model,
        "output": [],
        "parallel_tool_calls": True,
        "store": False,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": None,
    }


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens},
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }
