"""The part of the grammar that `defaults`, a provider, a model and a target share."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from monitor.config import fields
from monitor.config.fields import DIALECTS, Grammar, Unset
from monitor.config.health import Health


class Deadlines(Grammar):
    """How long each part of a run may take, in seconds."""

    connect_seconds: Annotated[fields.Seconds | None, Unset("5")] = Field(
        default=None, description="Until the connection stands, TLS included; less than the total."
    )
    first_token_seconds: Annotated[
        fields.Seconds | None,
        Unset("20; 45 for a reasoning model; the total where answers are not streamed"),
    ] = Field(default=None, description="From the request to the first generated token.")
    stall_seconds: Annotated[fields.Seconds | None, Unset("10")] = Field(
        default=None, description="Between two reads of the stream."
    )
    total_seconds: Annotated[
        fields.Seconds | None,
        Unset(
            "50; 120 for `throughput`, 30 for `listing`; at most 5/6 of the interval",
        ),
    ] = Field(default=None, description="For the whole run; less than the interval.")


class Request(Grammar):
    """How the completion is asked for."""

    max_output_tokens: Annotated[fields.Tokens | None, Unset("16; 512 for a reasoning model")] = (
        Field(
            default=None,
            description="Ceiling on generated tokens, at least 16: with fewer, healthy models "
            "answer nothing.",
        )
    )
    max_tokens_parameter: Annotated[
        fields.Word | None, Unset("the preset's, else `max_tokens`")
    ] = Field(
        default=None,
        description="The name under which the server takes that ceiling, where its dialect "
        "leaves that open.",
    )
    temperature: Annotated[fields.Temperature | None, Unset("0; for a reasoning model none")] = (
        Field(default=None, description="Sampling temperature; `null` sends none.")
    )
    reasoning_effort: Annotated[
        fields.Effort | None, Unset("for a reasoning model the preset's, else `low`")
    ] = Field(
        default=None,
        description="Sent as the dialect's effort; `null` sends none. On `defaults` and on a "
        "provider it holds for reasoning models only.",
    )
    include_usage: Annotated[bool | None, Unset("the preset's, else `true`")] = Field(
        default=None, description="Ask for token counts at the end of the stream."
    )
    image: Annotated[bool | None, Unset("`false`")] = Field(
        default=None,
        description="Send a tiny image along in `completion` runs, to a model that takes images.",
    )
    extra_body: Annotated[dict[fields.BodyName, fields.BodyValue] | None, Unset("none")] = Field(
        default=None,
        description="Members that go into the body of the request, such as a gateway's routing; "
        "no credentials. Mappings are joined, member by member, with those of the other levels "
        "and of the monitor's own request; lists and single values replace.",
    )


#: How a run comes by its connection.
_Policy = Literal["fresh", "warm"]


class Throughput(Grammar):
    """A long answer now and then, for tokens per second."""

    enabled: Annotated[bool | None, Unset("`true`")] = Field(
        default=None, description="Whether to run it; `throughput: true` is the same, shorter."
    )
    interval_seconds: Annotated[fields.Interval | None, Unset("900")] = Field(
        default=None, description="Time between two scheduled runs."
    )
    max_output_tokens: Annotated[
        fields.ManyTokens | None, Unset("256; 768 for a reasoning model")
    ] = Field(
        default=None,
        description="Ceiling on generated tokens, at least 64: from fewer no speed is published.",
    )
    deadlines: Annotated[Deadlines | None, Unset("those of `completion`, 120 s in total")] = Field(
        default=None, description="How long each part of such a run may take."
    )
    connection: Annotated[_Policy | None, Unset("that of `completion`")] = Field(
        default=None, description="As for `completion` runs: `fresh` or `warm`."
    )


class Listing(Grammar):
    """The provider's list of models now and then, which costs nothing; a diagnostic only."""

    enabled: Annotated[bool | None, Unset("`true`")] = Field(
        default=None, description="Whether to run it; `listing: true` is the same, shorter."
    )
    interval_seconds: Annotated[fields.Interval | None, Unset("300")] = Field(
        default=None, description="Time between two scheduled runs."
    )
    deadlines: Annotated[Deadlines | None, Unset("those of `completion`, 30 s in total")] = Field(
        default=None, description="How long each part of such a run may take."
    )
    connection: Annotated[_Policy | None, Unset("that of `completion`")] = Field(
        default=None, description="As for `completion` runs: `fresh` or `warm`."
    )


