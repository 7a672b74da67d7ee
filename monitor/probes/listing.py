"""Pure: a gateway's list of the endpoints that serve a model, and the probes that come of it.

Format: OpenRouter's `GET /api/v1/models/{author}/{slug}/endpoints` (openapi.yaml, PublicEndpoint).
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from monitor.model.target import Prices, Probe, Secret
from monitor.probes.dialect import merged

_MILLION = 1_000_000
_MAX_ENDPOINTS = 200
#: What every run that is pinned to one endpoint says beside its routing.
_PINNED_HEADERS = (
    ("x-openrouter-cache", Secret("false")),
    ("x-openrouter-metadata", Secret("enabled")),
)


class ListingError(ValueError):
    """The answer is no list of endpoints; the message says what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One endpoint, as the gateway lists it.

    Attributes:
        tag: Names it in routing, such as `deepinfra/turbo`.
        provider_name: Who serves it.
        quantization: Of the weights, where it is told.
        prices: What the gateway bills for it.
        context_tokens: The longest prompt with its answer.
        longest_output_tokens: The longest answer.
        parameters: Request parameters that it takes; empty where that is not told.
        uptime_ratio: The gateway's own figure for the last 30 minutes.
        latency_seconds: Its median time to first token over that time.
        tokens_per_second: Its median throughput over that time.
    """

    tag: str
    provider_name: str
    quantization: str | None = None
    prices: Prices | None = None
    context_tokens: int | None = None
    longest_output_tokens: int | None = None
    parameters: frozenset[str] = frozenset()
    uptime_ratio: float | None = None
    latency_seconds: float | None = None
    tokens_per_second: float | None = None


def parse_listing(body: object) -> tuple[Listed, ...]:
    """Read a decoded list.

    Raises:
        ListingError: It is none, or names no endpoint: that is never a reason to forget them.
    """
    data = body.get("data") if isinstance(body, dict) else None
    entries = data.get("endpoints") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise ListingError("no data.endpoints in the answer")
    listed = {each.tag: each for each in _entries(entries[:_MAX_ENDPOINTS])}
    if not listed:
        raise ListingError("the list names no endpoint")
    return tuple(listed.values())


def expand(templates: tuple[Probe, ...], listed: tuple[Listed, ...]) -> tuple[Probe, ...]:
    """Make the probes of every endpoint from those of the model, each pinned to its endpoint."""
    return tuple(_pinned(template, each) for each in listed for template in templates)


def key_of(template: Probe, listed: Listed) -> str:
    """Name the target that an endpoint becomes."""
    return f"{template.target.key}@{listed.tag}"


def _pinned(template: Probe, listed: Listed) -> Probe:
    routing: dict[str, Any] = {
        "only": [listed.tag],
        "order": [listed.tag],
        "allow_fallbacks": False,
    }
    if listed.quantization and listed.quantization != "unknown":
        routing["quantizations"] = [listed.quantization]
    target, request = template.target, template.request
    takes_temperature = not listed.parameters or "temperature" in listed.parameters
    headers = dict(target.headers) | dict(_PINNED_HEADERS)
    return replace(
        template,
        target=replace(
            target,
            key=key_of(template, listed),
            headers=tuple(headers.items()),
            prices=target.prices or listed.prices,
            context_tokens=target.context_tokens or listed.context_tokens,
            longest_output_tokens=target.longest_output_tokens or listed.longest_output_tokens,
            served_by=listed.provider_name,
        ),
        request=replace(
            request,
            temperature=request.temperature if takes_temperature else None,
            extra_body=merged(request.extra_body, {"provider": routing}),
        ),
    )


def _entries(entries: list[Any]) -> Iterator[Listed]:
    for entry in entries:
        tag = entry.get("tag") if isinstance(entry, dict) else None
        if isinstance(tag, str) and _is_sane(tag):
            yield _listed(entry, tag)


def _is_sane(tag: str) -> bool:
    return 0 < len(tag) <= 100 and tag.isprintable() and not set(tag) & set("#@ ")  # noqa: PLR2004


def _listed(entry: Mapping[str, Any], tag: str) -> Listed:
    parameters = entry.get("supported_parameters")
    uptime = _number(entry.get("uptime_last_30m"))
    latency = _median(entry.get("latency_last_30m"))
    return Listed(
        tag=tag,
        provider_name=(_text(entry.get("provider_name")) or tag)[:100],
        quantization=_text(entry.get("quantization")),
        prices=_prices(entry.get("pricing")),
        context_tokens=_tokens(entry.get("context_length")),
        longest_output_tokens=_tokens(entry.get("max_completion_tokens")),
        parameters=frozenset(filter(None, map(_text, parameters)))
        if isinstance(parameters, list)
        else frozenset(),
        uptime_ratio=None if uptime is None else min(uptime / 100, 1.0),
        latency_seconds=None if latency is None else latency / 1000,
        tokens_per_second=_median(entry.get("throughput_last_30m")),
    )


def _prices(pricing: object) -> Prices | None:
    """Prices come as strings of dollars per token."""
    if not isinstance(pricing, dict):
        return None
    paid_in, paid_out, image = (
        _number(pricing.get(name)) for name in ("prompt", "completion", "image")
    )
    if paid_in is None or paid_out is None:
        return None
    return Prices(
        input_usd_per_million=paid_in * _MILLION,
        output_usd_per_million=paid_out * _MILLION,
        image_usd=image or None,  # they tell 0 for models that take none
    )


def _tokens(value: object) -> int | None:
    number = _number(value)
    return round(number) if number else None


def _median(value: object) -> float | None:
    """A number, or percentiles; both forms are in use."""
    return _number(value.get("p50") if isinstance(value, dict) else value)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
