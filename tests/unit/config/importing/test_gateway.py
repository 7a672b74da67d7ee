"""What cannot be taken over is told; whatever comes of it can be used."""

import re
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config.errors import ConfigError
from monitor.config.importing import import_litellm
from monitor.config.importing.providers import ROWS
from tests.unit.config.importing.scene import entry, imported, targets


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (entry("openai/*"), "is a wildcard"),
        (entry("openai/gpt-4o", "*"), "is a wildcard"),
        (entry("openai/m", info={"mode": "embedding"}), "a mode other than chat"),
        (entry("openai/m", info={"mode": ["chat"]}), "a mode other than chat"),
        (
            entry(
                "azure/m",
                info={"mode": "responses"},
                api_base="https://x.e",
                api_version="2025-01-01",
            ),
            "has the mode responses and a dated api_version",
        ),
        (entry("openai/text-embedding-3-small"), "is no chat model by its name"),
        (entry("weird/m"), "has a provider that is not known here: weird"),
        (entry("m", custom_llm_provider="weird"), "has a provider that is not known here: weird"),
        (entry("m"), "does not say its provider"),
        (entry(""), "names no model"),
        (entry("azure/m", tenant_id="t"), "signs in with Entra ID"),
        (entry("bedrock/m", aws_role_name="r"), "signs with a role"),
        (entry("vertex_ai/claude"), "other than Gemini"),
        (entry("vertex_ai/gemini-m", api_base="https://x.example"), "an address of its own"),
        (entry("openai/m", info={"id": "a b"}), "has a value that cannot be used"),
        (entry("openai/m", info={"id": True}), "its model_info.id is no text"),
        (entry("openai/a b"), "would not be sound here"),
        (entry("openai/m", extra_headers={"Host": "x"}), "a header that the monitor sets itself"),
        ({"model_name": "chat"}, "has no model_name or no litellm_params"),
        ("chat", "has no model_name or no litellm_params"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_taken_over_is_told_with_its_place(one: Any, why: str) -> None:
    made = imported(one, entry("openai/good", info={"id": "good"}))

    (note,) = made.notes
    assert re.match(r"config\.yaml:\d+: model_list\[0\]: ", note)
    assert why in note
    assert [each.key for each in targets(made)] == ["openai/good"]


def test_what_concerns_the_router_is_told_once_a_section() -> None:
    made = imported(entry("openai/m", info={"id": "m"}, rpm=5), router_settings={"num_retries": 1})

    assert made.notes == ("config.yaml:8: router_settings: is not taken over",)


@pytest.mark.parametrize("text", ["", "model_list: {}", "a: b", "- x", "a: [", "model_list:"])
def test_what_is_no_configuration_of_litellms_is_an_error(text: str) -> None:
    with pytest.raises(ConfigError):
        import_litellm(text)


def test_a_file_of_which_nothing_can_be_taken_over_gives_nothing() -> None:
    made = imported(entry("weird/m"))

    assert (made.text, made.targets) == ("", 0)


WORDS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["a/b", "m", "m@1", "12e4", "1.5", "null", "no", "${X}", "$", "os.environ/A"]),
)
VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WORDS, st.just([1]))
PARAMS = st.fixed_dictionaries(
    {"model": st.one_of(WORDS, st.builds("{}/{}".format, st.sampled_from(sorted(ROWS)), WORDS))},
    optional={
        "api_key": VALUES,
        "api_base": st.one_of(VALUES, st.sampled_from(["http://h:1/v1", "os.environ/B_BASE"])),
        "api_version": VALUES,
        "organization": VALUES,
        "extra_headers": st.one_of(VALUES, st.dictionaries(WORDS, VALUES, max_size=2)),
        "input_cost_per_token": VALUES,
        "output_cost_per_token": VALUES,
        "aws_region_name": VALUES,
        "vertex_project": VALUES,
        "custom_llm_provider": VALUES,
    },
)
ENTRIES = st.fixed_dictionaries(
    {"model_name": VALUES, "litellm_params": st.one_of(PARAMS, PARAMS, PARAMS, VALUES)},
    optional={
        "model_info": st.one_of(
            VALUES,
            st.fixed_dictionaries(
                {}, optional={"id": VALUES, "mode": VALUES, "base_model": VALUES}
            ),
        )
    },
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(ENTRIES, ENTRIES, VALUES), max_size=5))
def test_whatever_comes_of_it_can_be_used(entries: list[Any]) -> None:
    try:
        made = import_litellm(yaml.safe_dump({"model_list": entries}))
    except ConfigError:
        return  # The file itself cannot be read, as with a character that YAML does not allow.

    assert (made.text != "") == (made.targets > 0)
    if made.targets:
        assert len(targets(made)) == made.targets
