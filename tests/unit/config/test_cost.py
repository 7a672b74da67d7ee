import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.cost import Bill, expected_cost
from monitor.model.target import Kind, Prices, Probe, RequestSettings, Target

_PRICES = Prices(input_usd_per_million=1, output_usd_per_million=10)


def _probe(
    kind: Kind = Kind.COMPLETION,
    *,
    prices: Prices | None = _PRICES,
    every: float = 60,
    tokens: int = 16,
    has_image: bool = False,
) -> Probe:
    target = Target(
        key="a/b",
        provider="a",
        model="b",
        group="a/b",
        dialect="openai_chat",
        base_url="https://llm.example/v1",
        prices=prices,
    )
    request = RequestSettings(max_output_tokens=tokens, has_image=has_image)
    return Probe(target=target, kind=kind, interval_seconds=every, request=request)


def test_a_day_has_1440_minutes_and_each_run_the_tokens_that_it_may() -> None:
    cost = expected_cost(_probe())

    assert cost.runs == 1440
    assert cost.input_tokens == 1440 * 30
    assert cost.output_tokens == 1440 * 16
    assert cost.usd == pytest.approx(1440 * (30 * 1 + 16 * 10) / 1e6)


def test_an_image_is_paid_for_as_a_part_of_the_prompt() -> None:
    plain, shown = (expected_cost(_probe(has_image=image)) for image in (False, True))

    assert shown.input_tokens > plain.input_tokens
    assert shown.output_tokens == plain.output_tokens


def test_a_listing_is_free_whatever_the_model_costs() -> None:
    cost = expected_cost(_probe(Kind.MODELS, prices=None, every=300))

    assert (cost.runs, cost.output_tokens, cost.usd) == (288, 0, 0)


def test_what_has_no_price_has_no_cost_but_tokens() -> None:
    cost = expected_cost(_probe(prices=None))

    assert cost.usd is None
    assert cost.output_tokens == 23_040


def test_a_bill_keeps_dollars_and_unknown_tokens_apart() -> None:
    probes = [_probe(), _probe(prices=None), _probe(Kind.MODELS, prices=None)]

    bill = Bill.of(probes)

    assert bill.usd == expected_cost(probes[0]).usd
    assert bill.unpriced_tokens == 23_040
    assert bill.output_tokens == 46_080
    assert not bill.is_known
    assert Bill.of(probes[:1]).is_known


@given(
    every=st.floats(min_value=1, max_value=86_400),
    tokens=st.integers(min_value=16, max_value=100_000),
)
def test_twice_as_often_costs_twice_as_much(every: float, tokens: int) -> None:
    once = expected_cost(_probe(every=every, tokens=tokens)).usd
    twice = expected_cost(_probe(every=every / 2, tokens=tokens)).usd

    assert once is not None
    assert twice == pytest.approx(2 * once)
