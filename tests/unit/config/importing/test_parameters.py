"""No secret that is written out in LiteLLM's configuration is shown."""

from typing import Any

import pytest
import yaml

from tests.unit.config.importing.scene import entry, imported, loaded, said

PLANTED = "sk-planted-0123456789"

SECRETS = [
    entry("openai/m", api_key=PLANTED),
    entry("openai/m", extra_headers={"X-Mine": PLANTED, "anthropic-beta": "open"}),
    entry("bedrock/m", aws_access_key_id=PLANTED, aws_secret_access_key=PLANTED),
    entry("vertex_ai/gemini-m", vertex_credentials=PLANTED, vertex_project="p"),
    entry("vertex_ai/claude", vertex_credentials=PLANTED),
    entry("openai/m", api_base=f"https://user:{PLANTED}@x.example/v1"),
    entry("anthropic/m", api_base=f"https://user:{PLANTED}@x.example/v1"),
    entry("openai/m", api_key=[PLANTED]),
    entry("openai/m", extra_body={"key": PLANTED}),
    entry("azure/m", client_secret=PLANTED),
    entry("openai/m", api_key=f"os.environ/{PLANTED}"),
]


@pytest.mark.parametrize("one", SECRETS, ids=lambda one: "-".join(one["litellm_params"]))
def test_no_secret_that_is_written_out_is_shown(one: dict[str, Any]) -> None:
    made = imported(one)

    assert PLANTED not in made.text + said(made)
    assert made.notes
    if made.targets:
        assert len(loaded(made).probes) == 1


def test_a_secret_that_is_written_out_becomes_a_variable_of_its_own() -> None:
    made = imported(
        entry("openai/a", api_key="one"),
        entry("openai/b", api_key="os.environ/LITELLM_OPENAI_API_KEY_2"),
        entry("openai/c", api_key="two"),
        entry("openai/d", api_key="one"),
    )
    models = yaml.safe_load(made.text)["providers"]["openai"]["models"]

    assert [model["api_key"] for model in models.values()] == [
        "${LITELLM_OPENAI_API_KEY}",
        "${LITELLM_OPENAI_API_KEY_2}",
        "${LITELLM_OPENAI_API_KEY_3}",
        "${LITELLM_OPENAI_API_KEY}",
    ]
    assert said(made).count("set the environment variable") == 2
