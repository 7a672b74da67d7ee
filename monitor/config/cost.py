"""Pure: what probing will cost, reckoned before anything is spent.

Only scheduled runs count; each is taken to generate as many tokens as it may, so that the bill can
only be smaller. Confirm runs follow failures, which are hardly ever billed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from monitor.model.target import Kind, Probe

_DAY_SECONDS = 86_400
_MILLION = 1_000_000
#: Of the prompt, its nonce and what the provider puts around them.
_PROMPT_TOKENS = 30
#: What the dearest provider reckons for the smallest image.
_IMAGE_TOKENS = 258


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a probe costs in a day.

    Attributes:
        runs: Scheduled runs.
        input_tokens: Of all prompts, estimated.
        output_tokens: Generated at most.
        usd: US dollars at most; None if the price is not known.
    """

    runs: float
    input_tokens: float
    output_tokens: float
    usd: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What several probes cost in a day.

    Attributes:
        usd: US dollars at most, without what has no known price.
        unpriced_tokens: Generated tokens at most of what has no known price.
        output_tokens: Generated tokens at most of all.
    """

    usd: float = 0.0
    unpriced_tokens: float = 0.0
    output_tokens: float = 0.0

    @classmethod
    def of(cls, probes: Iterable[Probe]) -> Self:
        """Add up what *probes* cost."""
        costs = [expected_cost(probe) for probe in probes]
        return cls(
            usd=sum(cost.usd for cost in costs if cost.usd is not None),
            unpriced_tokens=sum(cost.output_tokens for cost in costs if cost.usd is None),
            output_tokens=sum(cost.output_tokens for cost in costs),
        )

    @property
    def is_known(self) -> bool:
        """Every price is known, so that the dollars are all there is."""
        return self.unpriced_tokens == 0


def expected_cost(probe: Probe) -> Cost:
    """Reckon what *probe* costs in a day; a listing of models is free."""
    runs = _DAY_SECONDS / probe.interval_seconds
    if probe.kind is Kind.MODELS:
        return Cost(runs=runs, input_tokens=0, output_tokens=0, usd=0.0)
    prompt = _PROMPT_TOKENS + (_IMAGE_TOKENS if probe.request.has_image else 0)
    sent, generated = runs * prompt, runs * probe.request.max_output_tokens
    return Cost(
        runs=runs,
        input_tokens=sent,
        output_tokens=generated,
        usd=_usd(probe, sent, generated),
    )


def _usd(probe: Probe, sent: float, generated: float) -> float | None:
    prices = probe.target.prices
    if prices is None:
        return None
    paid_in = sent * prices.input_usd_per_million
    return (paid_in + generated * prices.output_usd_per_million) / _MILLION
