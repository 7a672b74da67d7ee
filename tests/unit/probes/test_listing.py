"""A gateway's list of endpoints, and the probes that come of it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model.target import Kind, Prices, RequestSettings
from monitor.probes.listing import Listed, ListingError, expand, parse_listing
from tests.factories import make_probe, make_target

ENDPOINT: dict[str, Any] = {
    "name": "Acme: Large",
    "provider_name": "Acme",
    "tag": "acme/turbo",
    "quantization": "fp8",
    "pricing": {"prompt": "0.0000005", "completion": "0.000002"},
    "supported_parameters": ["max_tokens", "temperature"],
    "uptime_last_30m": 99.5,
    "latency_last_30m": {"p50": 250, "p99": 900},
    "throughput_last_30m": {"p50": 45.2},
}


def listing(*endpoints: object) -> dict[str, Any]:
    return {"data": {"id": "a/b", "endpoints": list(endpoints)}}


def test_an_endpoint_is_read_with_its_prices_and_figures() -> None:
    (listed,) = parse_listing(listing(ENDPOINT))

    assert listed == Listed(
        tag="acme/turbo",
        provider_name="Acme",
        quantization="fp8",
        prices=Prices(input_usd_per_million=0.5, output_usd_per_million=2.0),
        parameters=frozenset({"max_tokens", "temperature"}),
        uptime_ratio=0.995,
        latency_seconds=0.25,
        tokens_per_second=45.2,
    )


def test_what_a_model_takes_and_gives_is_known_of_the_gateway_unless_it_is_written() -> None:
    sizes = {"context_length": 128_000, "max_completion_tokens": 16_384}
    prices = ENDPOINT["pricing"] | {"image": "0.001"}
    (listed,) = parse_listing(listing(ENDPOINT | sizes | {"pricing": prices}))
    (zero,) = parse_listing(listing(ENDPOINT | {"context_length": 0}))

    (found,) = expand((make_probe(),), (listed,))
    written = make_probe(target=make_target(context_tokens=4096))
    (kept,) = expand((written,), (listed,))

    assert (found.target.context_tokens, found.target.longest_output_tokens) == (128_000, 16_384)
    assert found.target.prices is not None
    assert found.target.prices.image_usd == 0.001
    assert kept.target.context_tokens == 4096
    assert zero.context_tokens is None


def test_what_is_not_told_is_none() -> None:
    (listed,) = parse_listing(listing({"tag": "x", "uptime_last_30m": None, "pricing": {}}))

    assert listed == Listed(tag="x", provider_name="x")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"error": {"code": 404}}, id="an error"),
        pytest.param(listing(), id="no endpoint"),
        pytest.param(listing({"name": "no tag"}), id="no endpoint with a tag"),
        pytest.param({"data": {"endpoints": "x"}}, id="wrong types"),
        pytest.param(["x"], id="a list"),
    ],
)
def test_what_is_no_list_is_refused(body: object) -> None:
    with pytest.raises(ListingError):
        parse_listing(body)


@given(st.recursive(st.none() | st.floats() | st.text() | st.integers(), st.lists))
def test_odd_values_never_raise(value: object) -> None:
    endpoint = dict.fromkeys(ENDPOINT, value) | {"tag": "x"}

    (listed,) = parse_listing(listing(endpoint))

    assert listed.tag == "x"


def test_a_probe_is_pinned_to_its_endpoint() -> None:
    template = make_probe("openrouter/a/b")

    (probe,) = expand((template,), parse_listing(listing(ENDPOINT)))

    assert probe.target.key == "openrouter/a/b@acme/turbo"
    assert probe.target.prices is not None
    assert json.loads(json.dumps(probe.request.extra_body)) == {
        "provider": {
            "only": ["acme/turbo"],
            "order": ["acme/turbo"],
            "allow_fallbacks": False,
            "quantizations": ["fp8"],
        }
    }
    headers = {name: value.reveal() for name, value in probe.target.headers}
    assert headers["x-openrouter-cache"] == "false"
    assert headers["x-openrouter-metadata"] == "enabled"
    assert headers["authorization"].startswith("Bearer ")


def test_what_the_operator_asks_of_the_routing_stays() -> None:
    asked = RequestSettings(extra_body={"provider": {"data_collection": "deny", "only": ["x"]}})

    (probe,) = expand((make_probe(request=asked),), parse_listing(listing(ENDPOINT)))

    assert probe.request.extra_body["provider"]["data_collection"] == "deny"
    assert probe.request.extra_body["provider"]["only"] == ["acme/turbo"]


def test_a_name_of_any_depth_is_no_exception() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]

    (listed,) = parse_listing(listing(ENDPOINT | {"provider_name": deep}))

    assert listed.provider_name == ENDPOINT["tag"]
    while deep:
        deep = deep.pop()  # type: ignore[assignment]


def test_every_kind_is_expanded_for_every_endpoint() -> None:
    templates = (make_probe(), make_probe(kind=Kind.THROUGHPUT))
    listed = parse_listing(listing(ENDPOINT, ENDPOINT | {"tag": "other"}))

    keys = [probe.key for probe in expand(templates, listed)]

    assert keys == [
        "acme/large@acme/turbo#completion",
        "acme/large@acme/turbo#throughput",
        "acme/large@other#completion",
        "acme/large@other#throughput",
    ]


def test_a_temperature_that_the_endpoint_does_not_take_is_left_out() -> None:
    endpoint = ENDPOINT | {"supported_parameters": ["max_tokens"]}

    (probe,) = expand((make_probe(),), parse_listing(listing(endpoint)))

    assert probe.request.temperature is None
