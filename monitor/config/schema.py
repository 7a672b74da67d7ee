"""The grammar of `monitor.yaml`. Every field says what it means; the reference is made of that."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from monitor.config import checks
from monitor.config.presets import PRESETS
from monitor.config.settings import DEFAULT_DATABASE, DEFAULT_LISTEN, DEFAULT_VANTAGE

#: The wire formats that can be asked for.
DIALECTS = ("openai_chat",)

#: What other programs call the same thing, or what it is likely to be called.
SYNONYMS = {
    "api_base": "base_url",
    "apikey": "api_key",
    "apiKey": "api_key",
    "database_url": "database",
    "endpoint": "base_url",
    "endpoints": "targets",
    "every": "interval_seconds",
    "key": "api_key",
    "location": "vantage",
    "max_completion_tokens": "max_output_tokens",
    "max_tokens": "max_output_tokens",
    "model_list": "providers",
    "pricing": "prices",
    "scrape_interval": "interval_seconds",
    "timeout": "total_seconds",
    "timeout_seconds": "total_seconds",
    "url": "base_url",
}


@dataclass(frozen=True, slots=True)
class Unset:
    """What holds where a field is not set, in words, for the reference."""

    text: str


def _no_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic wants a ValueError
    return value


def _one_of(known: tuple[str, ...], what: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value in known:
            return value
        guess = checks.suggestion(value, known) or f"known are {', '.join(known)}"
        raise ValueError(f"unknown {what}; {guess}")

    return check


def _secret(value: SecretStr) -> SecretStr:
    checks.header_value(value.get_secret_value())
    return value


_Number = BeforeValidator(_no_boolean)
_Seconds = Annotated[float, _Number, Field(gt=0, le=86_400, allow_inf_nan=False)]
_Interval = Annotated[float, _Number, Field(ge=1, le=86_400, allow_inf_nan=False)]
_Jitter = Annotated[float, _Number, Field(ge=0, le=43_200, allow_inf_nan=False)]
_Price = Annotated[float, _Number, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
_Tokens = Annotated[int, _Number, Field(ge=16, le=100_000)]
_Temperature = Annotated[float, _Number, Field(ge=0, le=2, allow_inf_nan=False)]
_Label = Annotated[str, AfterValidator(checks.label)]
_Word = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,39}$")]
_Secret = Annotated[SecretStr, AfterValidator(_secret)]
_ModelName = Annotated[str, AfterValidator(checks.model_name)]
_ProviderName = Annotated[str, AfterValidator(checks.provider_name)]
_HeaderName = Annotated[str, AfterValidator(checks.header_name)]
_Url = Annotated[str, AfterValidator(checks.base_url)]
_Dialect = Annotated[str, AfterValidator(_one_of(DIALECTS, "dialect"))]
_PresetName = Annotated[str, AfterValidator(_one_of(tuple(PRESETS), "preset"))]
_Group = Annotated[str, AfterValidator(checks.group_name)]


class Grammar(BaseModel):
    """What all parts share: unknown keys are errors, and no message shows a value."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Deadlines(Grammar):
    """How long each part of a run may take, in seconds."""

    connect_seconds: Annotated[_Seconds | None, Unset("5")] = Field(
        default=None, description="Until the connection stands, TLS included; less than the total."
    )
    first_token_seconds: Annotated[_Seconds | None, Unset("20; 45 for a reasoning model")] = Field(
        default=None, description="From the request to the first generated token."
    )
    stall_seconds: Annotated[_Seconds | None, Unset("10")] = Field(
        default=None, description="Between two reads of the stream."
    )
    total_seconds: Annotated[_Seconds | None, Unset("50, at most 5/6 of the interval")] = Field(
        default=None, description="For the whole run; less than the interval."
    )


class Request(Grammar):
    """How the completion is asked for."""

    max_output_tokens: Annotated[_Tokens | None, Unset("16; 512 for a reasoning model")] = Field(
        default=None,
        description="Ceiling on generated tokens, at least 16: with fewer, healthy models "
        "answer nothing.",
    )
    max_tokens_parameter: Annotated[_Word | None, Unset("the preset's, else `max_tokens`")] = Field(
        default=None, description="The name under which the server takes that ceiling."
    )
    temperature: Annotated[_Temperature | None, Unset("0; for a reasoning model none")] = Field(
        default=None, description="Sampling temperature; `null` sends none."
    )
    reasoning_effort: Annotated[
        _Word | None, Unset("for a reasoning model the preset's, else `low`")
    ] = Field(
        default=None,
        description="Sent as `reasoning_effort`; `null` sends none. On `defaults` and on a "
        "provider it holds for reasoning models only.",
    )
    include_usage: Annotated[bool | None, Unset("the preset's, else `true`")] = Field(
        default=None, description="Ask for token counts at the end of the stream."
    )


