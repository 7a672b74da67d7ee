"""A group as OpenRouter lists the endpoints of a model; our own reader of such lists reads it."""

from typing import Any

import pytest

from monitor.export.openrouter import endpoints_shape
from monitor.health.percentiles import Lately, Percentiles
from monitor.model.health import State
from monitor.model.routing import Candidate
from monitor.model.target import Prices
from monitor.model.window import WindowStats
from monitor.probes.listing import Listed, parse_listing
from tests.unit.export.routed import candidate, routing

PRICES = Prices(input_usd_per_million=0.15, output_usd_per_million=0.6)
WINDOWS = {
    "5m": WindowStats(openrouter_uptime_ratio=1.0),
    "30m": WindowStats(openrouter_uptime_ratio=0.9375, uptime_ratio=0.5),
    "24h": WindowStats(openrouter_uptime_ratio=None),
}
QUICK = Lately(
    ttft_seconds=Percentiles(0.25, 0.5, 0.75, 1.0),
    tokens_per_second=Percentiles(80.0, 60.0, 40.0, 20.0),
)


def shape_of(*candidates: Candidate, **lately: Lately) -> dict[str, Any]:
    keyed = {key.replace("_", "/"): value for key, value in lately.items()}
    data: dict[str, Any] = endpoints_shape(routing(*candidates).groups[0], keyed)["data"]
    return data


def endpoint_of(one: Candidate, **lately: Lately) -> dict[str, Any]:
    (endpoint,) = shape_of(one, **lately)["endpoints"]
    return dict(endpoint)


def tags_of(*keys: str) -> list[str]:
    """The tags of targets of one group, of the provider that the key begins with."""
    return [each["tag"] for each in shape_of(*map(candidate, keys))["endpoints"]]


def test_a_group_is_a_model_and_each_target_an_endpoint() -> None:
    data = shape_of(candidate("a/large"), candidate("b/large-8k"))

    assert (data["id"], data["name"]) == ("lab/large", "large")
    assert [each["provider_name"] for each in data["endpoints"]] == ["a", "b"]
    assert [each["model_name"] for each in data["endpoints"]] == ["large", "large-8k"]
    assert [each["name"] for each in data["endpoints"]] == ["a: large", "b: large-8k"]


def test_uptimes_are_by_openrouters_rule_and_in_per_cent() -> None:
    endpoint = endpoint_of(candidate(windows=WINDOWS))

    assert endpoint["uptime_last_5m"] == 100.0
    assert endpoint["uptime_last_30m"] == 93.75
    assert endpoint["uptime_last_1d"] is None


def test_latency_is_in_milliseconds_and_throughput_in_tokens_a_second() -> None:
    endpoint = endpoint_of(candidate(), acme_large=QUICK)

    assert endpoint["latency_last_30m"] == {"p50": 250, "p75": 500, "p90": 750, "p99": 1000}
    assert endpoint["throughput_last_30m"] == {"p50": 80, "p75": 60, "p90": 40, "p99": 20}


def test_what_too_few_runs_tell_is_null() -> None:
    endpoint = endpoint_of(candidate(), acme_large=Lately())

    assert endpoint["latency_last_30m"] is None
    assert endpoint["throughput_last_30m"] is None


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (State.UP, 0),
        (State.UNKNOWN, 0),
        (State.DEGRADED, -1),
        (State.RECOVERING, -2),
        (State.DOWN, -5),
        (State.BLOCKED, -10),
    ],
)
def test_the_status_falls_with_the_state(state: State, status: int) -> None:
    assert endpoint_of(candidate(state=state))["status"] == status


@pytest.mark.parametrize(
    ("prices", "pricing"),
    [
        pytest.param(PRICES, {"prompt": "0.00000015", "completion": "0.0000006"}, id="known"),
        pytest.param(
            Prices(input_usd_per_million=0, output_usd_per_million=0),
            {"prompt": "0", "completion": "0"},
            id="free",
        ),
        pytest.param(None, {"prompt": "-1", "completion": "-1"}, id="not known"),
    ],
)
def test_prices_are_texts_of_dollars_a_token(
    prices: Prices | None, pricing: dict[str, str]
) -> None:
    assert endpoint_of(candidate(prices=prices))["pricing"] == pricing


@pytest.mark.parametrize(
    ("keys", "tags"),
    [
        pytest.param(("a/large", "b/large"), ["a", "b"], id="the provider"),
        pytest.param(("a/large@eu", "a/large@us"), ["a/eu", "a/us"], id="and the variant"),
        pytest.param(("a/large", "a/huge"), ["a/large", "a/huge"], id="the key where it has to be"),
        pytest.param(
            ("a/large@Sweden Central", "b/large"), ["a/Sweden-Central", "b"], id="no spaces"
        ),
    ],
)
def test_tags_tell_the_targets_of_a_group_apart(keys: tuple[str, ...], tags: list[str]) -> None:
    assert tags_of(*keys) == tags


def test_our_own_reader_reads_it() -> None:
    one = candidate("a/large@eu", prices=PRICES, windows=WINDOWS)
    told = endpoints_shape(routing(one, candidate("b/large")).groups[0], {"a/large@eu": QUICK})
    known, unknown = parse_listing(told)

    assert known == Listed(
        tag="a/eu",
        provider_name="a",
        prices=PRICES,
        uptime_ratio=0.9375,
        latency_seconds=0.25,
        tokens_per_second=80.0,
    )
    assert unknown == Listed(tag="b", provider_name="b")
