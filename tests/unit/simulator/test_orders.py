"""Faults on command: whom they concern, and when they are used up."""

import pytest

from monitor.simulator.faults import FaultKind, misbehaviour
from monitor.simulator.orders import OrderBook, make_order

SECOND = 1_000_000_000


def book(*commands: tuple[str, str | None, FaultKind, dict[str, int]]) -> OrderBook:
    orders = OrderBook()
    for provider, model, fault, bounds in commands:
        orders.add(
            make_order(
                provider,
                model,
                misbehaviour(fault),
                now_ns=0,
                count=bounds.get("count"),
                seconds=bounds.get("seconds"),
            )
        )
    return orders


def kind(orders: OrderBook, model: str = "m", at_seconds: float = 0) -> FaultKind | None:
    fault = orders.take("p", model, round(at_seconds * SECOND))
    return fault.kind if fault else None


def test_an_order_holds_until_it_is_withdrawn() -> None:
    orders = book(("p", None, FaultKind.STALL, {}))

    assert [kind(orders), kind(orders, at_seconds=1e6)] == [FaultKind.STALL] * 2

    orders.clear()
    assert kind(orders) is None


def test_a_count_is_used_up_by_requests() -> None:
    orders = book(("p", None, FaultKind.STALL, {"count": 2}))

    assert [kind(orders) for _ in range(3)] == [FaultKind.STALL, FaultKind.STALL, None]


def test_a_time_runs_out() -> None:
    orders = book(("p", None, FaultKind.STALL, {"seconds": 5}))

    assert kind(orders, at_seconds=4.9) is FaultKind.STALL
    assert kind(orders, at_seconds=5) is None
    assert orders.in_force(0) == ()


def test_the_newest_order_decides_and_then_the_older_holds_again() -> None:
    orders = book(("p", None, FaultKind.STALL, {}), ("p", "m", FaultKind.EMPTY, {"count": 1}))

    assert [kind(orders), kind(orders)] == [FaultKind.EMPTY, FaultKind.STALL]


def test_two_equal_orders_are_used_up_one_after_the_other() -> None:
    command = ("p", None, FaultKind.STALL, {"count": 1})
    orders = book(command, command)

    assert [kind(orders) for _ in range(3)] == [FaultKind.STALL, FaultKind.STALL, None]


def test_an_order_for_another_model_or_provider_leaves_a_request_alone() -> None:
    orders = book(("p", "other", FaultKind.STALL, {}), ("q", None, FaultKind.STALL, {}))

    assert kind(orders) is None
    assert kind(orders, model="other") is FaultKind.STALL


def test_a_refusal_is_kept_for_the_door_and_concerns_no_request() -> None:
    orders = book(("p", None, FaultKind.REFUSED, {"seconds": 5}))

    assert kind(orders) is None
    assert len(orders.refusals("p", 4 * SECOND)) == 1
    assert orders.refusals("q", 0) == ()
    assert orders.refusals("p", 5 * SECOND) == ()


@pytest.mark.parametrize(
    ("provider", "model", "left"),
    [
        pytest.param(None, None, [], id="all"),
        pytest.param("p", None, [("q", None)], id="a provider's"),
        pytest.param("p", "m", [("p", None), ("q", None)], id="those for one model"),
    ],
)
def test_orders_are_withdrawn_as_widely_as_asked(
    provider: str | None, model: str | None, left: list[tuple[str, str | None]]
) -> None:
    orders = book(*((p, m, FaultKind.STALL, {}) for p, m in [("p", None), ("p", "m"), ("q", None)]))

    orders.clear(provider, model)

    assert [(order.provider, order.model) for order in orders.in_force(0)] == left


@pytest.mark.parametrize(
    ("model", "fault", "count", "seconds"),
    [
        pytest.param(None, FaultKind.STALL, 0, None, id="no requests"),
        pytest.param(None, FaultKind.STALL, None, 0, id="no time"),
        pytest.param("m", FaultKind.REFUSED, None, None, id="refused for a model"),
        pytest.param(None, FaultKind.REFUSED, 3, None, id="refused by count"),
    ],
)
def test_an_order_that_cannot_be_carried_out_is_refused(
    model: str | None, fault: FaultKind, count: int | None, seconds: float | None
) -> None:
    with pytest.raises(ValueError, match=r"positive|refused"):
        make_order("p", model, misbehaviour(fault), now_ns=0, count=count, seconds=seconds)
