"""The grammar of `monitor.yaml`. Every field says what it means; the reference is made of that."""

from typing import Annotated

from pydantic import AfterValidator, Field

from monitor.config import checks, fields
from monitor.config.fields import DISCOVERIES, Grammar, Unset
from monitor.config.health import Health
from monitor.config.levels import Connection, Defaults
from monitor.config.maintenance import Work
from monitor.config.routing import Routing
from monitor.config.settings import (
    DEFAULT_DATABASE,
    DEFAULT_LISTEN,
    DEFAULT_VANTAGE,
    SpoolSettings,
)
from monitor.config.surfaces import Metrics, Tls
from monitor.model.retention import Retention as Kept
from monitor.scheduling.limits import Bounds

_BOUNDS = Bounds()
_DEPLOYMENT = (
    "What a router calls it, where that is not the key, such as LiteLLM's `model_info.id`; the "
    "[routing feed](routing/litellm.md) tells both."
)
_KEPT = Kept()
_SPOOL = SpoolSettings()


class Prices(Grammar):
    """What the provider bills, in US dollars per million tokens."""

    input_usd_per_million: fields.Price = Field(description="For tokens of the prompt.")
    output_usd_per_million: fields.Price = Field(description="For generated tokens.")
    image_usd: Annotated[fields.Price | None, Unset("unknown")] = Field(
        default=None, description="For an image of the prompt; only shown, no probe sends one."
    )


class Budget(Grammar):
    """What probing may cost."""

    usd_per_day: fields.Dollars = Field(
        description="For all providers together, in US dollars a day of UTC. Runs of unknown "
        "price are not counted."
    )


class Limits(Grammar):
    """How many runs may be under way at once."""

    concurrency: fields.AtOnce = Field(
        default=_BOUNDS.overall, description="All runs together, of every kind."
    )
    per_provider: fields.AtOnce = Field(
        default=_BOUNDS.per_provider,
        description="Runs of one provider; the `concurrency` of a provider beats it.",
    )
    per_host: fields.AtOnce = Field(
        default=_BOUNDS.per_host,
        description="Runs at one host and port, whatever providers have their base URL there.",
    )


class Spool(Grammar):
    """Where results wait, as lines of JSON, while the store does not take them."""

    path: Annotated[
        fields.Folder | None,
        Unset("`monitor.db-spool` beside SQLite's `monitor.db`, else `monitor-spool`"),
    ] = Field(
        default=None,
        description="The folder, made when it is needed; best on another disk than the store.",
    )
    max_bytes: fields.SpoolBytes = Field(
        default=_SPOOL.max_bytes,
        description="The bound of all its files together, about 1000 results a megabyte; beyond "
        "it the oldest go.",
    )


class Retention(Grammar):
    """How long what is stored is kept, in whole days of UTC beside the one that runs."""

    raw_days: fields.RawDays = Field(
        default=_KEPT.raw_days, description="Results, one row a run; at least 2."
    )
    hourly_days: fields.RollupDays = Field(
        default=_KEPT.hourly_days,
        description="Hourly rollups; at least 91, which windows of 90 days reach into, and at "
        "least `raw_days`.",
    )
    daily_days: Annotated[fields.RollupDays | None, Unset("for ever")] = Field(
        default=_KEPT.daily_days, description="Daily rollups; at least `hourly_days`."
    )


class GroupBody(Grammar):
    """What holds for the targets of a group, whoever serves them."""

    health: Health | None = Field(
        default=None,
        description="How quickly minds change about the health of these targets; it beats what "
        "their providers say, and yields to what their models say.",
    )


class Network(Grammar):
    """The network that the daemon probes through."""

    canary: Annotated[fields.Address | None, Unset("none")] = Field(
        default=None,
        description="`HOST:PORT` that always lets a TCP connection in while your own network "
        "works. When a run reaches nobody and the canary cannot be reached either, the run is "
        "`inconclusive`.",
    )


class TargetBody(Connection):
    """One of several targets of a model."""

    name: fields.ModelName = Field(
        description="Tells it apart; its key is `provider/model@name`, which is its identity "
        "in the store."
    )
    prices: Annotated[Prices | None, Unset("the model's")] = Field(
        default=None, description="What this target costs."
    )
    context_tokens: Annotated[fields.ModelTokens | None, Unset("the model's")] = Field(
        default=None, description="As for the model."
    )
    longest_output_tokens: Annotated[fields.ModelTokens | None, Unset("the model's")] = Field(
        default=None, description="As for the model."
    )
    deployment: Annotated[fields.ModelName | None, Unset("the key")] = Field(
        default=None, description=_DEPLOYMENT
    )


