"""Clouds, and providers that serve other people's models. Sources as in `labs`."""

from monitor.config.presets.preset import Preset

_OPEN_REASONERS = (
    (r"(.*/)?(gpt-oss|deepseek-(r1|v4|reasoner)|kimi-k|qwq|.*-(thinking|reasoning))", "low"),
)

HOSTS = (
    # A model is the name that the account gave to a deployment: no default, and no prices.
    Preset(
        name="azure",
        env="AZURE_OPENAI_API_KEY",
        base_url="https://{resource}.openai.azure.com/openai/v1",
        auth_header="api-key",
        auth_prefix="",
        author="openai",
        reasoning=((r"o\d|gpt-([5-9]|\d\d)(?!.*-chat)", "low"),),
        max_tokens_parameter="max_completion_tokens",
        query=(("api-version", "v1"),),
    ),
    # Its access tokens last an hour. To probe for longer, write an API key as the header
    # x-goog-api-key, and the base URL https://aiplatform.googleapis.com/v1/publishers/google.
    Preset(
        name="vertex",
        env="VERTEX_ACCESS_TOKEN",
        base_url="https://{region}-aiplatform.googleapis.com/v1/projects/{project}"
        "/locations/{region}/publishers/google",
        global_base_url="https://aiplatform.googleapis.com/v1/projects/{project}"
        "/locations/global/publishers/google",
        dialect="gemini_generate",
        author="google",
        default_model="gemini-3.5-flash-lite",
        reasoning=((r"gemini-([3-9]|\d\d)", "low"), (r"gemini-2\.5", "128")),
        prices=(
            ("gemini-3.1-flash-lite", 0.25, 1.5),
            ("gemini-3.5-flash-lite", 0.3, 2.5),
            ("gemini-3.8-flash", 0.75, 3.75),
        ),
    ),
    # Which models there are, and what they cost, depends on the region.
    Preset(
        name="bedrock",
        env="AWS_BEARER_TOKEN_BEDROCK",
        base_url="https://bedrock-runtime.{region}.amazonaws.com",
        dialect="bedrock_converse",
        reasoning=((r"(.*\.)?anthropic\.claude-[a-z]+-(4-[6-9]|[5-9])", None),),
    ),
    Preset(
        name="openrouter",
        env="OPENROUTER_API_KEY",
        base_url="https://openrouter.ai/api/v1",
        default_model="openai/gpt-oss-20b",
        reasoning=((r"openai/(o\d|gpt-[5-9])|google/gemini-", "low"), *_OPEN_REASONERS),
        headers=(("X-OpenRouter-Cache", "false"), ("X-OpenRouter-Metadata", "enabled")),
        signature=(("referer", "HTTP-Referer"), ("title", "X-Title")),
        discovery="openrouter",
    ),
    # No default model: its token lies on many machines that only download.
    Preset(
        name="huggingface",
        env="HF_TOKEN",
        base_url="https://router.huggingface.co/v1",
        reasoning=_OPEN_REASONERS,
    ),
    Preset(
        name="groq",
        env="GROQ_API_KEY",
        base_url="https://api.groq.com/openai/v1",
        default_model="openai/gpt-oss-20b",
        reasoning=_OPEN_REASONERS,
        prices=(("openai/gpt-oss-20b", 0.075, 0.3), ("openai/gpt-oss-120b", 0.15, 0.6)),
    ),
    Preset(
        name="together",
        env="TOGETHER_API_KEY",
        base_url="https://api.together.xyz/v1",
        default_model="openai/gpt-oss-120b",
        reasoning=_OPEN_REASONERS,
        prices=(("openai/gpt-oss-120b", 0.15, 0.6),),
    ),
    Preset(
        name="fireworks",
        env="FIREWORKS_API_KEY",
        base_url="https://api.fireworks.ai/inference/v1",
        default_model="accounts/fireworks/models/gpt-oss-20b",
        default_group="openai/gpt-oss-20b",
        reasoning=_OPEN_REASONERS,
        prices=(("accounts/fireworks/models/gpt-oss-20b", 0.07, 0.3),),
    ),
    Preset(
        name="cerebras",
        env="CEREBRAS_API_KEY",
        base_url="https://api.cerebras.ai/v1",
        default_model="gpt-oss-120b",
        default_group="openai/gpt-oss-120b",
        reasoning=_OPEN_REASONERS,
        max_tokens_parameter="max_completion_tokens",
        prices=(("gpt-oss-120b", 0.35, 0.75),),
    ),
    Preset(
        name="nvidia",
        env="NVIDIA_API_KEY",
        base_url="https://integrate.api.nvidia.com/v1",
        default_model="meta/llama-3.1-8b-instruct",
        reasoning=_OPEN_REASONERS,
    ),
)
