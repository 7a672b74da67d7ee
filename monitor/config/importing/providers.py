"""LiteLLM's names of providers, which stand before a model, and what we know of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What LiteLLM's name of a provider stands for.

    Attributes:
        preset: Ours.
        env: Where LiteLLM looks for the key if none is written; None if it needs none.
        base_env: Where it looks for the address if none is written, if it does.
        is_compatible: Anybody who speaks like OpenAI may be meant, if an address is written.
        cut: Ends of an address that LiteLLM takes and our dialect adds by itself.
        added: What LiteLLM adds to an address and our dialect does not.
    """

    preset: str
    env: str | None = None
    base_env: str | None = None
    is_compatible: bool = False
    cut: tuple[str, ...] = ("/chat/completions",)
    added: str = ""


_COHERE = Row(preset="cohere", env="COHERE_API_KEY", cut=("/chat", "/v1", "/v2"))
_OLLAMA = Row(preset="ollama", base_env="OLLAMA_API_BASE", cut=("/api/chat", "/api/generate"))
_OPENAI = Row(preset="openai", env="OPENAI_API_KEY", is_compatible=True)

#: By the name that stands before the model.
ROWS = {
    "openai": _OPENAI,
    "custom_openai": _OPENAI,
    "openai_like": _OPENAI,
    "anthropic": Row(
        preset="anthropic", env="ANTHROPIC_API_KEY", cut=("/messages", "/v1"), added="/v1"
    ),
    "gemini": Row(preset="gemini", env="GEMINI_API_KEY", cut=()),
    "azure": Row(preset="azure", env="AZURE_API_KEY"),
    "vertex_ai": Row(preset="vertex"),
    "bedrock": Row(preset="bedrock"),
    "mistral": Row(preset="mistral", env="MISTRAL_API_KEY"),
    "cohere": _COHERE,
    "cohere_chat": _COHERE,
    "groq": Row(preset="groq", env="GROQ_API_KEY"),
    "together_ai": Row(preset="together", env="TOGETHERAI_API_KEY"),
    "fireworks_ai": Row(preset="fireworks", env="FIREWORKS_API_KEY"),
    "deepseek": Row(preset="deepseek", env="DEEPSEEK_API_KEY"),
    "xai": Row(preset="xai", env="XAI_API_KEY"),
    "cerebras": Row(preset="cerebras", env="CEREBRAS_API_KEY"),
    "perplexity": Row(preset="perplexity", env="PERPLEXITYAI_API_KEY"),
    "nvidia_nim": Row(preset="nvidia", env="NVIDIA_NIM_API_KEY"),
    "openrouter": Row(preset="openrouter", env="OPENROUTER_API_KEY"),
    "huggingface": Row(preset="huggingface", env="HUGGINGFACE_API_KEY"),
    "moonshot": Row(preset="moonshot", env="MOONSHOT_API_KEY"),
    "dashscope": Row(preset="alibaba", env="DASHSCOPE_API_KEY"),
    "zai": Row(preset="zhipu", env="ZAI_API_KEY"),
    "hosted_vllm": Row(preset="vllm", base_env="HOSTED_VLLM_API_BASE"),
    "lm_studio": Row(preset="lmstudio", base_env="LM_STUDIO_API_BASE"),
    "ollama": _OLLAMA,
    "ollama_chat": _OLLAMA,
    "litellm_proxy": Row(preset="litellm", base_env="LITELLM_PROXY_API_BASE"),
}

#: What LiteLLM takes a model for that has no such name before it, by how it begins.
BARE = (
    (r"gpt-|chatgpt-|o\d(-|$)", "openai"),
    (r"claude-", "anthropic"),
    (r"gemini-", "vertex_ai"),
    (r"command-", "cohere_chat"),
)


def own_name(provider: str, model: str) -> str:
    """Give the name that a provider itself knows *model* by, from the one that LiteLLM takes.

    >>> own_name("fireworks_ai", "gpt-oss-20b")
    'accounts/fireworks/models/gpt-oss-20b'
    >>> own_name("huggingface", "groq/openai/gpt-oss-20b")
    'openai/gpt-oss-20b:groq'
    """
    if provider == "fireworks_ai" and not model.startswith("accounts/"):
        return f"accounts/fireworks/models/{model}"
    if provider == "huggingface" and model.count("/") > 1:
        served_by, _, rest = model.partition("/")
        return f"{rest}:{served_by}"
    return model