class Prices(Grammar):
    """What the provider bills, in US dollars per million tokens."""

    input_usd_per_million: _Price = Field(description="For tokens of the prompt.")
    output_usd_per_million: _Price = Field(description="For generated tokens.")


class Level(Grammar):
    """What `defaults`, a provider, a model and a target may each set; the innermost wins."""

    interval_seconds: Annotated[_Interval | None, Unset("60")] = Field(
        default=None, description="Time between two scheduled runs, at least 1 s."
    )
    jitter_seconds: Annotated[_Jitter | None, Unset("a tenth of the interval")] = Field(
        default=None,
        description="Each run starts up to this much later than the grid says, so that many "
        "targets do not start together; less than half of the interval.",
    )
    deadlines: Deadlines | None = Field(
        default=None, description="How long each part of a run may take."
    )
    request: Request | None = Field(default=None, description="How the completion is asked for.")
    region: Annotated[_Label | None, Unset("none")] = Field(
        default=None, description="Free text for labels, like `eu-west-1`."
    )
    headers: Annotated[dict[_HeaderName, _Secret] | None, Unset("the preset's")] = Field(
        default=None,
        description="Headers sent with every request, joined over all levels. Values are "
        "treated as secrets.",
    )


class Defaults(Level):
    """What holds for every target unless something nearer to it says otherwise."""


class Connection(Level):
    """What a provider, a model and a target may set beyond that: where to send, and as whom."""

    base_url: Annotated[_Url | None, Unset("the preset's")] = Field(
        default=None,
        description="Where the dialect's paths begin, like `https://host/v1`; no query, no "
        "user name.",
    )
    api_key: Annotated[_Secret | None, Unset("the preset's variable")] = Field(
        default=None,
        description="The API key: `${NAME}` or `file:/path`. Without it, the preset's variable "
        "is used, but only for the preset's own base URL: no other host gets that key.",
    )
    dialect: Annotated[_Dialect | None, Unset("the preset's, else `openai_chat`")] = Field(
        default=None, description=f"The wire format: {', '.join(f'`{name}`' for name in DIALECTS)}."
    )


class TargetBody(Connection):
    """One of several targets of a model."""

    name: _ModelName = Field(
        description="Tells it apart; its key is `provider/model@name`, which is its identity "
        "in the store."
    )
    prices: Annotated[Prices | None, Unset("the model's")] = Field(
        default=None, description="What this target costs."
    )


class ModelBody(Connection):
    """A model of a provider; an empty body is one target with the key `provider/model`."""

    group: Annotated[_Group | None, Unset("made of the model's name")] = Field(
        default=None,
        description="The logical model, `author/slug`; targets of a group can stand in for "
        "each other.",
    )
    reasoning: Annotated[bool | None, Unset("as the preset knows the model, else `false`")] = Field(
        default=None,
        description="It reasons before it answers: the first token has 45 s, 512 tokens are "
        "allowed, the effort is the lowest, and no temperature is sent.",
    )
    prices: Annotated[Prices | None, Unset("unknown")] = Field(
        default=None, description="What it costs; without it no costs are reckoned."
    )
    targets: Annotated[list[TargetBody] | None, Unset("one target")] = Field(
        default=None, min_length=1, description="Several targets of this model, told apart by name."
    )


class ProviderBody(Connection):
    """Who serves the models."""

    preset: Annotated[_PresetName | None, Unset("the one of the provider's name")] = Field(
        default=None, description="Which preset fills in what is missing."
    )
    models: Annotated[
        dict[_ModelName, ModelBody | None] | None, Unset("the preset's default model")
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
    token: Annotated[_Secret | None, Unset("none: open")] = Field(
        default=None, description="Bearer token that the HTTP surfaces ask for."
    )
    defaults: Defaults | None = Field(default=None, description="What holds for every target.")
    providers: dict[_ProviderName, ProviderBody | None] = Field(
        min_length=1, description="Who is probed, by a name of your choice without `/`."
    )
