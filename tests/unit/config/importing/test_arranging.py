"""What LiteLLM's entries come to: groups, names, prices, and what is written once."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.config.importing import import_litellm
from monitor.model.target import Prices
from tests.unit.config.importing.scene import entry, imported, said, target, targets


def test_several_entries_of_one_name_are_one_group() -> None:
    made = imported(
        entry("openai/gpt-4o", info={"id": "a"}, api_key="os.environ/EAST"),
        entry("openai/gpt-4o", info={"id": "b"}, api_key="os.environ/WEST"),
        entry("azure/gpt-4o", info={"id": "azure/gpt-4o"}, api_base="https://r.openai.azure.com"),
    )

    assert {each.group for each in targets(made)} == {"litellm/chat"}
    assert [(each.key, each.deployment) for each in targets(made)] == [
        ("openai/gpt-4o@a", "a"),
        ("openai/gpt-4o@b", "b"),
        ("azure/gpt-4o", None),
    ]


def test_a_model_under_two_names_is_in_two_groups() -> None:
    made = imported(entry("openai/gpt-4o", "fast"), entry("openai/gpt-4o", "acme/large"))

    assert [(each.key, each.group) for each in targets(made)] == [
        ("openai/gpt-4o", "litellm/fast"),
        ("openai-2/gpt-4o", "acme/large"),
    ]
    assert yaml.safe_load(made.text)["providers"]["openai-2"]["preset"] == "openai"


def test_what_is_shared_by_a_providers_targets_is_written_once() -> None:
    made = imported(
        entry("openai/a", api_key="os.environ/K"), entry("openai/b", api_key="os.environ/K")
    )
    provider = yaml.safe_load(made.text)["providers"]["openai"]

    assert provider["api_key"] == "${K}"
    assert "api_key" not in provider["models"]["a"]


@pytest.mark.parametrize("where", ["params", "info"])
def test_costs_a_token_become_prices_a_million(where: str) -> None:
    costs: dict[str, Any] = {"input_cost_per_token": 1.5e-07, "output_cost_per_token": "6e-07"}
    one = target(entry("openai/m", info=costs) if where == "info" else entry("openai/m", **costs))

    assert one.prices == Prices(input_usd_per_million=0.15, output_usd_per_million=0.6)


def test_a_price_by_halves_is_not_taken_over() -> None:
    made = imported(entry("openai/m", input_cost_per_token=1e-06))

    assert targets(made)[0].prices is None
    assert "not taken over: input_cost_per_token" in said(made)


def test_credentials_that_entries_share_are_theirs() -> None:
    shared = {"credential_name": "eu", "credential_values": {"api_key": "os.environ/EU"}}
    made = imported(
        entry("openai/m", litellm_credential_name="eu"),
        entry("openai/n", litellm_credential_name="us"),
        credential_list=[shared],
    )

    assert yaml.safe_load(made.text)["providers"]["openai"]["api_key"] == "${EU}"
    assert "names a credential that is not in the file" in said(made)


def test_a_deployment_without_an_id_is_told_which_one_to_write() -> None:
    assert "write id: openai/m" in said(imported(entry("openai/m")))


def test_ids_that_are_written_as_told_keep_the_keys() -> None:
    entries = [entry("openai/a", api_key=f"os.environ/K{number}") for number in range(3)]
    made = imported(*entries, entry("openai/b"))
    keys = [each.key for each in targets(made)]
    again = imported(
        *(
            each | {"model_info": {"id": key}}
            for each, key in zip([*entries, entry("openai/b")], keys, strict=True)
        )
    )

    assert [each.key for each in targets(again)] == keys
    assert {each.deployment for each in targets(again)} == {None}
    assert again.notes == ()


def test_one_name_for_two_deployments_is_given_to_one() -> None:
    made = imported(
        entry("openai/a", info={"id": "same"}),
        entry("openai/b", info={"id": "same"}),
        entry("openai/c", info={"id": "openai/a"}),
    )

    assert [each.deployment for each in targets(made)] == ["same", None, None]
    assert said(made).count("is the name of another target already") == 2


def test_the_page_gives_deployments_the_keys_of_their_targets() -> None:
    page = (Path(__file__).parents[4] / "docs/routing/litellm.md").read_text()
    (sample,) = re.findall(r"```yaml\n(model_list:.*?)```", page, re.DOTALL)
    made = import_litellm(sample)
    ids = [each["model_info"]["id"] for each in yaml.safe_load(sample)["model_list"]]

    assert made.notes == ()
    assert [each.key for each in targets(made)] == ids
    assert {each.group for each in targets(made)} == {"litellm/gpt-4o"}
