"""Answers that do not come from the endpoint that was asked: caches and fallbacks of gateways."""

import json
from collections.abc import Mapping

from monitor.probes.exchange import Exchange

#: Gateways that say whether their cache answered.
_CACHE_HEADERS = (
    "x-openrouter-cache-status",
    "cf-aig-cache-status",
    "helicone-cache",
    "x-portkey-cache-status",
)
_METADATA = b'"openrouter_metadata"'
_MAX_LINE = 1 << 18


def misrouted(exchange: Exchange) -> str | None:
    """Name the rule by which a good answer is not the target's own; None if it is."""
    headers = exchange.headers
    if any(headers.get(name, "").strip().upper() == "HIT" for name in _CACHE_HEADERS):
        return "misrouted-cache"
    return _misrouted_by_metadata(_metadata(exchange.body))


def _misrouted_by_metadata(metadata: Mapping[str, object]) -> str | None:
    """OpenRouter describes each routing decision when asked to (X-OpenRouter-Metadata)."""
    attempts, attempt = metadata.get("attempts"), metadata.get("attempt")
    if metadata.get("strategy") == "fallback":
        return "misrouted-fallback"
    is_late = isinstance(attempt, int) and attempt > 1
    return "misrouted-attempt" if is_late or _length(attempts) > 1 else None


def _length(value: object) -> int:
    return len(value) if isinstance(value, list) else 0


def _metadata(body: bytes) -> Mapping[str, object]:
    """Find the metadata in a whole answer, or in the last event that has it."""
    at = body.rfind(_METADATA)
    if at < 0:
        return {}
    for document in (body, _line_at(body, at)):
        if len(document) <= _MAX_LINE:
            try:
                answer = json.loads(document)
            except (ValueError, RecursionError):
                continue
            metadata = answer.get("openrouter_metadata") if isinstance(answer, dict) else None
            return metadata if isinstance(metadata, dict) else {}
    return {}


def _line_at(body: bytes, at: int) -> bytes:
    start = body.rfind(b"\n", 0, at) + 1
    end = body.find(b"\n", at)
    return body[start : end if end >= 0 else len(body)].strip().removeprefix(b"data:")
