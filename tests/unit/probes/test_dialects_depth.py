"""Whatever is nested however deep in the call of a tool, a dialect raises nothing but its own."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from monitor.probes.dialect import DialectError
from monitor.probes.dialects import DIALECTS
from monitor.probes.framing import WireEvent

FOLDER = Path(__file__).parents[2] / "exchanges"
NAMES = ("tool-call", "tool-use", "function-call")
STREAMS = [path for name in NAMES for path in sorted(FOLDER.glob(f"*/{name}.http"))]
#: Deeper than any stack; decoders refuse less, but each at a depth of its own.
DEPTH = 5000


def deep() -> object:
    value: object = "x"
    for _ in range(DEPTH):
        value = [value]
    return value


def variants(value: object, other: object) -> Iterator[object]:
    """Put *other* in the place of each part of *value* in turn."""
    yield other
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from ({**value, key: varied} for varied in variants(inner, other))
    if isinstance(value, list):
        for at, inner in enumerate(value):
            yield from (
                [*value[:at], varied, *value[at + 1 :]] for varied in variants(inner, other)
            )


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.parent.name)
def test_no_depth_in_a_stream_is_an_exception(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dialect = DIALECTS[path.parent.name]
    framer = dialect.framer()
    seen = 0

    for event in [*framer.feed(path.read_bytes()), *framer.finish()]:
        document = json.loads(event.data) if event.data.startswith("{") else None
        for variant in variants(document, deep()):
            decoded = f"monitor.probes.dialects.{dialect.name}.decoded"
            monkeypatch.setattr(decoded, lambda _event, variant=variant: variant)
            with suppress(DialectError):
                dialect.parse(WireEvent(event.type, "decoded"))
            seen += 1

    assert seen > len(STREAMS)


#: A whole answer with the call of a tool, in each dialect.
WHOLE: dict[str, object] = {
    "anthropic_messages": {
        "content": [{"type": "tool_use", "name": "f", "input": {"a": 1}}],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 1, "output_tokens": 2},
    },
    "bedrock_converse": {
        "output": {"message": {"content": [{"toolUse": {"name": "f", "input": {"a": 1}}}]}},
        "stopReason": "tool_use",
        "usage": {"inputTokens": 1, "outputTokens": 2},
    },
    "cohere_chat": {
        "message": {
            "tool_plan": "I call",
            "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}],
        },
        "finish_reason": "TOOL_CALL",
        "usage": {"tokens": {"input_tokens": 1, "output_tokens": 2}},
    },
    "gemini_generate": {
        "candidates": [
            {
                "content": {"parts": [{"functionCall": {"name": "f", "args": {"a": 1}}}]},
                "finishReason": "STOP",
            }
        ],
        "usageMetadata": {"promptTokenCount": 1},
    },
    "ollama_chat": {
        "message": {"tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}]},
        "done": True,
        "done_reason": "stop",
    },
    "openai_chat": {
        "choices": [
            {
                "message": {"tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]},
                "finish_reason": "tool_calls",
            }
        ],
        "usage": {"prompt_tokens": 1, "completion_tokens_details": {"reasoning_tokens": 0}},
        "provider": "Acme",
    },
    "openai_responses": {
        "status": "completed",
        "output": [{"type": "function_call", "name": "f", "arguments": "{}"}],
        "usage": {"input_tokens": 1, "input_tokens_details": {"cached_tokens": 0}},
    },
}


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_no_depth_in_a_whole_answer_is_an_exception(name: str) -> None:
    assert DIALECTS[name].parse_whole(WHOLE[name]).pieces

    for variant in variants(WHOLE[name], deep()):
        with suppress(DialectError):
            DIALECTS[name].parse_whole(variant)
