"""Writes the exchanges of this folder, whose bodies are binary frames.

Run `python -m tests.exchanges.bedrock_converse.write` after a change; a test holds the files to
what stands here. A case is a name, what it is about, the body, and what must be made of it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monitor.simulator.bedrock_wire import frame

FOLDER = Path(__file__).parent
_STREAM = "application/vnd.amazon.eventstream"
_JSON = "application/json"


def event(kind: str, body: object, message_type: str = "event") -> bytes:
    """One frame, as the API sends it."""
    headers = {
        f":{message_type}-type": kind,
        ":content-type": "application/json",
        ":message-type": message_type,
    }
    return frame(headers, json.dumps(body).encode())


def said(*pieces: str, index: int = 0) -> bytes:
    """A block of text, a frame a piece; `p` pads the frames to hide their lengths."""
    deltas = ({"contentBlockIndex": index, "delta": {"text": piece}, "p": "ab"} for piece in pieces)
    return b"".join(event("contentBlockDelta", delta) for delta in deltas) + block_stop(index)


def thought(*pieces: str) -> bytes:
    """A block of reasoning, with the signature that some models end it with."""
    deltas = [{"text": piece} for piece in pieces] + [{"signature": "c2ln"}]
    return b"".join(
        event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"reasoningContent": delta}})
        for delta in deltas
    ) + block_stop(0)


def block_stop(index: int) -> bytes:
    """The end of a block."""
    return event("contentBlockStop", {"contentBlockIndex": index})


def stop(reason: str = "end_turn") -> bytes:
    """Why the model stopped."""
    return event("messageStop", {"stopReason": reason})


def counts(**usage: int) -> dict[str, Any]:
    """The token counts, and how long the service took."""
    told = {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18, **usage}
    return {"usage": told, "metrics": {"latencyMs": 551}}


def metadata(**usage: int) -> bytes:
    """The last event."""
    return event("metadata", counts(**usage))


def failed(kind: str, message: str) -> bytes:
    """An exception inside the stream."""
    return event(kind, {"message": message}, "exception")


def whole(*content: Mapping[str, Any], reason: str = "end_turn") -> bytes:
    """An answer that is not streamed."""
    message = {"role": "assistant", "content": content}
    return json.dumps({"output": {"message": message}, "stopReason": reason, **counts()}).encode()


START = event("messageStart", {"role": "assistant"})
TOOL = (
    event(
        "contentBlockStart",
        {"contentBlockIndex": 0, "start": {"toolUse": {"toolUseId": "t1", "name": "weather"}}},
    )
    + event(
        "contentBlockDelta", {"contentBlockIndex": 0, "delta": {"toolUse": {"input": '{"city":'}}}
    )
    + event(
        "contentBlockDelta", {"contentBlockIndex": 0, "delta": {"toolUse": {"input": '"Oslo"}'}}}
    )
    + block_stop(0)
)
_ERROR = frame(
    {":message-type": "error", ":error-code": "InternalFailure", ":error-message": "It failed."},
    b"",
)

#: Name, what it is about, body, expectation, and what is not 200 and a stream.
CASES: tuple[tuple[str, str, bytes, dict[str, Any], dict[str, Any]], ...] = (
    (
        "text",
        "A short answer; the counts come after the terminal event",
        START + said("Red", ", orange", " and green.") + stop() + metadata(),
        {
            "outcome": "ok",
            "phase": None,
            "finish_reason": "end_turn",
            "characters": {"text": 22},
            "input_tokens": 11,
            "output_tokens": 7,
            "reasoning_tokens": None,
            "cached_tokens": None,
        },
        {},
    ),
    (
        "reasoning",
        "A block of reasoning before the block of text; its signature is no token",
        START + thought("The user wants ", "colours.") + said("Red.", index=1) + stop(),
        {"outcome": "ok", "characters": {"reasoning": 23, "text": 4}, "output_tokens": None},
        {},
    ),
    (
        "cached-input",
        "What the cache gave and took is counted beside inputTokens",
        START
        + said("Red.")
        + stop()
        + metadata(cacheReadInputTokens=1000, cacheWriteInputTokens=200),
        {"outcome": "ok", "input_tokens": 1211, "cached_tokens": 1000, "output_tokens": 7},
        {},
    ),
    (
        "ceiling",
        "The answer was cut at maxTokens",
        START + said("Red", ", orange") + stop("max_tokens") + metadata(outputTokens=16),
        {"outcome": "ok", "finish_reason": "max_tokens", "output_tokens": 16},
        {},
    ),
    (
        "tool-use",
        "A call: its name, then its input in pieces",
        START + TOOL + stop("tool_use") + metadata(),
        {"outcome": "ok", "finish_reason": "tool_use", "characters": {"tool": 22}},
        {},
    ),
    (
        "starved",
        "All of the ceiling went into reasoning",
        START + thought("The user wants ", "colours.") + stop("max_tokens") + metadata(),
        {"outcome": "starved", "characters": {"reasoning": 23}},
        {},
    ),
    (
        "empty",
        "A complete answer that says nothing",
        START + stop() + metadata(outputTokens=0),
        {"outcome": "empty", "finish_reason": "end_turn"},
        {},
    ),
    (
        "filtered",
        "A filter stopped the answer",
        START + said("Red") + stop("content_filtered") + metadata(),
        {"outcome": "filtered", "finish_reason": "content_filtered"},
        {},
    ),
    (
        "guardrail",
        "A guardrail answered in the model's place",
        START + said("Sorry, no.") + stop("guardrail_intervened") + metadata(),
        {"outcome": "filtered", "finish_reason": "guardrail_intervened"},
        {},
    ),
    (
        "throttled-in-stream",
        "Throttled after the answer had begun",
        START
        + said("Red")
        + failed("throttlingException", "Too many requests, please wait before trying again."),
        {"outcome": "rate_limited", "phase": "stream", "characters": {"text": 3}},
        {},
    ),
    (
        "model-error-in-stream",
        "The model failed after the answer had begun",
        START + said("Red") + failed("modelStreamErrorException", "The model failed."),
        {"outcome": "server_error", "phase": "stream"},
        {},
    ),
    (
        "unavailable-in-stream",
        "The service is full",
        START
        + failed("serviceUnavailableException", "Too many connections, please wait and try again."),
        {"outcome": "overloaded", "phase": "stream"},
        {},
    ),
    (
        "error-in-stream",
        "An error of the transport below the API, which has no payload",
        START + said("Red") + _ERROR,
        {"outcome": "server_error", "phase": "stream"},
        {},
    ),
    (
        "truncated",
        "The connection was closed in the middle of a frame",
        START + said("Red", ", orange") + stop()[:-9],
        {"outcome": "truncated", "characters": {"text": 11}},
        {},
    ),
    (
        "counts-without-stop",
        "Counts prove nothing",
        START + said("Red") + metadata(),
        {"outcome": "truncated", "output_tokens": 7},
        {},
    ),
    (
        "garbage",
        "Bytes that are no frames",
        b"\x7fELF\x02\x01\x01\x00 <<< not a stream >>>",
        {"outcome": "malformed", "phase": "stream"},
        {},
    ),
    (
        "bad-checksum",
        "A frame whose payload was changed on the way",
        START[:-6] + b"!!" + START[-4:],
        {"outcome": "malformed", "phase": "stream"},
        {},
    ),
    (
        "whole",
        "An answer that was not streamed",
        whole(
            {"reasoningContent": {"reasoningText": {"text": "Colours.", "signature": "c2ln"}}},
            {"text": "Red and green."},
        ),
        {
            "outcome": "ok",
            "finish_reason": "end_turn",
            "characters": {"reasoning": 8, "text": 14},
            "input_tokens": 11,
            "output_tokens": 7,
        },
        {"headers": {"content-type": _JSON}},
    ),
    (
        "whole-tool-use",
        "A call in an answer that was not streamed",
        whole({"toolUse": {"toolUseId": "t1", "name": "weather", "input": {"city": "Oslo"}}}),
        {"outcome": "ok", "characters": {"tool": 7}},
        {"headers": {"content-type": _JSON}},
    ),
    (
        "not-ready-429",
        "A cold model, under the status of a rate limit",
        b'{"message":"The model is not ready to serve inference requests."}',
        {"outcome": "not_ready"},
        {
            "status": 429,
            "headers": {"content-type": _JSON, "x-amzn-errortype": "ModelNotReadyException"},
        },
    ),
    (
        "bad-token-403",
        "A credential that AWS does not know",
        b'{"message":"The security token included in the request is invalid."}',
        {"outcome": "unauthorized"},
        {
            "status": 403,
            "headers": {
                "content-type": _JSON,
                "x-amzn-errortype": "UnrecognizedClientException:http://internal/coral/",
            },
        },
    ),
)


def files() -> dict[Path, bytes]:
    """What the folder must hold."""
    held: dict[Path, bytes] = {}
    for name, about, body, expect, other in CASES:
        usual = {"status": 200, "headers": {"content-type": _STREAM}}
        told = {"about": about, **usual, **other, "expect": expect}
        held[FOLDER / f"{name}.http"] = body
        held[FOLDER / f"{name}.json"] = json.dumps(told, indent=2).encode() + b"\n"
    return held


if __name__ == "__main__":
    for path, data in files().items():
        path.write_bytes(data)
