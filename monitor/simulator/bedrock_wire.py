"""The dialect of Amazon Bedrock's Converse API, as a server speaks it."""

import json
import re
import struct
from binascii import crc32
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from monitor.simulator.dialect import Ask, Envelope, ListModels
from monitor.simulator.faults import FaultKind
from monitor.simulator.http import Answer, Request, json_answer
from monitor.simulator.plan import Channel, Finish, Part, Step, Usage

_PATH = re.compile(r"/model/([^/]+)/(converse|converse-stream)")
_ACCESS_KEY = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/")
_FINISHES = {Finish.STOP: "end_turn", Finish.LENGTH: "max_tokens"}
#: The type of a header's value: a string of at most 64 KiB.
_STRING = 7
_LATENCY_MS = 42

#: Status, type and words of each error; `{model}` stands for the model's name. There is no 529.
_ERRORS: dict[FaultKind, tuple[int, str, str]] = {
    FaultKind.RATE_LIMITED: (
        429,
        "ThrottlingException",
        "Too many requests, please wait before trying again.",
    ),
    FaultKind.OVERLOADED: (
        503,
        "ServiceUnavailableException",
        "Too many connections, please wait before trying again.",
    ),
    FaultKind.OVERLOADED_529: (
        503,
        "ServiceUnavailableException",
        "Too many connections, please wait before trying again.",
    ),
    FaultKind.UNAUTHORIZED: (
        403,
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    ),
    FaultKind.QUOTA: (
        400,
        "ServiceQuotaExceededException",
        "Your request exceeds the service quota for your account.",
    ),
    FaultKind.SERVER_ERROR: (
        500,
        "InternalServerException",
        "The system encountered an unexpected error during processing. Try your request again.",
    ),
    FaultKind.MODEL_MISSING: (
        404,
        "ResourceNotFoundException",
        "Could not resolve the foundation model from the model identifier: {model}",
    ),
}


class BedrockDialect:
    """Converse and the list of models, streamed as binary frames or whole."""

    base_path = ""
    stream_type = "application/vnd.amazon.eventstream"

    def key_of(self, request: Request) -> str | None:
        """The bearer token, or the name of the key that signed; signatures are not checked."""
        given = request.headers.get("authorization", "")
        scheme, _, key = given.partition(" ")
        if scheme.lower() == "bearer":
            return key.strip()
        signed = _ACCESS_KEY.match(given)
        return signed[1] if signed else None

    def read(self, request: Request) -> Ask | ListModels | Answer:
        """Route the request and decode its body; what is wrong with it is an `Answer`."""
        if (request.method, request.path) == ("GET", "/foundation-models"):
            return ListModels()
        path = _PATH.fullmatch(request.path)
        if path is None or request.method != "POST":
            return _error(404, "UnknownOperationException", "")
        return _read_converse(request, unquote(path[1]), stream=path[2] == "converse-stream")

    def models(self, names: Sequence[str]) -> Answer:
        """The list of models, which the real API serves from another host."""
        entries = [
            {"modelId": name, "modelName": name, "responseStreamingSupported": True}
            for name in names
        ]
        return json_answer(200, {"modelSummaries": entries})

    def error(self, fault: FaultKind, model: str) -> Answer:
        """The API's own words for *fault*.

        Raises:
            KeyError: The fault is not one that is answered by an API error.
        """
        status, kind, message = _ERRORS[fault]
        return _error(status, kind, message.replace("{model}", model))

    def event(self, step: Step, _envelope: Envelope) -> bytes:
        """The frames of a step; the counts come after why the model stopped, then nothing."""
        match step.part:
            case Part.COMMENT:
                return _event("initial-response", {})
            case Part.ROLE:
                return _event("messageStart", {"role": "assistant"})
            case Part.TOKENS:
                role = _event("messageStart", {"role": "assistant"}) if step.opens else b""
                body = {"contentBlockIndex": 0, "delta": _delta(step), "p": "abcdefgh"}
                return role + _event("contentBlockDelta", body)
            case Part.FINISH:
                stop = _event("messageStop", _stop(step))
                return _event("contentBlockStop", {"contentBlockIndex": 0}) + stop
            case Part.USAGE:
                return _event("metadata", _metadata(step))
            case Part.ERROR:
                return _exception(FaultKind.SERVER_ERROR)
            case Part.DONE:
                return b""

    def whole(self, steps: Sequence[Step], _envelope: Envelope) -> bytes:
        """The answer as one object; an error step makes it an error object under a 200."""
        if any(step.part is Part.ERROR for step in steps):
            return json.dumps({"message": _ERRORS[FaultKind.SERVER_ERROR][2]}).encode()
        thoughts, text = (
            "".join(step.text for step in steps if step.channel is channel)
            for channel in (Channel.REASONING, Channel.TEXT)
        )
        reasoning = {"reasoningContent": {"reasoningText": {"text": thoughts}}}
        content = [*([reasoning] if thoughts else []), *([{"text": text}] if text else [])]
        body: dict[str, Any] = {"output": {"message": {"role": "assistant", "content": content}}}
        for step in steps:
            body |= _stop(step) | _metadata(step)
        return json.dumps(body).encode()


