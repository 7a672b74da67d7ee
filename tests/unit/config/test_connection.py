"""Where requests go, as whom, and what they carry."""

from collections.abc import Callable

import pytest

from monitor.config.errors import ConfigError
from monitor.config.settings import Settings
from monitor.model.target import Prices, Secret, Signing, Target
from monitor.probes.dialects import DIALECTS
from monitor.probes.extras import MissingExtraError

Load = Callable[[str], Settings]


def _target(load: Load, provider: str) -> Target:
    (probe,) = load(f"providers:\n  {provider}").probes
    return probe.target


@pytest.mark.parametrize(
    ("provider", "base_url"),
    [
        (
            "azure: {resource: mine, models: {my-deployment: }}",
            "https://mine.openai.azure.com/openai/v1",
        ),
        (
            "vertex: {project: p-1, region: eu-4, api_key: k}",
            "https://eu-4-aiplatform.googleapis.com/v1/projects/p-1/locations/eu-4/publishers/google",
        ),
        (
            "vertex: {project: p-1, region: global, api_key: k}",
            "https://aiplatform.googleapis.com/v1/projects/p-1/locations/global/publishers/google",
        ),
        (
            "bedrock: {region: eu-central-1, api_key: k, models: {amazon.nova-micro-v1:0: }}",
            "https://bedrock-runtime.eu-central-1.amazonaws.com",
        ),
        (
            "azure: {models: {my-deployment: {resource: nearer}}, resource: mine}",
            "https://nearer.openai.azure.com/openai/v1",
        ),
    ],
)
def test_the_open_places_of_a_base_url_are_filled(load: Load, provider: str, base_url: str) -> None:
    assert _target(load, provider).base_url == base_url


@pytest.mark.parametrize(
    "where", ["resource: mine", "base_url: https://mine.openai.azure.com/openai/v1"]
)
def test_azure_gets_its_key_in_its_own_header_and_its_version_in_the_query(
    load: Load, where: str
) -> None:
    target = _target(load, f"azure: {{ {where}, models: {{my-deployment: }}}}")

    assert target.headers == (("api-key", Secret("sk-planted-azure")),)
    assert target.query == (("api-version", "v1"),)


@pytest.mark.parametrize(
    ("provider", "header", "value"),
    [
        ("anthropic: {api_key: k}", "x-api-key", "k"),
        ("gemini: {api_key: k}", "x-goog-api-key", "k"),
        ("cohere: {api_key: k}", "Authorization", "Bearer k"),
        ("bedrock: {api_key: k, region: r-1, models: {m: }}", "Authorization", "Bearer k"),
    ],
)
def test_a_key_goes_into_the_header_of_its_provider(
    load: Load, provider: str, header: str, value: str
) -> None:
    assert dict(_target(load, provider).headers)[header] == Secret(value)


@pytest.mark.parametrize("provider", ["vllm: {models: {m: }}", "litellm: {models: {m: }}"])
def test_a_server_of_ones_own_may_go_without_a_key(load: Load, provider: str) -> None:
    assert _target(load, provider).headers == ()


def test_queries_of_all_levels_are_joined_and_the_innermost_wins(load: Load) -> None:
    target = _target(
        load,
        "azure: {resource: r, query: {api-version: v2, a: '1'}, models: {m: {query: {a: '2'}}}}",
    )

    assert dict(target.query) == {"api-version": "v2", "a": "2"}


def test_further_members_of_the_request_are_joined_and_null_is_one(load: Load) -> None:
    (probe,) = load("""
defaults: {request: {extra_body: {user: a, safe: null}}}
providers:
  mine:
    base_url: https://llm.example/v1
    request: {extra_body: {provider: {only: [x]}}}
    models: {m: {request: {extra_body: {user: b}}}}
""").probes

    assert probe.request.extra_body == {"user": "b", "safe": None, "provider": {"only": ["x"]}}


