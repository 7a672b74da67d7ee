"""The faults that were commanded: which are in force, and for how much longer."""

from dataclasses import dataclass, replace

from monitor.simulator.faults import FaultKind, Misbehaviour
from monitor.simulator.plan import NANOSECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command to misbehave.

    Attributes:
        provider: Whom it concerns.
        model: Which model; None for all of the provider.
        fault: What to do wrong.
        count: For how many requests yet; None without such a bound.
        until_ns: Until when, on the monotonic clock; None without such a bound.
    """

    provider: str
    model: str | None
    fault: Misbehaviour
    count: int | None = None
    until_ns: int | None = None

    def concerns(self, provider: str, model: str | None) -> bool:
        """Say whether it is about that provider, and about that model if one is named."""
        return self.provider == provider and (model is None or self.model in (None, model))

    def in_force(self, now_ns: int) -> bool:
        """Say whether its time is not over."""
        return self.until_ns is None or now_ns < self.until_ns


def make_order(
    provider: str,
    model: str | None,
    fault: Misbehaviour,
    *,
    now_ns: int,
    count: int | None = None,
    seconds: float | None = None,
) -> Order:
    """Turn a command into an order that begins now.

    Raises:
        ValueError: The bound is not positive, or the fault is `refused` with a model or a
            count: a closed door is the provider's, and counts nobody.
    """
    if (count is not None and count < 1) or (seconds is not None and seconds <= 0):
        raise ValueError("count and seconds are positive")
    if fault.kind is FaultKind.REFUSED and (model is not None or count is not None):
        raise ValueError("refused concerns a whole provider and cannot be counted")
    until_ns = None if seconds is None else now_ns + round(seconds * NANOSECONDS)
    return Order(provider=provider, model=model, fault=fault, count=count, until_ns=until_ns)


class OrderBook:
    """The orders in force; the newest that concerns a request decides."""

    def __init__(self) -> None:
        self._orders: list[Order] = []

    def add(self, order: Order) -> None:
        """Put an order in force."""
        self._orders.append(order)

    def clear(self, provider: str | None = None, model: str | None = None) -> None:
        """Withdraw orders: all, or a provider's, or only those given for one of its models."""
        self._orders = [
            order
            for order in self._orders
            if (provider is not None and order.provider != provider)
            or (model is not None and order.model != model)
        ]

    def in_force(self, now_ns: int) -> tuple[Order, ...]:
        """The orders whose time and count are not used up, oldest first."""
        self._orders = [order for order in self._orders if order.in_force(now_ns)]
        return tuple(self._orders)

    def take(self, provider: str, model: str, now_ns: int) -> Misbehaviour | None:
        """The fault that is commanded for a request, which uses up one of its count."""
        for order in reversed(self.in_force(now_ns)):
            if order.fault.kind is not FaultKind.REFUSED and order.concerns(provider, model):
                self._use(order)
                return order.fault
        return None

    def refusals(self, provider: str, now_ns: int) -> tuple[Order, ...]:
        """The orders that keep a provider's door closed."""
        return tuple(
            order
            for order in self.in_force(now_ns)
            if order.fault.kind is FaultKind.REFUSED and order.concerns(provider, None)
        )

    def _use(self, order: Order) -> None:
        if order.count is None:
            return
        at = next(index for index, other in enumerate(self._orders) if other is order)
        if order.count == 1:
            del self._orders[at]
        else:
            self._orders[at] = replace(order, count=order.count - 1)