def frame(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One frame of an event stream.

    Lengths of all and of the headers, their checksum, headers, payload, the checksum of all;
    numbers are big-endian.
    """
    head = b"".join(
        bytes([len(name)]) + name.encode() + struct.pack("!BH", _STRING, len(value)) + value
        for name, value in ((name, text.encode()) for name, text in headers.items())
    )
    lengths = struct.pack("!II", len(head) + len(payload) + 16, len(head))
    begun = lengths + struct.pack("!I", crc32(lengths)) + head + payload
    return begun + struct.pack("!I", crc32(begun))


def _event(kind: str, body: Mapping[str, Any]) -> bytes:
    return _message("event", kind, body)


def _exception(fault: FaultKind) -> bytes:
    _, kind, message = _ERRORS[fault]
    return _message("exception", kind[0].lower() + kind[1:], {"message": message})


def _message(message_type: str, kind: str, body: Mapping[str, Any]) -> bytes:
    headers = {
        f":{message_type}-type": kind,
        ":content-type": "application/json",
        ":message-type": message_type,
    }
    return frame(headers, json.dumps(body, separators=(",", ":")).encode())


def _read_converse(request: Request, model: str, *, stream: bool) -> Ask | Answer:
    try:
        body = request.json()
    except ValueError:
        return _error(400, "SerializationException", "")
    if not isinstance(body, dict):
        return _error(400, "SerializationException", "")
    messages, inference = body.get("messages"), body.get("inferenceConfig") or {}
    if not (isinstance(messages, list) and all(map(_is_message, messages))):
        return _error(400, "ValidationException", "The field messages is malformed.")
    limit = inference.get("maxTokens") if isinstance(inference, dict) else 0
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        return _error(400, "ValidationException", "The value at maxTokens must be at least 1.")
    return Ask(
        model=model,
        prompt="\n".join(_text(message) for message in messages),
        stream=stream,
        limit=limit,
        wants_usage=True,
    )


def _is_message(message: object) -> bool:
    return isinstance(message, dict) and isinstance(message.get("content"), list)


def _text(message: Mapping[str, Any]) -> str:
    parts = (part for part in message["content"] if isinstance(part, dict))
    return "".join(str(part.get("text", "")) for part in parts)


def _error(status: int, kind: str, message: str) -> Answer:
    return json_answer(status, {"message": message}, (("x-amzn-ErrorType", kind),))


def _delta(step: Step) -> dict[str, Any]:
    if step.channel is Channel.REASONING:
        return {"reasoningContent": {"text": step.text}}
    return {"text": step.text}


def _stop(step: Step) -> dict[str, str]:
    return {"stopReason": _FINISHES[step.finish]} if step.finish else {}


def _metadata(step: Step) -> dict[str, Any]:
    metrics = {"latencyMs": _LATENCY_MS}
    return {"usage": _usage(step.usage), "metrics": metrics} if step.usage else {}


def _usage(usage: Usage) -> dict[str, int]:
    """Cached tokens are counted apart from the rest of the prompt."""
    return {
        "inputTokens": usage.input_tokens - usage.cached_tokens,
        "outputTokens": usage.output_tokens,
        "totalTokens": usage.input_tokens + usage.output_tokens,
        "cacheReadInputTokens": usage.cached_tokens,
        "cacheWriteInputTokens": 0,
    }