def test_mappings_among_them_are_joined_like_the_levels_themselves(load: Load) -> None:
    (probe,) = load("""
defaults: {request: {extra_body: {provider: {sort: price, only: [x, y]}, stop: {a: 1}}}}
providers:
  mine:
    base_url: https://llm.example/v1
    models: {m: {request: {extra_body: {provider: {only: [z], quantizations: [fp8]}, stop: b}}}}
""").probes

    assert probe.request.extra_body == {
        "provider": {"sort": "price", "only": ["z"], "quantizations": ["fp8"]},
        "stop": "b",
    }


def test_a_server_that_does_not_stream_is_known_by_its_target(load: Load) -> None:
    text = "mine: {base_url: 'http://127.0.0.1:1/v1', streams: false, models: {m: {streams: %s}}}"

    assert _target(load, text % "false").streams is False
    assert _target(load, text % "true").streams is True


_AWS = (
    "aws: {access_key_id: '${AWS_ACCESS_KEY_ID}', secret_access_key: '${AWS_SECRET_ACCESS_KEY}'%s}"
)


@pytest.mark.parametrize("token", ["", "sk-planted-session"])
def test_bedrock_takes_signed_requests_instead_of_a_key(load: Load, token: str) -> None:
    aws = _AWS % (f", session_token: {token}" if token else "")
    text = f"providers:\n  bedrock: {{ {aws}, region: eu-west-1, models: {{m: }}}}"
    settings = load(text)
    target = settings.probes[0].target

    assert target.headers == ()
    assert target.signing == Signing(
        access_key_id="AKIDEXAMPLE",
        secret_access_key=Secret("sk-planted-aws"),
        session_token=Secret(token) if token else None,
        region="eu-west-1",
    )
    assert Secret("sk-planted-aws") in settings.secrets
    assert "planted" not in repr(settings)


def test_the_region_of_a_signature_must_be_known(load: Load) -> None:
    text = (
        f"mine: {{preset: bedrock, base_url: https://vpce.example, models: {{m: }}, {_AWS % ''}}}"
    )

    with pytest.raises(ConfigError, match=r"mine\.region: is required; aws signs for a region"):
        _target(load, text)


class _NeedsMore:
    def build(self, *_: object) -> None:
        raise MissingExtraError("botocore is not installed: pip install it")


def test_a_dialect_that_needs_what_is_not_installed_is_an_error_at_once(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(DIALECTS, "openai_chat", _NeedsMore())

    with pytest.raises(ConfigError, match="the dialect openai_chat needs more; botocore is not"):
        _target(load, "openai: {api_key: '${OPENAI_API_KEY}'}")


def test_what_a_model_takes_and_gives_is_said_of_it_or_of_one_of_its_targets(load: Load) -> None:
    prices = "prices: {input_usd_per_million: 1, output_usd_per_million: 2, image_usd: 0.01}"
    own = "targets: [{name: a}, {name: b, context_tokens: 8192, longest_output_tokens: 512}]"
    body = f"{{context_tokens: 4096, longest_output_tokens: 256, {prices}, {own}}}"

    probes = load(f"providers:\n  openai: {{models: {{m: {body}}}}}").probes

    told = [(each.target.context_tokens, each.target.longest_output_tokens) for each in probes]
    assert told == [(4096, 256), (8192, 512)]
    assert {each.target.prices and each.target.prices.image_usd for each in probes} == {0.01}


def test_the_prices_of_a_preset_hold_at_its_own_base_url_until_others_are_written(
    load: Load,
) -> None:
    def prices(body: str, where: str = "") -> list[Prices | None]:
        text = f"providers:\n  openai: {{models: {{gpt-6-luna: {body}, of-my-own: }} {where}}}"
        return [probe.target.prices for probe in load(text).probes]

    known = Prices(input_usd_per_million=0.1, output_usd_per_million=0.5)
    own = Prices(input_usd_per_million=1, output_usd_per_million=2)
    written = "{prices: {input_usd_per_million: 1, output_usd_per_million: 2}}"
    assert prices("") == [known, None]
    assert prices(written) == [own, None]
    assert prices("", ", base_url: https://eu.api.openai.com/v1") == [None, None]
