"""The dialect of OpenAI's chat completions, as a server speaks it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from monitor.simulator.dialect import Ask, Envelope, ListModels
from monitor.simulator.faults import FaultKind
from monitor.simulator.http import Answer, Request, json_answer
from monitor.simulator.openai_errors import API_ERRORS, api_error, invalid_request
from monitor.simulator.plan import Channel, Part, Step, Usage

_CREATED = 1_735_689_600

#: A keep-alive line, which is no event.
_COMMENT = b": PROCESSING\n\n"

_DELTA_KEYS = {Channel.TEXT: "content", Channel.REASONING: "reasoning_content"}


class OpenAIDialect:
    """Chat completions and the list of models, streamed as server-sent events or whole."""

    base_path = "/v1"
    stream_type = "text/event-stream; charset=utf-8"

    def key_of(self, request: Request) -> str | None:
        """The bearer token; None if the header is missing or of another scheme."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else None

    def read(self, request: Request) -> Ask | ListModels | Answer:
        """Route the request and decode its body; what is wrong with it is an `Answer`."""
        match request.method, request.path:
            case "POST", "/v1/chat/completions":
                return _read_completion(request)
            case "GET", "/v1/models":
                return ListModels()
            case method, ("/v1/chat/completions" | "/v1/models") as path:
                return invalid_request(405, f"Not allowed to {method} on {path}.")
            case _:
                return invalid_request(404, f"Invalid URL ({request.method} {request.path})")

    def models(self, names: Sequence[str]) -> Answer:
        """The list of models, in the order given."""
        data = [
            {"id": name, "object": "model", "created": _CREATED, "owned_by": "simulator"}
            for name in names
        ]
        return json_answer(200, {"object": "list", "data": data})

    def error(self, fault: FaultKind, model: str) -> Answer:
        """The API's own words for *fault*.

        Raises:
            KeyError: The fault is not one that is answered by an API error.
        """
        return api_error(API_ERRORS[fault], model)

    def event(self, step: Step, envelope: Envelope) -> bytes:
        """One server-sent event."""
        match step.part:
            case Part.COMMENT:
                return _COMMENT
            case Part.DONE:
                return b"data: [DONE]\n\n"
            case Part.ERROR:
                return _event(_in_stream_error())
            case _:
                return _event(_chunk(step, envelope))

    def whole(self, steps: Sequence[Step], envelope: Envelope) -> bytes:
        """The answer as one object; an error step makes it an error object under a 200."""
        if any(step.part is Part.ERROR for step in steps):
            return json.dumps(_in_stream_error()).encode()
        message: dict[str, Any] = {"role": "assistant", "content": _said(steps, Channel.TEXT)}
        if thoughts := _said(steps, Channel.REASONING):
            message["reasoning_content"] = thoughts
        finish = next((step.finish for step in steps if step.finish), None)
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
        body = {**_frame("chat.completion", envelope), "choices": [choice]}
        if usage := next((step.usage for step in steps if step.usage), None):
            body["usage"] = _usage(usage)
        return json.dumps(body).encode()


def _read_completion(request: Request) -> Ask | Answer:
    try:
        body = request.json()
    except ValueError:
        return invalid_request(400, "We could not parse the JSON body of your request.")
    if not isinstance(body, dict):
        return invalid_request(400, "The body of your request must be a JSON object.")
    if complaint := _complaint(body):
        return invalid_request(400, *complaint)
    stream = bool(body.get("stream"))
    options = body.get("stream_options") or {}
    limit = body.get("max_completion_tokens")
    return Ask(
        model=body["model"],
        prompt="\n".join(_text(message) for message in body["messages"]),
        stream=stream,
        limit=body.get("max_tokens") if limit is None else limit,
        wants_usage=not stream or bool(options.get("include_usage")),
    )


def _complaint(body: Mapping[str, Any]) -> tuple[str, str] | None:
    """What is wrong with the parameters, and with which; None if nothing is."""
    if not (isinstance(body.get("model"), str) and body["model"]):
        return "you must provide a model parameter", "model"
    messages = body.get("messages")
    if not (isinstance(messages, list) and messages):
        return "Invalid type for 'messages': expected a non-empty array of objects.", "messages"
    if not all(isinstance(message, dict) for message in messages):
        return "Invalid type for 'messages[0]': expected an object.", "messages"
    return _limit_complaint(body) or _options_complaint(body)


def _limit_complaint(body: Mapping[str, Any]) -> tuple[str, str] | None:
    for name in ("max_tokens", "max_completion_tokens"):
        limit = body.get(name)
        if limit is None:
            continue
        if isinstance(limit, bool) or not isinstance(limit, int):
            return f"Invalid type for '{name}': expected an integer.", name
        if limit < 1:
            return f"Invalid '{name}': integer below minimum value. Expected a value >= 1.", name
    return None


def _options_complaint(body: Mapping[str, Any]) -> tuple[str, str] | None:
    options = body.get("stream_options")
    if options is None:
        return None
    if not body.get("stream"):
        return (
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            "stream_options",
        )
    if not isinstance(options, dict):
        return "Invalid type for 'stream_options': expected an object.", "stream_options"
    return None


def _text(message: Mapping[str, Any]) -> str:
    """The text of a message, whose content is a string or a list of parts."""
    content = message.get("content")
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return "" if content is None else str(content)


def _said(steps: Sequence[Step], channel: Channel) -> str:
    return "".join(step.text for step in steps if step.channel is channel)


def _event(body: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(body, separators=(",", ":")).encode() + b"\n\n"


def _frame(kind: str, envelope: Envelope) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{envelope.request_id}",
        "object": kind,
        "created": envelope.created,
        "model": envelope.model,
        "service_tier": "default",
        "system_fingerprint": "fp_simulator",
    }


def _chunk(step: Step, envelope: Envelope) -> dict[str, Any]:
    frame = _frame("chat.completion.chunk", envelope)
    if step.usage:
        return {**frame, "choices": [], "usage": _usage(step.usage)}
    choice = {"index": 0, "delta": _delta(step), "logprobs": None, "finish_reason": step.finish}
    # Where usage will come at the end, every other chunk says that it has none.
    no_usage = {"usage": None} if envelope.reports_usage else {}
    return {**frame, "choices": [choice], **no_usage}


def _delta(step: Step) -> dict[str, Any]:
    if step.part is Part.ROLE:
        return {"role": "assistant", "content": "", "refusal": None}
    if step.channel is None:
        return {}
    role = {"role": "assistant"} if step.opens else {}
    return {**role, _DELTA_KEYS[step.channel]: step.text}


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning_tokens,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _in_stream_error() -> dict[str, Any]:
    spec = API_ERRORS[FaultKind.SERVER_ERROR]
    return spec.body("")
