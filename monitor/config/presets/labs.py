"""Providers that serve models of their own.

Sources: each provider's own reference, and for prices its price page as LiteLLM's price table
(1.106, November 2026) cites it. The default model is the cheapest general one that was offered
then; write `models` to choose. What is not known for sure is left out.
"""

from monitor.config.presets.preset import Preset

LABS = (
    Preset(
        name="openai",
        env="OPENAI_API_KEY",
        base_url="https://api.openai.com/v1",
        author="openai",
        default_model="gpt-6-luna",
        reasoning=((r"o\d|gpt-([5-9]|\d\d)(?!.*-chat)", "low"),),
        max_tokens_parameter="max_completion_tokens",
        prices=(
            ("gpt-6-luna", 0.1, 0.5),
            ("gpt-6-sol", 2, 10),
            ("gpt-6.1-sol", 2, 10),
            ("gpt-6-astra", 10, 50),
            ("gpt-5.6-luna", 0.2, 1.2),
            ("gpt-5.4-nano", 0.2, 1.25),
        ),
    ),
    Preset(
        name="anthropic",
        env="ANTHROPIC_API_KEY",
        base_url="https://api.anthropic.com/v1",
        dialect="anthropic_messages",
        auth_header="x-api-key",
        auth_prefix="",
        author="anthropic",
        default_model="claude-haiku-5-5",
        # These refuse a temperature, and think only when they are asked to.
        reasoning=((r"claude-[a-z]+-(4-[6-9]|[5-9])", None),),
        prices=(
            ("claude-haiku-5-5", 0.1, 0.5),
            ("claude-haiku-4-5", 1, 5),
            ("claude-sonnet-5-5", 2, 10),
            ("claude-opus-5-5", 4, 20),
        ),
    ),
    Preset(
        name="gemini",
        env="GEMINI_API_KEY",
        base_url="https://generativelanguage.googleapis.com/v1beta",
        dialect="gemini_generate",
        auth_header="x-goog-api-key",
        auth_prefix="",
        author="google",
        default_model="gemini-3.5-flash-lite",
        # The older ones know no levels, only a budget, of which the largest keeps some.
        reasoning=(
            (r"(models/)?gemini-([3-9]|\d\d)", "low"),
            (r"(models/)?gemini-2\.5-pro", "128"),
            (r"(models/)?gemini-2\.5", "none"),
        ),
        prices=(
            ("gemini-3.1-flash-lite", 0.25, 1.5),
            ("gemini-3.5-flash-lite", 0.3, 2.5),
            ("gemini-3.8-flash", 0.75, 3.75),
        ),
    ),
    Preset(
        name="mistral",
        env="MISTRAL_API_KEY",
        base_url="https://api.mistral.ai/v1",
        author="mistralai",
        default_model="mistral-small-latest",
        reasoning=((r"magistral", None),),
        # It answers 422 to parameters that it does not know, `stream_options` among them.
        include_usage=False,
        prices=(
            ("mistral-small-latest", 0.15, 0.6),
            ("mistral-medium-latest", 1.5, 7.5),
            ("mistral-large-latest", 0.5, 1.5),
        ),
    ),
    Preset(
        name="cohere",
        env="COHERE_API_KEY",
        base_url="https://api.cohere.com",
        dialect="cohere_chat",
        author="cohere",
        default_model="command-r7b-12-2024",
        reasoning=((r"command-a-(reasoning|plus)", None),),
        prices=(("command-r7b-12-2024", 0.0375, 0.15), ("command-a-03-2025", 2.5, 10)),
    ),
    Preset(
        name="deepseek",
        env="DEEPSEEK_API_KEY",
        base_url="https://api.deepseek.com/v1",
        author="deepseek",
        default_model="deepseek-v4-flash",
        reasoning=((r"deepseek-(v4|reasoner)", None),),
        prices=(("deepseek-v4-flash", 0.3, 1.2), ("deepseek-v4-pro", 1.32, 3.96)),
    ),
    Preset(
        name="xai",
        env="XAI_API_KEY",
        base_url="https://api.x.ai/v1",
        author="x-ai",
        default_model="grok-4.3",
        reasoning=((r"grok-(?!.*non-reasoning)", "low"),),
        prices=(("grok-4.3", 1.25, 2.5), ("grok-4.7", 2, 6)),
    ),
    Preset(
        name="perplexity",
        env="PERPLEXITY_API_KEY",
        base_url="https://api.perplexity.ai",
        author="perplexity",
        default_model="sonar",
        # No prices: it bills each request as well, which is most of what a probe costs.
        reasoning=((r"sonar-(reasoning|deep)", "low"),),
    ),
    Preset(
        name="moonshot",
        env="MOONSHOT_API_KEY",
        base_url="https://api.moonshot.ai/v1",
        author="moonshotai",
        default_model="kimi-k3",
        # Its models refuse every temperature but 1.
        reasoning=((r"kimi-", "low"),),
        prices=(("kimi-k3", 3, 15), ("kimi-k2.6", 0.95, 4)),
    ),
    Preset(
        name="zhipu",
        env="ZAI_API_KEY",
        base_url="https://api.z.ai/api/paas/v4",
        author="z-ai",
        default_model="glm-5.3-flash",
        reasoning=((r"glm-5\.[2-9]", "low"), (r"glm-(4\.[5-7]|5)", None)),
        include_usage=False,
        prices=(("glm-5.3-flash", 0.15, 0.5), ("glm-5.3", 1.4, 4.4), ("glm-4.5-air", 0.2, 1.1)),
    ),
    Preset(
        name="alibaba",
        env="DASHSCOPE_API_KEY",
        base_url="https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        author="qwen",
        default_model="qwen-flash",
        # It switches thinking by a parameter of its own.
        reasoning=((r"qwq|qwen3\.[5-9]|qwen.*-thinking|deepseek-(r1|v4)|kimi-k|glm-", None),),
        prices=(("qwen-flash", 0.05, 0.4), ("qwen3.8-flash", 0.15, 0.47)),
    ),
)
