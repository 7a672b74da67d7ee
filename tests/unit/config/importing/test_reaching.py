"""Requests of probes go where LiteLLM sends those of users."""

from typing import Any

import pytest
import yaml

from monitor.config.importing.providers import ROWS
from monitor.config.presets import PRESETS
from tests.unit.config.importing.scene import entry, imported, loaded, target


@pytest.mark.parametrize("prefix", ROWS)
def test_each_provider_that_is_known_is_taken_over(prefix: str) -> None:
    model = "gemini-2.5-flash" if prefix == "vertex_ai" else "some-model"
    one = target(entry(f"{prefix}/{model}", info={"id": "it"}))

    assert one.provider == ROWS[prefix].preset
    assert one.deployment == "it"
    assert one.group == "litellm/chat"
    assert one.dialect == PRESETS[one.provider].dialect


@pytest.mark.parametrize(
    ("model", "params", "key", "base_url"),
    [
        (
            "openai/m",
            {"api_base": "http://10.0.0.7:8000/v1/"},
            "10.0.0.7-8000/m",
            "http://10.0.0.7:8000/v1",
        ),
        (
            "openai/m",
            {"api_base": "https://x.example/v1/chat/completions"},
            "x.example/m",
            "https://x.example/v1",
        ),
        ("openai/m", {"api_base": "http://vllm/v1"}, "vllm-server/m", "http://vllm/v1"),
        ("openai/m", {"api_base": "os.environ/MY_API_BASE"}, "my/m", "https://east.example/v1"),
        (
            "openai/m",
            {"api_base": "https://api.deepseek.com/v1"},
            "deepseek/m",
            "https://api.deepseek.com/v1",
        ),
        ("gpt-4o", {}, "openai/gpt-4o", "https://api.openai.com/v1"),
        ("m", {"custom_llm_provider": "groq"}, "groq/m", "https://api.groq.com/openai/v1"),
        ("anthropic/m", {"api_base": "https://x.example"}, "anthropic/m", "https://x.example/v1"),
        (
            "anthropic/m",
            {"api_base": "https://x.example/v1/messages"},
            "anthropic/m",
            "https://x.example/v1",
        ),
        (
            "cohere_chat/m",
            {"api_base": "https://api.cohere.ai/v2/chat"},
            "cohere/m",
            "https://api.cohere.ai",
        ),
        ("ollama/m", {}, "ollama/m", "https://east.example/v1"),
        (
            "fireworks_ai/m",
            {},
            "fireworks/accounts/fireworks/models/m",
            "https://api.fireworks.ai/inference/v1",
        ),
        ("huggingface/groq/a/m", {}, "huggingface/a/m:groq", "https://router.huggingface.co/v1"),
        (
            "bedrock/eu-west-1/a.m",
            {},
            "bedrock/a.m",
            "https://bedrock-runtime.eu-west-1.amazonaws.com",
        ),
        (
            "bedrock/converse/a.m",
            {"aws_region_name": "us-east-1"},
            "bedrock/a.m",
            "https://bedrock-runtime.us-east-1.amazonaws.com",
        ),
        (
            "vertex_ai/gemini-m",
            {"vertex_project": "p", "vertex_location": "global"},
            "vertex/gemini-m",
            "https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/google",
        ),
        (
            "azure/d",
            {"api_base": "https://res.openai.azure.com"},
            "azure/d",
            "https://res.openai.azure.com/openai/v1",
        ),
        (
            "azure/d",
            {"api_base": "https://x.example/", "api_version": "v1"},
            "azure/d",
            "https://x.example/openai/v1",
        ),
        (
            "azure/d",
            {"api_base": "https://res.openai.azure.com", "api_version": "2025-02-01-preview"},
            "azure/d",
            "https://res.openai.azure.com/openai/deployments/d",
        ),
    ],
)
def test_requests_go_where_litellm_sends_them(
    model: str, params: dict[str, Any], key: str, base_url: str
) -> None:
    one = target(entry(model, **params))

    assert (one.key, one.base_url) == (key, base_url)


@pytest.mark.parametrize(
    ("version", "parameter", "has_usage"),
    [("2024-06-01", "max_tokens", False), ("2024-10-21", "max_completion_tokens", True)],
)
def test_an_old_version_of_azure_is_asked_as_it_knows(
    version: str, parameter: str, has_usage: bool
) -> None:
    made = imported(entry("azure/d", api_base="https://res.openai.azure.com", api_version=version))
    (probe,) = loaded(made).probes

    assert dict(probe.target.query)["api-version"] == version
    assert probe.request.max_tokens_parameter == parameter
    assert probe.request.include_usage is has_usage


def test_a_deployment_of_a_reasoning_model_is_one() -> None:
    base = "https://res.openai.azure.com"
    made = imported(
        entry("azure/mine", info={"base_model": "azure/gpt-5-mini"}, api_base=base),
        entry("azure/o_series/other", api_base=base),
        entry("azure/plain", info={"base_model": "azure/gpt-4o"}, api_base=base),
    )
    tokens = {each.target.model: each.request.max_output_tokens for each in loaded(made).probes}

    assert tokens == {"mine": 512, "other": 512, "plain": 16}


@pytest.mark.parametrize(
    ("model", "params", "key"),
    [
        ("together_ai/m", {}, "${TOGETHERAI_API_KEY}"),
        ("openai/m", {"api_key": "os.environ/MINE"}, "${MINE}"),
        ("openai/m", {"api_base": "https://api.groq.com/openai/v1"}, "${GROQ_API_KEY}"),
        ("openai/m", {"api_base": "https://x.example/v1"}, None),
        ("hosted_vllm/m", {}, None),
        ("anthropic/m", {"api_base": "https://x.example"}, "${ANTHROPIC_API_KEY}"),
        ("bedrock/m", {"api_key": "os.environ/MINE"}, "${MINE}"),
        ("bedrock/m", {}, None),
    ],
)
def test_a_key_comes_from_the_variable_that_litellm_takes_it_from(
    model: str, params: dict[str, Any], key: str | None
) -> None:
    (provider,) = yaml.safe_load(imported(entry(model, **params)).text)["providers"].values()

    assert provider.get("api_key") == key


@pytest.mark.parametrize(
    ("mode", "model", "dialect"),
    [
        ("chat", "openai/m", "openai_chat"),
        ("responses", "openai/m", "openai_responses"),
        ("responses", "anthropic/m", "anthropic_messages"),
    ],
)
def test_a_mode_is_a_wire_format(mode: str, model: str, dialect: str) -> None:
    assert target(entry(model, info={"mode": mode})).dialect == dialect


def test_what_is_said_of_the_caller_and_the_place_is_said_by_probes_too() -> None:
    one = target(
        entry(
            "openai/m",
            organization="org-1",
            region_name="eu",
            extra_headers={"anthropic-beta": "x", "X-Team": "os.environ/TEAM"},
        )
    )
    headers = {name: value.reveal() for name, value in one.headers}

    assert one.region == "eu"
    assert headers["OpenAI-Organization"] == "org-1"
    assert headers["anthropic-beta"] == "x"
    assert headers["X-Team"] == "value-0123456789"
