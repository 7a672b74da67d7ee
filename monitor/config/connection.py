"""Where a target's requests go, and as whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

from monitor.config import checks
from monitor.config.address import Address, address
from monitor.config.errors import Finding, Place
from monitor.config.levels import Aws
from monitor.config.presets import Preset
from monitor.config.subject import Subject
from monitor.model.target import Secret, Signing

#: The wire format of the service that takes signed requests.
_SIGNED_DIALECT = "bedrock_converse"

Headers = tuple[tuple[str, Secret], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How a target is reached.

    Attributes:
        base_url: Where the dialect's paths begin; empty if that is among the findings.
        is_preset: The base URL is the preset's own, so that its prices hold.
        dialect: The wire format.
        headers: Sent with every request, credentials included.
        query: Sent with every request in the URL.
        streams: The server streams its answers.
        signing: Signs each request, where no key is sent.
        secrets: A key that was taken from the preset's variable.
        findings: What makes it unusable.
        warnings: What is unwise.
    """

    base_url: str
    is_preset: bool
    dialect: str
    headers: Headers
    query: tuple[tuple[str, str], ...] = ()
    streams: bool = True
    signing: Signing | None = None
    secrets: tuple[Secret, ...] = ()
    findings: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()


def connection(subject: Subject, environ: Mapping[str, str]) -> Connection:
    """Work out how *subject* is reached; its preset's variable is looked up in *environ*."""
    preset = subject.preset or Preset(name=subject.provider, base_url="")
    where = address(subject)
    dialect, streams = subject.chain.text("dialect"), subject.chain.find("streams")
    key, findings = _key(subject, preset, where, environ)
    signing, unsigned = _signing(subject, dialect.value if dialect else preset.dialect)
    headers = _headers(subject, preset, key)
    carries_key = any(name.lower() == preset.auth_header.lower() for name, _ in headers)
    place = where.setting.place if where.setting else subject.place
    return Connection(
        base_url=where.base_url,
        is_preset=where.is_preset,
        dialect=dialect.value if dialect else preset.dialect,
        headers=headers,
        query=tuple((dict(preset.query) | subject.chain.query()).items()),
        streams=streams is None or bool(streams.value),
        signing=signing,
        secrets=(key,) if key else (),
        findings=where.findings or (*findings, *unsigned),
        warnings=_warnings(where.base_url, place) if carries_key else (),
    )


def _headers(subject: Subject, preset: Preset, key: Secret | None) -> Headers:
    """Join the preset's headers, the key's and the operator's; the operator's win."""
    headers = {name.lower(): (name, Secret(value)) for name, value in preset.headers}
    for setting, name in preset.signature:
        if found := subject.chain.text(setting):
            headers[name.lower()] = (name, Secret(found.value))
    if key is not None:
        value = Secret(f"{preset.auth_prefix}{key.reveal()}")
        headers[preset.auth_header.lower()] = (preset.auth_header, value)
    return tuple((headers | subject.chain.headers()).values())


def _key(
    subject: Subject, preset: Preset, where: Address, environ: Mapping[str, str]
) -> tuple[Secret | None, tuple[Finding, ...]]:
    """Give the API key that was written, or else the preset's, which no other host gets."""
    if preset.auth_header.lower() in subject.chain.headers():
        return None, ()
    found = subject.chain.find("api_key")
    if found is not None and isinstance(found.value, SecretStr):
        return Secret(found.value.get_secret_value()), ()
    if preset.env is None or not where.is_preset or subject.chain.find("aws"):
        return None, ()
    place = ("providers", subject.provider, "api_key")
    value = environ.get(preset.env)
    if not value:
        hint = f"set the environment variable {preset.env}, or write api_key"
        return None, (Finding(place, "is required", hint),) if preset.needs_key else ()
    try:
        return Secret(checks.header_value(value)), ()
    except ValueError as error:
        return None, (Finding(place, f"the environment variable {preset.env} {error}"),)


def _signing(subject: Subject, dialect: str) -> tuple[Signing | None, tuple[Finding, ...]]:
    """Give what signs the requests; a key that is written besides is sent as well."""
    found, region = subject.chain.find("aws"), subject.chain.text("region")
    if found is None or not isinstance(found.value, Aws):
        return None, ()
    if dialect != _SIGNED_DIALECT:
        return None, (Finding(found.place, f"is only for the dialect {_SIGNED_DIALECT}"),)
    if region is None:
        place = ("providers", subject.provider, "region")
        return None, (Finding(place, "is required", "aws signs for a region"),)
    token = found.value.session_token
    signing = Signing(
        access_key_id=found.value.access_key_id,
        secret_access_key=Secret(found.value.secret_access_key.get_secret_value()),
        session_token=Secret(token.get_secret_value()) if token else None,
        region=region.value,
    )
    return signing, ()


def _warnings(base_url: str, place: Place) -> tuple[Finding, ...]:
    url = urlsplit(base_url)
    if url.scheme != "http" or checks.is_loopback(url.hostname or ""):
        return ()
    return (Finding(place, "plain http to another host shows the API key to the network"),)
