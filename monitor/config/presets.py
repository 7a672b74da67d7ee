"""Providers as data: what a name alone says about where to send a request and how.

Sources: each provider's own reference for its OpenAI-compatible endpoint, read in November 2026.
The default model is the cheapest general one that was offered then; write `models` to choose.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """What is known of a provider; the configuration overrides every part.

    Attributes:
        name: The provider's name in the configuration.
        env: The environment variable that holds its API key; None if it needs none.
        base_url: Where the dialect's paths begin.
        dialect: The wire format it speaks.
        auth_header: The header that carries the key.
        auth_prefix: What stands before the key in that header.
        author: Its name as the author of its own models, in groups; None if it has none.
        default_model: Probed when no models are written; None if there is no such model.
        default_group: The group of that model, where its name does not give it.
        reasoning_models: A pattern that begins the names of models that reason or refuse a
            temperature; None if it serves none that are known.
        reasoning_effort: The lowest effort that all of these take; None to send none.
        max_tokens_parameter: The name under which it takes the ceiling on generated tokens.
        include_usage: It takes `stream_options`; if not, it sends the usage unasked.
        headers: Sent with every request, without credentials.
    """

    name: str
    env: str | None = None
    base_url: str
    dialect: str = "openai_chat"
    auth_header: str = "Authorization"
    auth_prefix: str = "Bearer "
    author: str | None = None
    default_model: str | None = None
    default_group: str | None = None
    reasoning_models: str | None = None
    reasoning_effort: str | None = "low"
    max_tokens_parameter: str = "max_tokens"
    include_usage: bool = True
    headers: tuple[tuple[str, str], ...] = ()

    def is_reasoning(self, model: str) -> bool:
        """Say whether *model* is known to reason."""
        pattern = self.reasoning_models
        return pattern is not None and re.match(pattern, model, re.IGNORECASE) is not None


_OPEN_REASONERS = r"(.*/)?(gpt-oss|deepseek-(r1|v4|reasoner)|kimi-k|qwq|.*-(thinking|reasoning))"

_HOSTED = (
    Preset(
        name="openai",
        env="OPENAI_API_KEY",
        base_url="https://api.openai.com/v1",
        author="openai",
        default_model="gpt-6-luna",
        reasoning_models=r"o\d|gpt-([5-9]|\d\d)(?!.*-chat)",
        max_tokens_parameter="max_completion_tokens",
    ),
    Preset(
        name="anthropic",
        env="ANTHROPIC_API_KEY",
        base_url="https://api.anthropic.com/v1",
        author="anthropic",
        default_model="claude-haiku-5-5",
        # These refuse a temperature, and their compatible endpoint takes no effort.
        reasoning_models=r"claude-[a-z]+-(4-[6-9]|[5-9])",
        reasoning_effort=None,
    ),
    Preset(
        name="gemini",
        env="GEMINI_API_KEY",
        base_url="https://generativelanguage.googleapis.com/v1beta/openai",
        author="google",
        default_model="gemini-3.5-flash-lite",
        reasoning_models=r"(models/)?gemini-(2\.5|[3-9])",
    ),
    Preset(
        name="openrouter",
        env="OPENROUTER_API_KEY",
        base_url="https://openrouter.ai/api/v1",
        default_model="openai/gpt-oss-20b",
        reasoning_models=rf"openai/(o\d|gpt-[5-9])|google/gemini-|{_OPEN_REASONERS}",
        headers=(("X-OpenRouter-Cache", "false"),),
    ),
    Preset(
        name="groq",
        env="GROQ_API_KEY",
        base_url="https://api.groq.com/openai/v1",
        default_model="openai/gpt-oss-20b",
        reasoning_models=_OPEN_REASONERS,
    ),
    Preset(
        name="mistral",
        env="MISTRAL_API_KEY",
        base_url="https://api.mistral.ai/v1",
        author="mistralai",
        default_model="mistral-small-latest",
        reasoning_models=r"magistral",
        reasoning_effort=None,
        # It answers 422 to parameters that it does not know, `stream_options` among them.
        include_usage=False,
    ),
    Preset(
        name="deepseek",
        env="DEEPSEEK_API_KEY",
        base_url="https://api.deepseek.com/v1",
        author="deepseek",
        default_model="deepseek-v4-flash",
        reasoning_models=r"deepseek-(v4|reasoner)",
        reasoning_effort=None,
    ),
    Preset(
        name="xai",
        env="XAI_API_KEY",
        base_url="https://api.x.ai/v1",
        author="x-ai",
        default_model="grok-4.3",
        reasoning_models=r"grok-(?!.*non-reasoning)",
    ),
    Preset(
        name="together",
        env="TOGETHER_API_KEY",
        base_url="https://api.together.xyz/v1",
        default_model="openai/gpt-oss-20b",
        reasoning_models=_OPEN_REASONERS,
    ),
    Preset(
        name="fireworks",
        env="FIREWORKS_API_KEY",
        base_url="https://api.fireworks.ai/inference/v1",
        default_model="accounts/fireworks/models/gpt-oss-20b",
        default_group="openai/gpt-oss-20b",
        reasoning_models=_OPEN_REASONERS,
    ),
    Preset(
        name="cerebras",
        env="CEREBRAS_API_KEY",
        base_url="https://api.cerebras.ai/v1",
        default_model="gpt-oss-120b",
        default_group="openai/gpt-oss-120b",
        reasoning_models=_OPEN_REASONERS,
        max_tokens_parameter="max_completion_tokens",
    ),
    Preset(
        name="perplexity",
        env="PERPLEXITY_API_KEY",
        base_url="https://api.perplexity.ai",
        author="perplexity",
        default_model="sonar",
        reasoning_models=r"sonar-(reasoning|deep)",
    ),
    Preset(
        name="moonshot",
        env="MOONSHOT_API_KEY",
        base_url="https://api.moonshot.ai/v1",
        author="moonshotai",
        default_model="kimi-k3",
        # Its models refuse every temperature but 1.
        reasoning_models=r"kimi-",
    ),
    Preset(
        name="nvidia",
        env="NVIDIA_API_KEY",
        base_url="https://integrate.api.nvidia.com/v1",
        default_model="meta/llama-3.1-8b-instruct",
        reasoning_models=_OPEN_REASONERS,
    ),
)

_LOCAL = (
    Preset(name="vllm", base_url="http://127.0.0.1:8000/v1"),
    Preset(name="ollama", base_url="http://127.0.0.1:11434/v1"),
    Preset(name="llamacpp", base_url="http://127.0.0.1:8080/v1"),
    Preset(name="lmstudio", base_url="http://127.0.0.1:1234/v1"),
)

#: Every preset by its name.
PRESETS: dict[str, Preset] = {preset.name: preset for preset in (*_HOSTED, *_LOCAL)}
