"""Where LiteLLM sends an entry's requests, and as whom, in the words of our configuration."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from monitor.config import checks
from monitor.config.importing.parameters import Parameters, Unusable, written
from monitor.config.importing.providers import Row
from monitor.config.presets import PRESETS

#: Headers that hold no secret, whose values may be shown.
_OPEN_HEADERS = frozenset(
    {"anthropic-beta", "anthropic-version", "http-referer", "openai-beta", "x-title"}
)
_RESOURCE = re.compile(r"https://([A-Za-z0-9-]+)\.openai\.azure\.com")
#: Azure's API without dates.
_UNDATED = (None, "v1", "latest", "preview")
#: Since then Azure takes `max_completion_tokens` and `stream_options`.
_AZURE_SINCE = "2024-09-01"
_AZURE_SERIES = re.compile(r"(o_series|gpt5_series|responses)/")
_ENTRA = ("azure_ad_token", "azure_username", "client_id", "client_secret", "tenant_id")
_ROLES = (
    "aws_profile_name",
    "aws_role_name",
    "aws_session_name",
    "aws_sts_endpoint",
    "aws_web_identity_token",
)
_BEDROCK_ROUTES = re.compile(r"(converse|invoke)/")
_BEDROCK_REGION = re.compile(r"([a-z]{2}(-[a-z]+)+-\d)/")
_LONGEST_PROVIDER = 60


@dataclass(frozen=True, slots=True)
class Reached:
    """How a model is reached.

    Attributes:
        provider: What to call who serves it.
        preset: Which preset holds; None if there is none.
        model: The name that the provider knows it by.
        settings: Keys of our configuration.
        remarks: What is worth knowing about it.
    """

    provider: str
    preset: str | None
    model: str
    settings: dict[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def reach(row: Row, model: str, said: Parameters) -> Reached:
    """Work out how *model* is reached.

    Raises:
        Unusable: We cannot reach it as LiteLLM does.
    """
    reached = _SPECIAL.get(row.preset, _plain)(row, model, said)
    region, headers = said.text("region_name"), _headers(said)
    if region:
        reached.settings.setdefault("region", region)
    if headers:
        reached.settings["headers"] = headers
    return reached


def _plain(row: Row, model: str, said: Parameters) -> Reached:
    base_url = _base_url(row, said)
    provider, preset = _who(row, base_url)
    key = said.secret("api_key", f"{provider}_api_key")
    settings = {"base_url": base_url} if base_url else {}
    env = row.env if preset == row.preset else PRESETS[preset].env if preset else None
    if key or env:
        settings["api_key"] = key or f"${{{env}}}"
    keyless = () if preset or key else ("has no api_key, so probes send none",)
    return Reached(provider, preset, model, settings, keyless)


def _base_url(row: Row, said: Parameters) -> str | None:
    """Give the address that is written, as our dialect wants it; None if the preset's holds."""
    base_url = said.text("api_base") or said.text("base_url")
    if base_url is None:
        default = PRESETS[row.preset].base_url
        return f"${{{row.base_env}:-{default}}}" if row.base_env else None
    base_url = base_url.rstrip("/")
    for end in row.cut:
        base_url = base_url.removesuffix(end).rstrip("/")
    return base_url + row.added


def _who(row: Row, base_url: str | None) -> tuple[str, str | None]:
    """Name who is reached, and the preset: whoever speaks like OpenAI is known by the host."""
    if base_url is None or not row.is_compatible:
        return row.preset, row.preset
    keyed = (each for each in PRESETS.values() if each.env and each.needs_key)
    owner = next((each.name for each in keyed if each.owns(base_url)), None)
    if owner:
        return owner, owner
    name = _host_name(base_url)
    return (f"{name}-server" if name in PRESETS else name), None


def _host_name(base_url: str) -> str:
    """Make a provider's name of a host, or of the variable that holds the address.

    >>> _host_name("http://10.0.0.7:8000/v1"), _host_name("${EAST_API_BASE}")
    ('10.0.0.7-8000', 'east')
    """
    if base_url.startswith("${"):
        name = re.split(r"[}:]", base_url[2:])[0].lower()
        where = re.sub(r"_(api_base|base_url|url|endpoint)$", "", name)
    else:
        checks.base_url(base_url)
        where = urlsplit(base_url).netloc.lower()
    name = re.sub(r"[^a-z0-9.]+", "-", where).strip("-.")[:_LONGEST_PROVIDER]
    return name or "server"