class ModelBody(Connection):
    """A model of a provider; an empty body is one target with the key `provider/model`."""

    group: Annotated[fields.Group | None, Unset("made of the model's name")] = Field(
        default=None,
        description="The logical model, `author/slug`; targets of a group can stand in for "
        "each other.",
    )
    reasoning: Annotated[bool | None, Unset("as the preset knows the model, else `false`")] = Field(
        default=None,
        description="It reasons before it answers: the first token has 45 s, 512 tokens are "
        "allowed, the effort is the lowest, and no temperature is sent.",
    )
    prices: Annotated[
        Prices | None, Unset("the preset's, at the preset's own base URL; else unknown")
    ] = Field(default=None, description="What it costs; without it no costs are reckoned.")
    context_tokens: Annotated[fields.ModelTokens | None, Unset("unknown")] = Field(
        default=None,
        description="The longest prompt together with its answer; only shown on pages.",
    )
    longest_output_tokens: Annotated[fields.ModelTokens | None, Unset("unknown")] = Field(
        default=None, description="The longest answer; only shown on pages."
    )
    deployment: Annotated[fields.ModelName | None, Unset("the key")] = Field(
        default=None, description=_DEPLOYMENT
    )
    targets: Annotated[list[TargetBody] | None, Unset("one target")] = Field(
        default=None, min_length=1, description="Several targets of this model, told apart by name."
    )
    discover: Annotated[fields.Discovery | None, Unset("none")] = Field(
        default=None,
        description=f"{' or '.join(f'`{name}`' for name in DISCOVERIES)}: instead of this one "
        "target, one for every provider endpoint that the gateway lists for the model.",
    )
    discover_interval_seconds: Annotated[fields.Refresh | None, Unset("3600")] = Field(
        default=None, description="Time between two looks at that list, at least 60 s."
    )


class ProviderBody(Connection):
    """Who serves the models."""

    preset: Annotated[fields.PresetName | None, Unset("the one of the provider's name")] = Field(
        default=None, description="Which preset fills in what is missing."
    )
    budget_usd_per_day: Annotated[fields.Dollars | None, Unset("none")] = Field(
        default=None, description="What probing this provider may cost, as the overall budget."
    )
    concurrency: Annotated[fields.AtOnce | None, Unset("`limits.per_provider`")] = Field(
        default=None, description="How many runs of this provider may be under way at once."
    )
    referer: Annotated[fields.HeaderValue | None, Unset("none")] = Field(
        default=None,
        description="The URL of your site, sent as `HTTP-Referer`; for the preset `openrouter`.",
    )
    title: Annotated[fields.HeaderValue | None, Unset("none")] = Field(
        default=None,
        description="The name of your program, sent as `X-Title`; for the preset `openrouter`.",
    )
    models: Annotated[
        dict[fields.ModelName, ModelBody | None] | None, Unset("the preset's default model")
    ] = Field(
        default=None,
        min_length=1,
        description="The models to probe, by the name that the provider knows them by.",
    )


class Document(Grammar):
    """The whole file."""

    vantage: Annotated[str, AfterValidator(checks.label)] = Field(
        default=DEFAULT_VANTAGE,
        description="Name of the place that this daemon probes from; results are keyed by it.",
    )
    database: Annotated[str, AfterValidator(checks.database)] = Field(
        default=DEFAULT_DATABASE, description="Where results are kept: SQLite or PostgreSQL."
    )
    listen: Annotated[str, AfterValidator(checks.listen)] = Field(
        default=DEFAULT_LISTEN,
        description="`HOST:PORT` of metrics, API and status page. An address that others can "
        "reach needs a token.",
    )
    token: Annotated[fields.Secret | None, Unset("none: open")] = Field(
        default=None,
        description="What the HTTP surfaces ask for, as a bearer token or as the password of basic "
        "authentication with any user name; `/healthz` and `/readyz` are open.",
    )
    tls: Annotated[Tls | None, Unset("none: HTTP")] = Field(
        default=None, description="What the HTTP surfaces show that they are, to speak HTTPS."
    )
    metrics: Annotated[Metrics | None, Unset("as said there")] = Field(
        default=None, description="What `/metrics` shows."
    )
    spool: Annotated[Spool | None, Unset("as said there")] = Field(
        default=None, description="Where results wait while the store does not take them."
    )
    budget: Budget | None = Field(default=None, description="What probing may cost.")
    limits: Annotated[Limits | None, Unset("as said there")] = Field(
        default=None, description="How many runs may be under way at once."
    )
    retention: Annotated[Retention | None, Unset("as said there")] = Field(
        default=None, description="How long what is stored is kept."
    )
    network: Annotated[Network | None, Unset("as said there")] = Field(
        default=None, description="The network that the daemon probes through."
    )
    routing: Annotated[Routing | None, Unset("none")] = Field(
        default=None, description="The routers that are told what each target should get."
    )
    public: bool = Field(
        default=False,
        description="Who asks without the `token` is shown what anybody may see: states, uptime "
        "and times, and no words of a provider, hosts, costs, prices or request ids.",
    )
    maintenance: Annotated[list[Work] | None, Unset("none")] = Field(
        default=None,
        description="Planned work: runs go on, nobody is woken, uptime is told without it, too.",
    )
    defaults: Defaults | None = Field(default=None, description="What holds for every target.")
    groups: Annotated[dict[fields.Group, GroupBody | None] | None, Unset("none")] = Field(
        default=None, description="What holds for a group of targets, by its name `author/slug`."
    )
    providers: dict[fields.ProviderName, ProviderBody | None] = Field(
        min_length=1, description="Who is probed, by a name of your choice without `/`."
    )
