"""Pure: a group as OpenRouter lists the endpoints of a model, for clients that were written for it.

Format: OpenRouter's `GET /api/v1/models/{author}/{slug}/endpoints` (openapi.yaml, PublicEndpoint).
What we do not know is null. Where the form has no null, because clients refuse it, it is what
OpenRouter writes for what varies or is not offered: 0, false, nothing, and -1 for a price.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from monitor.health.percentiles import Lately, Percentiles
from monitor.model.health import State
from monitor.model.routing import Candidate, GroupRouting
from monitor.model.target import Prices, Target

#: OpenRouter's; below it, the lower the worse.
_AS_IT_SHOULD_BE = 0
_STATUSES = {
    State.UP: _AS_IT_SHOULD_BE,
    State.UNKNOWN: _AS_IT_SHOULD_BE,
    State.DEGRADED: -1,
    State.RECOVERING: -2,
    State.DOWN: -5,
    State.BLOCKED: -10,
}
_UPTIMES = {"uptime_last_5m": "5m", "uptime_last_30m": "30m", "uptime_last_1d": "24h"}
_MILLION = 1_000_000
_MILLISECONDS = 1000
#: Digits of a price behind the point, of a token.
_PRICE_DIGITS = 12
_NO_PRICE = "-1"
#: Of what an endpoint may offer beside plain text we have tried nothing.
_UNTRIED: Mapping[str, object] = {
    "context_length": 0,
    "max_prompt_tokens": None,
    "max_completion_tokens": None,
    "native_tools": {},
    "quantization": None,
    "service_tier": None,
    "supported_parameters": [],
    "supports_diarization": False,
    "supports_implicit_caching": False,
    "supports_tool_choice": {"auto": False, "function": False, "none": False, "required": False},
}
_NOT_IN_TAGS = re.compile(r"[^\w./:+-]+")


def endpoints_shape(
    group: GroupRouting, lately: Mapping[str, Lately], *, is_open: bool = False
) -> dict[str, Any]:
    """Show a group.

    Args:
        group: With its targets.
        lately: How quick they were in the last half hour, by key.
        is_open: Say of nobody that it is not as it should be, because that may be true no more.
    """
    tags = _tags([each.view.target for each in group.candidates])
    slug = group.group.rpartition("/")[2]
    endpoints = [_endpoint(each, tags[each.view.target.key], lately) for each in group.candidates]
    if is_open:
        endpoints = [{**each, "status": _AS_IT_SHOULD_BE} for each in endpoints]
    return {
        "data": {
            "id": group.group,
            "name": slug,
            "created": 0,
            "description": "",
            "architecture": {
                "modality": "text->text",
                "input_modalities": ["text"],
                "output_modalities": ["text"],
                "tokenizer": None,
                "instruct_type": None,
            },
            "endpoints": endpoints,
        }
    }


def _endpoint(candidate: Candidate, tag: str, lately: Mapping[str, Lately]) -> dict[str, Any]:
    target, windows = candidate.view.target, candidate.view.windows
    quick = lately.get(target.key, Lately())
    uptimes = {
        name: windows[window].openrouter_uptime_ratio if window in windows else None
        for name, window in _UPTIMES.items()
    }
    return {
        "name": f"{target.provider}: {target.model}",
        "model_id": target.group,
        "model_name": target.model,
        "provider_name": target.provider,
        "tag": tag,
        **_UNTRIED,
        "context_length": target.context_tokens or 0,
        "max_completion_tokens": target.longest_output_tokens,
        "pricing": _pricing(target.prices),
        "status": _STATUSES[candidate.state],
        **{name: None if ratio is None else 100 * ratio for name, ratio in uptimes.items()},
        "latency_last_30m": _percentiles(quick.ttft_seconds, _MILLISECONDS),
        "throughput_last_30m": _percentiles(quick.tokens_per_second, 1),
    }


def _pricing(prices: Prices | None) -> dict[str, str]:
    if prices is None:
        return {"prompt": _NO_PRICE, "completion": _NO_PRICE}
    return {
        "prompt": _per_token(prices.input_usd_per_million),
        "completion": _per_token(prices.output_usd_per_million),
    }


def _per_token(usd_per_million: float) -> str:
    """Write a price as OpenRouter does.

    >>> _per_token(0.15), _per_token(0.0), _per_token(60.0)
    ('0.00000015', '0', '0.00006')
    """
    return f"{usd_per_million / _MILLION:.{_PRICE_DIGITS}f}".rstrip("0").removesuffix(".")


def _percentiles(told: Percentiles | None, scale: int) -> dict[str, float] | None:
    if told is None:
        return None
    return {name: round(value * scale, 3) for name, value in told._asdict().items()}


def _tags(targets: list[Target]) -> dict[str, str]:
    """Name each target of a group as OpenRouter would: `provider`, or `provider/variant`.

    Where that is not enough to tell them apart, the key does.
    """
    short = {each.key: _tag(each.provider, each.key.partition("@")[2]) for each in targets}
    seen = Counter(short.values())
    return {key: tag if seen[tag] == 1 else _tag(*key.split("@", 1)) for key, tag in short.items()}


def _tag(name: str, variant: str = "") -> str:
    """Join a tag.

    >>> _tag("azure", "Sweden Central"), _tag("acme")
    ('azure/Sweden-Central', 'acme')
    """
    return _NOT_IN_TAGS.sub("-", f"{name}/{variant}" if variant else name)
