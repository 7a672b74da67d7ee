"""Where a target's requests go, and as whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

from monitor.config import checks
from monitor.config.errors import Finding, Place
from monitor.config.presets import PRESETS, Preset
from monitor.config.subject import Subject
from monitor.model.target import Secret

#: How much a provider's name must be like a preset's to be taken for a slip of the pen.
_ALIKE = 0.75

Headers = tuple[tuple[str, Secret], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How a target is reached.

    Attributes:
        base_url: Where the dialect's paths begin; empty if that is among the findings.
        dialect: The wire format.
        headers: Sent with every request, credentials included.
        secrets: A key that was taken from the preset's variable.
        findings: What makes it unusable.
        warnings: What is unwise.
    """

    base_url: str
    dialect: str
    headers: Headers
    secrets: tuple[Secret, ...] = ()
    findings: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()


def connection(subject: Subject, environ: Mapping[str, str]) -> Connection:
    """Work out how *subject* is reached; its preset's variable is looked up in *environ*."""
    found = subject.chain.text("base_url")
    preset = subject.preset or Preset(name=subject.provider, base_url="")
    base_url = found.value if found else preset.base_url
    dialect = subject.chain.text("dialect")
    key, findings = _key(subject, preset, base_url, environ)
    headers = _headers(subject, preset, key)
    carries_key = any(name.lower() == preset.auth_header.lower() for name, _ in headers)
    place = found.place if found else subject.place
    return Connection(
        base_url=base_url,
        dialect=dialect.value if dialect else preset.dialect,
        headers=headers,
        secrets=(key,) if key else (),
        findings=findings if base_url else (_no_base_url(subject),),
        warnings=_warnings(base_url, place) if carries_key else (),
    )


def _headers(subject: Subject, preset: Preset, key: Secret | None) -> Headers:
    """Join the preset's headers, the key's and the operator's; the operator's win."""
    headers = {name.lower(): (name, Secret(value)) for name, value in preset.headers}
    if key is not None:
        value = Secret(f"{preset.auth_prefix}{key.reveal()}")
        headers[preset.auth_header.lower()] = (preset.auth_header, value)
    return tuple((headers | subject.chain.headers()).values())


def _key(
    subject: Subject, preset: Preset, base_url: str, environ: Mapping[str, str]
) -> tuple[Secret | None, tuple[Finding, ...]]:
    """Give the API key that was written, or else the preset's, which no other host gets."""
    if preset.auth_header.lower() in subject.chain.headers():
        return None, ()
    found = subject.chain.find("api_key")
    if found is not None and isinstance(found.value, SecretStr):
        return Secret(found.value.get_secret_value()), ()
    if preset.env is None or base_url != preset.base_url:
        return None, ()
    place = ("providers", subject.provider, "api_key")
    value = environ.get(preset.env)
    if not value:
        hint = f"set the environment variable {preset.env}, or write api_key"
        return None, (Finding(place, "is required", hint),)
    try:
        return Secret(checks.header_value(value)), ()
    except ValueError as error:
        return None, (Finding(place, f"the environment variable {preset.env} {error}"),)


def _no_base_url(subject: Subject) -> Finding:
    guess = checks.suggestion(subject.provider, PRESETS, cutoff=_ALIKE)
    hint = f"no preset has the provider's name; {guess}" if guess else None
    return Finding(("providers", subject.provider, "base_url"), "is required", hint)


def _warnings(base_url: str, place: Place) -> tuple[Finding, ...]:
    url = urlsplit(base_url)
    if url.scheme != "http" or checks.is_loopback(url.hostname or ""):
        return ()
    return (Finding(place, "plain http to another host shows the API key to the network"),)
