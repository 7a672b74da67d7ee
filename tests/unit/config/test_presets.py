import pytest

from monitor.config import checks
from monitor.config.presets import PRESETS, Preset
from monitor.config.schema import DIALECTS

_EACH = pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)


@_EACH
def test_a_preset_would_pass_as_a_configuration(preset: Preset) -> None:
    assert checks.base_url(preset.base_url) == preset.base_url
    assert checks.provider_name(preset.name) == preset.name
    assert preset.dialect in DIALECTS
    assert preset.max_tokens_parameter in {"max_tokens", "max_completion_tokens"}
    for name, value in preset.headers:
        assert (checks.header_name(name), checks.header_value(value)) == (name, value)


@_EACH
def test_a_preset_with_a_key_has_a_model_and_goes_by_https(preset: Preset) -> None:
    is_hosted = preset.env is not None

    assert preset.base_url.startswith("https://" if is_hosted else "http://127.0.0.1:")
    assert (preset.default_model is not None) == is_hosted


def test_no_two_presets_share_a_variable() -> None:
    variables = [preset.env for preset in PRESETS.values() if preset.env]

    assert len(set(variables)) == len(variables) == 14


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
    ],
)
def test_reasoning_models_are_known_by_their_names(
    preset: str, model: str, *, is_reasoning: bool
) -> None:
    assert PRESETS[preset].is_reasoning(model) == is_reasoning
