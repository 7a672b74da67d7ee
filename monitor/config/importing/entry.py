"""One entry of a `model_list` into what is to become a target."""

import math
import re
from dataclasses import dataclass

from monitor.config import checks
from monitor.config.errors import Place
from monitor.config.importing.parameters import Parameters, Unusable, unique
from monitor.config.importing.providers import BARE, ROWS, own_name
from monitor.config.importing.reaching import Reached, reach
from monitor.config.presets import PRESETS

_MILLION = 1_000_000
_LONGEST_GROUP = 150
_COSTS = {
    "input_cost_per_token": "input_usd_per_million",
    "output_cost_per_token": "output_usd_per_million",
}
_AUTHOR = "litellm"
_CHAT, _RESPONSES = "openai_chat", "responses"
_NO_CHAT = re.compile(
    r"embed|whisper|tts|dall-e|gpt-image|imagen|rerank|moderation|transcribe|realtime",
    re.IGNORECASE,
)
_SERIES = re.compile(r"azure/(o_series|gpt5_series)/")
#: How LiteLLM chooses, limits and asks: nothing that a probe would do.
_OTHERS_BUSINESS = frozenset(
    {
        "budget_duration",
        "cache_creation_input_token_cost",
        "cache_read_input_token_cost",
        "default_api_key_rpm_limit",
        "default_api_key_tpm_limit",
        "drop_params",
        "max_budget",
        "max_parallel_requests",
        "max_retries",
        "max_tokens",
        "merge_reasoning_content_in_choices",
        "num_retries",
        "order",
        "rpm",
        "stream_timeout",
        "tags",
        "temperature",
        "timeout",
        "tpm",
        "use_in_pass_through",
        "weight",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is to become a target.

    Attributes:
        place: Of the entry.
        reached: How it is reached.
        group: The logical model; as our configuration writes it.
        is_reasoning: It is known to reason, by what it is based on.
        deployment: What LiteLLM calls it; None if that changes with its settings.
        prices: US dollars per million tokens, if both are said.
        left: What was said and is not taken over.
    """

    place: Place
    reached: Reached
    group: str
    is_reasoning: bool = False
    deployment: str | None = None
    prices: dict[str, float] | None = None
    left: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[str, bool]:
        """What all targets of a model have in common."""
        return self.group, self.is_reasoning


def draft(name: str, group: str, said: Parameters, info: Parameters) -> Draft:
    """Make a draft of an entry that names its model *name*.

    Args:
        name: LiteLLM's `model_name`.
        group: Ours.
        said: Its `litellm_params`.
        info: Its `model_info`.

    Raises:
        Unusable: It cannot be taken over.
        ValueError: A value does not look as it must.
    """
    model = said.take("model")
    if not isinstance(model, str) or not model:
        raise Unusable("names no model")
    if "*" in f"{name}{model}":
        raise Unusable("is a wildcard", "write an entry for each model that is to be probed")
    mode = info.take("mode")
    _check_mode(model, mode)
    reached = _reach(model, said)
    reached.settings.update(_spoken(mode, reached))
    prices = _prices(said, info)
    unpriced = () if prices else [cost for cost in _COSTS if said.has(cost) or info.has(cost)]
    return Draft(
        place=said.place[:-1],
        reached=reached,
        group=group,
        is_reasoning=_is_reasoning(model, reached.preset, info.take("base_model")),
        deployment=_deployment(info.take("id")),
        prices=prices,
        left=(*unpriced, *(name for name in said.left if name not in _OTHERS_BUSINESS)),
    )


def _check_mode(model: str, mode: object) -> None:
    if mode not in (None, "chat", _RESPONSES):
        raise Unusable("has a mode other than chat, which probes cannot ask")
    if mode is None and _NO_CHAT.search(model):
        raise Unusable("is no chat model by its name", "if it is one, say mode: chat")


def _spoken(mode: object, reached: Reached) -> dict[str, str]:
    """Give the wire format, where it is not the preset's."""
    own = PRESETS[reached.preset].dialect if reached.preset else _CHAT
    if mode != _RESPONSES or own != _CHAT:
        return {}
    if "query" in reached.settings:
        raise Unusable("has the mode responses and a dated api_version", "write api_version: v1")
    return {"dialect": "openai_responses"}


def _reach(model: str, said: Parameters) -> Reached:
    provider = said.take("custom_llm_provider")
    prefix, slash, rest = model.partition("/")
    if provider is None and not (slash and prefix in ROWS):
        if slash:
            raise Unusable(f"has a provider that is not known here{_shown(prefix)}")
        provider = next((name for form, name in BARE if re.match(form, model)), None)
        if provider is None:
            raise Unusable("does not say its provider", "write provider/model, as openai/gpt-4o")
    if provider is None or provider == prefix:
        provider, model = prefix, rest
    row = ROWS.get(str(provider))
    if row is None:
        raise Unusable(f"has a provider that is not known here{_shown(str(provider))}")
    return reach(row, own_name(str(provider), model), said)


def _shown(prefix: str) -> str:
    return f": {prefix}" if re.fullmatch(r"[a-z0-9_-]{1,30}", prefix) else ""


def _is_reasoning(model: str, preset: str | None, base_model: object) -> bool:
    """It is known by the model that a deployment is made of, whose own name says nothing."""
    if _SERIES.match(model):
        return True
    if preset is None or not isinstance(base_model, str):
        return False
    return PRESETS[preset].is_reasoning(base_model.rpartition("/")[2])


def _deployment(given: object) -> str | None:
    if given in (None, ""):
        return None
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise Unusable("its model_info.id is no text", "put it in quotes")
    return checks.model_name(str(given))


def _prices(said: Parameters, info: Parameters) -> dict[str, float] | None:
    prices: dict[str, float] = {}
    for theirs, ours in _COSTS.items():
        from_info, own = info.take(theirs), said.take(theirs)
        price = _per_million(own if own is not None else from_info)
        prices |= {ours: price} if price is not None else {}
    # One alone would pass for all that a run costs.
    return prices if len(prices) > 1 else None


def _per_million(given: object) -> float | None:
    try:
        price = float(str(given)) * _MILLION
    except ValueError:
        return None
    return float(f"{price:.6g}") if 0 <= price <= _MILLION and math.isfinite(price) else None


def group_names(names: list[str]) -> dict[str, str]:
    """Give each of LiteLLM's model names its group.

    >>> group_names(["gpt-4o", "acme/large", "my model"])
    {'gpt-4o': 'litellm/gpt-4o', 'acme/large': 'acme/large', 'my model': 'litellm/my-model'}
    """
    groups = {name: name for name in names if _is_group(name)}
    taken = set(groups.values())
    for name in names:
        if name in groups:
            continue
        slug = re.sub(r"[^\w.:@+-]+", "-", name, flags=re.ASCII).strip("-") or "unnamed"
        stem = f"{_AUTHOR}/{slug[:_LONGEST_GROUP]}"
        groups[name] = unique(stem, taken)
        taken.add(groups[name])
    return {name: groups[name] for name in names}


def _is_group(name: str) -> bool:
    try:
        checks.group_name(name)
    except ValueError:
        return False
    return True