_THROUGHPUT_SWITCH: Any = BeforeValidator(
    fields.switched, json_schema_input_type=bool | Throughput | None
)
_LISTING_SWITCH: Any = BeforeValidator(
    fields.switched, json_schema_input_type=bool | Listing | None
)


class Level(Grammar):
    """What `defaults`, a provider, a model and a target may each set; the innermost wins."""

    interval_seconds: Annotated[fields.Interval | None, Unset("60")] = Field(
        default=None, description="Time between two scheduled `completion` runs, at least 1 s."
    )
    jitter_seconds: Annotated[fields.Jitter | None, Unset("a tenth of the interval")] = Field(
        default=None,
        description="Each `completion` run starts up to this much later than the grid says, so "
        "that many targets do not start together; less than half of the interval.",
    )
    deadlines: Deadlines | None = Field(
        default=None, description="How long each part of a `completion` run may take."
    )
    connection: Annotated[_Policy | None, Unset("`fresh`")] = Field(
        default=None,
        description="`fresh` opens a connection for each run, so that faults of DNS and TLS are "
        "seen; `warm` keeps one for the next run, as an SDK does.",
    )
    request: Request | None = Field(default=None, description="How the completion is asked for.")
    health: Health | None = Field(
        default=None, description="How quickly minds change about a target's health."
    )
    throughput: Annotated[Throughput | None, _THROUGHPUT_SWITCH, Unset("`false`")] = Field(
        default=None,
        description="Also measure tokens per second, by probes of the kind `throughput`.",
    )
    listing: Annotated[Listing | None, _LISTING_SWITCH, Unset("`false`")] = Field(
        default=None, description="Also ask for the list of models, by probes of the kind `models`."
    )
    region: Annotated[fields.Label | None, Unset("none")] = Field(
        default=None,
        description="Free text for labels, like `eu-west-1`; it fills the `{region}` of a "
        "preset's base URL.",
    )
    headers: Annotated[dict[fields.HeaderName, fields.Secret] | None, Unset("the preset's")] = (
        Field(
            default=None,
            description="Headers sent with every request, joined over all levels. Values are "
            "treated as secrets.",
        )
    )
    query: Annotated[dict[fields.QueryName, fields.QueryValue] | None, Unset("the preset's")] = (
        Field(
            default=None,
            description="What every request has in the query of its URL, joined over all levels, "
            "such as `api-version`; no credentials, because URLs are logged on their way.",
        )
    )
    streams: Annotated[bool | None, Unset("`true`")] = Field(
        default=None,
        description="Whether the server streams its answers; of one that does not, whole answers "
        "are asked for, and a time to the first token cannot be told.",
    )


class Defaults(Level):
    """What holds for every target unless something nearer to it says otherwise."""


class Aws(Grammar):
    """Credentials with which requests are signed, for Bedrock without an API key."""

    access_key_id: fields.Label = Field(description="Names the key.")
    secret_access_key: fields.Secret = Field(description="Signs; it is never sent.")
    session_token: Annotated[fields.Secret | None, Unset("none")] = Field(
        default=None, description="Of temporary credentials; these run out while a daemon runs."
    )


class Connection(Level):
    """What a provider, a model and a target may set beyond that: where to send, and as whom."""

    base_url: Annotated[fields.Url | None, Unset("the preset's")] = Field(
        default=None,
        description="Where the dialect's paths begin, like `https://host/v1`; no query, no "
        "user name.",
    )
    resource: Annotated[fields.Filling | None, Unset("none")] = Field(
        default=None,
        description="Fills the `{resource}` of a preset's base URL: the name of an Azure resource.",
    )
    project: Annotated[fields.Filling | None, Unset("none")] = Field(
        default=None,
        description="Fills the `{project}` of a preset's base URL: the id of a Google Cloud "
        "project.",
    )
    api_key: Annotated[fields.Secret | None, Unset("the preset's variable")] = Field(
        default=None,
        description="The API key: `${NAME}` or `file:/path`. Without it, the preset's variable "
        "is used, but only for the preset's own base URL: no other host gets that key.",
    )
    aws: Annotated[Aws | None, Unset("none")] = Field(
        default=None,
        description="Instead of an API key, for the dialect `bedrock_converse`; it needs `region`.",
    )
    dialect: Annotated[fields.Dialect | None, Unset("the preset's, else `openai_chat`")] = Field(
        default=None, description=f"The wire format: {', '.join(f'`{name}`' for name in DIALECTS)}."
    )
