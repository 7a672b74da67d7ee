"""What the rest of the program gets to see of the configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.model.detail import Detail
from monitor.model.maintenance import Maintenance
from monitor.model.retention import Retention
from monitor.model.target import Probe, Secret
from monitor.probes.budget import Budget
from monitor.scheduling.limits import Bounds

DEFAULT_VANTAGE = "local"
DEFAULT_DATABASE = "sqlite:///monitor.db"
DEFAULT_LISTEN = "127.0.0.1:9464"


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """A model of a gateway that is to become one target for every endpoint that serves it.

    Attributes:
        kind: How the endpoints are listed: `openrouter`.
        provider: The gateway's name.
        model: What is asked for, `author/slug`.
        base_url: Where the gateway's paths begin, without a trailing slash.
        headers: Sent with the request for the list, credentials included.
        interval_seconds: Time between two looks at the list.
        templates: The probes of each target, `completion` first; their target has the key
            `provider/model`, and neither prices nor routing that are an endpoint's own.
    """

    kind: str
    provider: str
    model: str
    base_url: str
    headers: tuple[tuple[str, Secret], ...] = ()
    interval_seconds: float = 3600.0
    templates: tuple[Probe, ...]

    @property
    def template(self) -> Probe:
        """The `completion` probe of each target."""
        return self.templates[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolSettings:
    """Where results wait that the store does not take.

    Attributes:
        path: The folder; None is one beside SQLite's file, else one in the working directory.
        max_bytes: The bound of all its files together.
    """

    path: str | None = None
    max_bytes: int = 256 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSettings:
    """What is shown to those who ask by HTTPS.

    Attributes:
        certificate: Path of the certificate, followed by those of its issuers, in PEM.
        private_key: Path of its key, in PEM.
    """

    certificate: str
    private_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterSettings:
    """Routers that are told what each target should get, beside those that ask over HTTP.

    Attributes:
        haproxy_agent: `HOST:PORT` at which agent checks are answered; None if nowhere.
        envoy_folder: Where each group's endpoints are written for Envoy; None if nowhere.
        envoy_addresses: IP address and port of targets, by key; others have those of their URLs.
    """

    haproxy_agent: str | None = None
    envoy_folder: str | None = None
    envoy_addresses: Mapping[str, tuple[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A configuration that can be run.

    Attributes:
        probes: What to probe, and how; of each target `completion` comes first.
        discoveries: What becomes more probes at run time.
        budget: What all that may cost.
        limits: How much of it may be under way at once.
        retention: How long what is stored is kept.
        canary: `HOST:PORT` that can be reached while our own network works; None if none is named.
        vantage: The name of the place that this daemon probes from.
        database: SQLAlchemy URL of the store.
        spool: Where results wait that the store does not take.
        listen: `HOST:PORT` of the HTTP surfaces.
        tls: What the HTTP surfaces show that they are; None if they speak plain HTTP.
        public: Who asks without the token is shown what anybody may see.
        maintenance: Planned work.
        detail: How much metrics tell of each target.
        routers: Who is told what each target should get.
        token: What the HTTP surfaces ask for; None if they are open.
        source: `file PATH` or `environment`.
        secrets: Every secret that was resolved, for the log and the excerpts to redact.
        warnings: What is unwise about it but can be run.
    """

    probes: tuple[Probe, ...]
    discoveries: tuple[Discovery, ...] = ()
    budget: Budget = field(default_factory=Budget)
    limits: Bounds = field(default_factory=Bounds)
    retention: Retention = field(default_factory=Retention)
    canary: str | None = None
    vantage: str = DEFAULT_VANTAGE
    database: str = DEFAULT_DATABASE
    spool: SpoolSettings = field(default_factory=SpoolSettings)
    listen: str = DEFAULT_LISTEN
    tls: TlsSettings | None = None
    public: bool = False
    maintenance: tuple[Maintenance, ...] = ()
    detail: Detail = Detail.DEFAULT
    routers: RouterSettings = field(default_factory=RouterSettings)
    token: Secret | None = None
    source: str = "environment"
    secrets: tuple[Secret, ...] = ()
    warnings: tuple[str, ...] = ()
