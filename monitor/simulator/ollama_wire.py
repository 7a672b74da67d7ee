"""The dialect of Ollama's own chat API, as a server speaks it."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from monitor.simulator.dialect import Ask, Envelope, ListModels
from monitor.simulator.faults import FaultKind
from monitor.simulator.http import Answer, Request, json_answer
from monitor.simulator.plan import Channel, Finish, Part, Step, Usage

_MODIFIED = "2025-01-01T00:00:00Z"
_DIGEST = "0" * 64
#: All durations of the API are in nanoseconds; what they say is of no use to a prober.
_DURATION_NS = 1_000_000

_MESSAGE_KEYS = {Channel.TEXT: "content", Channel.REASONING: "thinking"}

#: Status and words of each error; `{model}` stands for the model's name. There is no 529.
_ERRORS: dict[FaultKind, tuple[int, str]] = {
    FaultKind.RATE_LIMITED: (429, "rate limit exceeded, please slow down"),
    FaultKind.OVERLOADED: (
        503,
        "server busy, please try again.  maximum pending requests exceeded",
    ),
    FaultKind.OVERLOADED_529: (503, "Server overloaded, please retry shortly (ref: simulated)"),
    FaultKind.UNAUTHORIZED: (401, "unauthorized"),
    FaultKind.QUOTA: (
        429,
        "you've reached your weekly usage limit, please wait or upgrade to continue",
    ),
    FaultKind.SERVER_ERROR: (500, "llama runner process has terminated: exit status 2"),
    FaultKind.MODEL_MISSING: (404, "model '{model}' not found"),
}
_STREAM_ERROR = "an error was encountered while running the model: CUDA error"


class OllamaDialect:
    """Chat and the list of models, streamed as lines of JSON or whole."""

    base_path = ""
    stream_type = "application/x-ndjson"

    def key_of(self, request: Request) -> str | None:
        """The bearer token, which only the hosted service asks for."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else None

    def read(self, request: Request) -> Ask | ListModels | Answer:
        """Route the request and decode its body; what is wrong with it is an `Answer`."""
        match request.method, request.path:
            case "POST", "/api/chat":
                return _read_chat(request)
            case "GET", "/api/tags":
                return ListModels()
            case _, ("/api/chat" | "/api/tags"):
                return _error(405, "method not allowed")
            case _:
                return Answer(status=404, body=b"404 page not found", content_type="text/plain")

    def models(self, names: Sequence[str]) -> Answer:
        """The list of models that have been pulled."""
        entries = [
            {
                "name": name,
                "model": name,
                "modified_at": _MODIFIED,
                "size": 1,
                "digest": _DIGEST,
                "details": {"format": "gguf", "family": "simulated", "parameter_size": "1B"},
            }
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
        """One line; the last one says why the model stopped, and the counts."""
        match step.part:
            case Part.DONE:
                return b""
            case Part.FINISH if envelope.reports_usage:
                return b""
            case Part.FINISH:
                return _line(_last_line(envelope, step.finish, None))
            case Part.USAGE:
                return _line(_last_line(envelope, envelope.progress.finish, step.usage))
            case Part.ERROR:
                return _line({"error": _STREAM_ERROR})
            case _:
                return _line(_frame(envelope) | {"message": _message([step]), "done": False})

    def whole(self, steps: Sequence[Step], envelope: Envelope) -> bytes:
        """The answer as one object; an error step makes it an error object under a 200."""
        if any(step.part is Part.ERROR for step in steps):
            return _line({"error": _STREAM_ERROR})
        finish = next((step.finish for step in steps if step.finish), None)
        usage = next((step.usage for step in steps if step.usage), None)
        return _line(_last_line(envelope, finish, usage) | {"message": _message(steps)})


def _read_chat(request: Request) -> Ask | Answer:
    try:
        body = request.json()
    except ValueError:
        return _error(400, "invalid character in the request body")
    if not isinstance(body, dict):
        return _error(400, "json: cannot unmarshal the request body")
    messages, options = body.get("messages"), body.get("options") or {}
    if not (isinstance(body.get("model"), str) and body["model"]):
        return _error(400, "model is required")
    if not isinstance(options, dict) or not _are_objects(messages):
        return _error(400, "json: cannot unmarshal the request body")
    limit = options.get("num_predict")
    return Ask(
        model=body["model"],
        prompt="\n".join(str(message.get("content", "")) for message in messages or ()),
        stream=body.get("stream") is not False,
        limit=limit if isinstance(limit, int) and limit > 0 else None,
        wants_usage=True,
    )


def _are_objects(messages: object) -> bool:
    return messages is None or (
        isinstance(messages, list) and all(isinstance(each, dict) for each in messages)
    )


def _error(status: int, message: str) -> Answer:
    return json_answer(status, {"error": message})


def _line(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode() + b"\n"


def _frame(envelope: Envelope) -> dict[str, Any]:
    created = datetime.fromtimestamp(envelope.created, UTC).isoformat()
    return {"model": envelope.model, "created_at": created.replace("+00:00", "Z")}


def _message(steps: Sequence[Step]) -> dict[str, str]:
    message = {"role": "assistant", "content": ""}
    for step in steps:
        if step.channel:
            key = _MESSAGE_KEYS[step.channel]
            message[key] = message.get(key, "") + step.text
    return message


def _last_line(envelope: Envelope, finish: Finish | None, usage: Usage | None) -> dict[str, Any]:
    return {
        **_frame(envelope),
        "message": _message([]),
        "done": True,
        "done_reason": finish,
        **(_counts(usage) if usage else {}),
    }


def _counts(usage: Usage) -> dict[str, int]:
    return {
        "total_duration": 3 * _DURATION_NS,
        "load_duration": _DURATION_NS,
        "prompt_eval_count": usage.input_tokens,
        "prompt_eval_duration": _DURATION_NS,
        "eval_count": usage.output_tokens,
        "eval_duration": _DURATION_NS,
    }
