"""What is probed, and how: target, request settings, deadlines, probe."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from monitor.model.policy import DEFAULT_POLICY, HealthPolicy


class Secret:
    """A string that never shows itself: not in a log, a traceback, or a page."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the string itself; only the sender of a request may ask."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


class Kind(StrEnum):
    """What a probe asks for."""

    COMPLETION = "completion"
    THROUGHPUT = "throughput"
    MODELS = "models"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What the provider bills, in US dollars per million tokens, and for an image of a prompt."""

    input_usd_per_million: float
    output_usd_per_million: float
    image_usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """Credentials with which each request is signed (AWS Signature Version 4).

    Attributes:
        access_key_id: Names the key; it is sent.
        secret_access_key: Signs; it is never sent.
        session_token: Sent beside the signature of temporary credentials.
        region: Of the service, such as `eu-central-1`.
        service: In AWS's spelling.
    """

    access_key_id: str
    secret_access_key: Secret
    session_token: Secret | None = None
    region: str
    service: str = "bedrock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One provider endpoint: provider + model + base URL/region + credential.

    Attributes:
        key: `provider/model` or `provider/model@name`; the identity in SQL, metrics and API.
        provider: Who serves it.
        model: What is asked for, in the provider's spelling.
        group: The logical model, `author/slug`; targets of a group can stand in for each other.
        dialect: The wire format it speaks.
        base_url: Where the dialect's paths begin, without a trailing slash.
        headers: Sent with every request, credentials included.
        query: Sent with every request in the URL, such as Azure's `api-version`.
        streams: The server streams its answers; one that does not is asked for whole ones.
        region: Free text, for labels.
        prices: What it costs, when known.
        served_by: Who must have answered, where a gateway names it; None if that is open.
        simulated: Served by the built-in simulator, so its figures say nothing of the world.
        signing: Signs each request, where a header alone does not do.
        context_tokens: The longest prompt together with its answer, when known.
        longest_output_tokens: The longest answer, when known.
        deployment: What a router calls it, where that is not the key.
    """

    key: str
    provider: str
    model: str
    group: str
    dialect: str
    base_url: str
    headers: tuple[tuple[str, Secret], ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    streams: bool = True
    region: str | None = None
    prices: Prices | None = None
    served_by: str | None = None
    simulated: bool = False
    signing: Signing | None = None
    context_tokens: int | None = None
    longest_output_tokens: int | None = None
    deployment: str | None = None

    @property
    def host(self) -> str:
        """The host (and port) of the base URL."""
        return self.base_url.split("://", 1)[-1].split("/", 1)[0].rsplit("@", 1)[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long we wait for each part of a run, in seconds."""

    connect_seconds: float = 5.0
    first_token_seconds: float = 20.0
    stall_seconds: float = 10.0
    total_seconds: float = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSettings:
    """How the completion is asked for.

    Attributes:
        max_output_tokens: The ceiling on generated tokens; at least 16.
        max_tokens_parameter: The name under which the server takes that ceiling.
        temperature: Sampling temperature; None where the model refuses one.
        reasoning_effort: As low as the API has, for reasoning models; None otherwise.
        include_usage: Ask for the token counts at the end of the stream.
        has_image: Send a tiny image along, to a model that takes images.
        extra_body: JSON members that are joined into the request, such as a gateway's routing.
    """

    max_output_tokens: int = 16
    max_tokens_parameter: str = "max_tokens"
    temperature: float | None = 0.0
    reasoning_effort: str | None = None
    include_usage: bool = True
    has_image: bool = False
    extra_body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """The standing order: target + kind + request + interval + deadlines.

    Attributes:
        target: What is probed.
        kind: What is asked for.
        interval_seconds: From slot to slot.
        jitter_seconds: A slot may be early or late by so much.
        deadlines: How long we wait.
        request: How the completion is asked for.
        keeps_connection: Runs go over one connection that is kept warm; otherwise each run opens
            its own, so that faults of DNS and TLS are seen.
        policy: How quickly minds change about the target's health.
    """

    target: Target
    kind: Kind = Kind.COMPLETION
    interval_seconds: float = 60.0
    jitter_seconds: float = 6.0
    deadlines: Deadlines = field(default_factory=Deadlines)
    request: RequestSettings = field(default_factory=RequestSettings)
    keeps_connection: bool = False
    policy: HealthPolicy = DEFAULT_POLICY

    @property
    def key(self) -> str:
        """Names the probe: the target's key and the kind."""
        return f"{self.target.key}#{self.kind}"

    @property
    def connection_name(self) -> str:
        """Names the connection that is kept for it: to another base URL leads another one."""
        return f"{self.key} {self.target.base_url}"