def _azure(row: Row, model: str, said: Parameters) -> Reached:
    key = said.secret("api_key", "azure_api_key")
    if key is None and said.has(*_ENTRA):
        raise Unusable("signs in with Entra ID, which probes cannot", "give it an api_key")
    base_url = (said.text("api_base") or said.text("base_url") or "${AZURE_API_BASE}").rstrip("/")
    version = said.text("api_version")
    settings: dict[str, Any] = {"api_key": key or f"${{{row.env}}}"}
    model = _AZURE_SERIES.sub("", model, count=1)
    origin = base_url.partition("/openai")[0].rstrip("/")
    resource = _RESOURCE.fullmatch(origin)
    if version in _UNDATED and resource:
        settings |= {"resource": resource[1]}
    elif version in _UNDATED:
        settings |= {"base_url": f"{origin}/openai/v1"}
    else:
        place = f"{origin}/openai/deployments/{quote(model, safe='')}"
        settings |= {"base_url": place, "query": {"api-version": version}} | _aged(version)
    return Reached("azure", "azure", model, settings)


def _aged(version: str | None) -> dict[str, Any]:
    if version is None or not version[0].isdigit() or version >= _AZURE_SINCE:
        return {}
    return {"request": {"max_tokens_parameter": "max_tokens", "include_usage": False}}


def _vertex(row: Row, model: str, said: Parameters) -> Reached:
    if not model.startswith("gemini"):
        raise Unusable("is a model of Vertex AI other than Gemini, which probes cannot ask")
    if said.has("api_base", "base_url"):
        raise Unusable("has an address of its own, which probes of Vertex AI cannot use")
    for name in ("vertex_credentials", "api_key"):
        said.take(name)
    settings = {
        "api_key": "${VERTEX_ACCESS_TOKEN}",
        "project": said.text("vertex_project") or "${VERTEXAI_PROJECT}",
        "region": said.text("vertex_location") or "${VERTEXAI_LOCATION:-us-central1}",
    }
    remark = (
        "needs an access token in VERTEX_ACCESS_TOKEN, which ends after an hour; for longer, write "
        "a key as the header x-goog-api-key"
    )
    return Reached(row.preset, row.preset, model, settings, (remark,))


def _bedrock(row: Row, model: str, said: Parameters) -> Reached:
    if said.has(*_ROLES):
        raise Unusable("signs with a role or a profile of AWS, which probes cannot")
    model = _BEDROCK_ROUTES.sub("", model, count=1)
    region = _BEDROCK_REGION.match(model)
    if region:
        model = model.removeprefix(region[0])
    own = said.text("aws_region_name")
    base_url = said.text("api_base") or said.text("aws_bedrock_runtime_endpoint")
    settings: dict[str, Any] = {"region": region[1] if region else own or "${AWS_REGION_NAME}"}
    settings |= {"base_url": base_url.rstrip("/")} if base_url else {}
    key = said.secret("api_key", "bedrock_api_key")
    return Reached(row.preset, row.preset, model, settings | _signed(key, said))


def _signed(key: str | None, said: Parameters) -> dict[str, Any]:
    if key:
        return {"api_key": key}
    access = said.secret("aws_access_key_id", "aws_access_key_id")
    secret = said.secret("aws_secret_access_key", "aws_secret_access_key")
    session = said.secret("aws_session_token", "aws_session_token")
    pair = {
        "access_key_id": access or "${AWS_ACCESS_KEY_ID}",
        "secret_access_key": secret or "${AWS_SECRET_ACCESS_KEY}",
    }
    return {"aws": pair | ({"session_token": session} if session else {})}


def _headers(said: Parameters) -> dict[str, str]:
    """Give the headers that are written; values of unknown meaning become variables."""
    headers: dict[str, str] = {}
    for source in ("headers", "extra_headers"):
        given = said.take(source)
        if not isinstance(given, dict):
            continue
        inner = said.within(source, given)
        for name, value in given.items():
            checks.header_name(name)
            is_open = name.lower() in _OPEN_HEADERS
            text = written(name, value) if is_open else inner.secret(name, f"header_{name}")
            headers |= {name: text} if text else {}
    organization = said.text("organization")
    return headers | ({"OpenAI-Organization": organization} if organization else {})


_SPECIAL: dict[str, Callable[[Row, str, Parameters], Reached]] = {
    "azure": _azure,
    "vertex": _vertex,
    "bedrock": _bedrock,
}
