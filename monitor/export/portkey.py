"""Pure: a group as a config of the Portkey gateway, to be sent with each request.

It holds no keys. Who sends it adds them (`api_key`), or names them (`virtual_key`).
"""

from typing import Any

from monitor.model.routing import Candidate, GroupRouting
from monitor.model.target import Target

#: What Portkey calls who speaks a dialect; any server may, so its address goes with it.
_PROVIDERS = {
    "openai_chat": "openai",
    "openai_responses": "openai",
    "anthropic_messages": "anthropic",
    "gemini_generate": "google",
    "cohere_chat": "cohere",
    "bedrock_converse": "bedrock",
    "ollama_chat": "ollama",
}
#: The end of a base URL that Portkey writes itself.
_WRITTEN_BY_PORTKEY = {"gemini_generate": "/v1beta"}
#: Where Portkey finds the address by the region, and wants no other.
_BY_REGION = "bedrock_converse"


def portkey_config(group: GroupRouting, *, is_open: bool = False) -> dict[str, Any]:
    """Write the config: the weights, and `isOpen` for those that get nothing.

    Args:
        group: With its targets.
        is_open: Leave the weights out, because they may be true no more: all get the same.
    """
    return {
        # Without an id the gateway looks at no `isOpen`.
        "id": f"llmprobe-{group.group}",
        "strategy": {"mode": "loadbalance"},
        "targets": [_target(each, 1.0 if is_open else each.weight) for each in group.candidates],
    }


def _target(candidate: Candidate, weight: float) -> dict[str, Any]:
    target: Target = candidate.view.target
    return {
        "name": target.key,
        "provider": _PROVIDERS.get(target.dialect, "openai"),
        **_address(target),
        "override_params": {"model": target.model},
        "weight": weight,
        # In its words a circuit that is open lets nothing through.
        "isOpen": weight <= 0,
    }


def _address(target: Target) -> dict[str, str]:
    if target.dialect == _BY_REGION:
        return {"aws_region": target.region} if target.region else {}
    return {
        "custom_host": target.base_url.removesuffix(_WRITTEN_BY_PORTKEY.get(target.dialect, ""))
    }
