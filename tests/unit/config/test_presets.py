import pytest

from monitor.config import checks
from monitor.config.fields import DIALECTS
from monitor.config.levels import Connection
from monitor.config.presets import PRESETS, Preset
from monitor.config.schema import ProviderBody

_EACH = pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)


#: What people really use; each must stay.
_WANTED = {
    *("openai", "azure", "anthropic", "gemini", "vertex", "bedrock", "mistral", "cohere", "groq"),
    *("together", "fireworks", "deepseek", "xai", "cerebras", "perplexity", "nvidia"),
    *("openrouter", "huggingface", "moonshot", "zhipu", "alibaba"),
    *("vllm", "sglang", "tgi", "llamacpp", "lmstudio", "ollama", "litellm"),
}
_FILLING = {"resource": "my-resource", "project": "my-project", "region": "eu-west-1"}


def test_no_provider_that_people_use_is_missing() -> None:
    assert set(PRESETS) >= _WANTED


@_EACH
def test_a_preset_would_pass_as_a_configuration(preset: Preset) -> None:
    base_url = preset.url(**_FILLING)

    assert checks.base_url(base_url) == base_url
    assert checks.provider_name(preset.name) == preset.name
    assert preset.dialect in DIALECTS
    assert preset.max_tokens_parameter in {"max_tokens", "max_completion_tokens"}
    for name, value in preset.headers:
        assert (checks.header_name(name), checks.header_value(value)) == (name, value)
    for name, value in preset.query:
        assert (checks.query_name(name), checks.query_value(value)) == (name, value)


@_EACH
def test_a_hosted_preset_goes_by_https_and_needs_a_key(preset: Preset) -> None:
    is_local = preset.base_url.startswith("http://127.0.0.1:")

    assert is_local or preset.base_url.startswith("https://")
    assert is_local != (preset.env is not None and preset.needs_key)
    assert not (is_local and preset.default_model)


@_EACH
def test_the_places_of_a_base_url_are_keys_of_the_configuration(preset: Preset) -> None:
    assert set(preset.places) <= set(Connection.model_fields)


@_EACH
def test_prices_are_of_models_and_what_is_dearer_is_the_output(preset: Preset) -> None:
    for model, paid_in, paid_out in preset.prices:
        assert checks.model_name(model) == model
        assert 0 < paid_in <= paid_out


@_EACH
def test_the_settings_that_say_who_asks_are_keys_of_the_configuration(preset: Preset) -> None:
    assert {setting for setting, _ in preset.signature} <= set(ProviderBody.model_fields)


def test_no_two_presets_share_a_variable() -> None:
    variables = [preset.env for preset in PRESETS.values() if preset.env]

    assert len(set(variables)) == len(variables) == 23


@pytest.mark.parametrize(
    ("preset", "base_url", "is_own"),
    [
        ("openai", "https://api.openai.com/v1", True),
        ("openai", "https://api.openai.com.evil.example/v1", False),
        ("azure", "https://mine.openai.azure.com/openai/v1", True),
        ("azure", "https://evil.example/.openai.azure.com/openai/v1", False),
        ("azure", "https://a.b.openai.azure.com/openai/v1", False),
        ("bedrock", "https://bedrock-runtime.eu-west-1.amazonaws.com", True),
        ("bedrock", "https://bedrock-runtime.eu-west-1.amazonaws.com.evil.example", False),
    ],
)
def test_a_base_url_is_the_presets_own_or_not(preset: str, base_url: str, *, is_own: bool) -> None:
    assert PRESETS[preset].owns(base_url) == is_own


@_EACH
def test_a_filled_base_url_is_the_presets_own(preset: Preset) -> None:
    for region in ("eu-west-1", "global"):
        assert preset.owns(preset.url(**(_FILLING | {"region": region})))


@pytest.mark.parametrize(
    ("preset", "model", "effort"),
    [
        ("openai", "gpt-6-luna", "low"),
        ("openai", "of-my-own", "low"),
        ("gemini", "gemini-3.5-flash-lite", "low"),
        ("gemini", "gemini-2.5-pro", "128"),
        ("gemini", "gemini-2.5-flash", "none"),
        ("anthropic", "claude-haiku-5-5", None),
        ("vllm", "qwen3", "low"),
    ],
)
def test_the_lowest_effort_depends_on_the_model(
    preset: str, model: str, effort: str | None
) -> None:
    assert PRESETS[preset].effort_of(model) == effort


@pytest.mark.parametrize(
    ("preset", "model", "is_reasoning"),
    [
        ("openai", "gpt-4o-mini", False),
        ("openai", "gpt-4.1", False),
        ("openai", "gpt-5-mini", True),
        ("openai", "gpt-5-chat-latest", False),
        ("openai", "gpt-6-luna", True),
        ("openai", "o3", True),
        ("anthropic", "claude-haiku-4-5", False),
        ("anthropic", "claude-opus-4-7", True),
        ("anthropic", "claude-haiku-5-5", True),
        ("gemini", "gemini-2.0-flash", False),
        ("gemini", "gemini-3.5-flash-lite", True),
        ("openrouter", "openai/gpt-4o", False),
        ("openrouter", "openai/gpt-5.6-luna", True),
        ("openrouter", "deepseek/deepseek-r1", True),
        ("openrouter", "qwen/qwen3-235b-thinking", True),
        ("groq", "openai/gpt-oss-20b", True),
        ("groq", "llama-3.3-70b-versatile", False),
        ("fireworks", "accounts/fireworks/models/gpt-oss-20b", True),
        ("xai", "grok-4.3", True),
        ("xai", "grok-4.20-0309-non-reasoning", False),
        ("mistral", "mistral-small-latest", False),
        ("mistral", "magistral-medium-latest", True),
        ("perplexity", "sonar", False),
        ("ollama", "gpt-oss:20b", False),
        ("azure", "gpt-6-luna", True),
        ("vertex", "gemini-3.5-flash-lite", True),
        ("bedrock", "amazon.nova-micro-v1:0", False),
        ("bedrock", "eu.anthropic.claude-opus-5-5", True),
        ("cohere", "command-r7b-12-2024", False),
        ("cohere", "command-a-reasoning-08-2025", True),
        ("zhipu", "glm-5.3-flash", True),
        ("alibaba", "qwen-flash", False),
        ("alibaba", "qwen3.8-flash", True),
    ],
)
def test_reasoning_models_are_known_by_their_names(
    preset: str, model: str, *, is_reasoning: bool
) -> None:
    assert PRESETS[preset].is_reasoning(model) == is_reasoning
