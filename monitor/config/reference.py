"""The reference page of the configuration, made of the grammar itself.

`python -m monitor.config.reference > docs/configuration.md` writes it anew.
"""

import sys
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, SecretStr
from pydantic.fields import FieldInfo

from monitor.config import levels, schema
from monitor.config.fields import Unset, switched
from monitor.config.presets import PRESETS, Preset

#: A whole configuration, as the page shows it.
EXAMPLE = """\
vantage: fra1
database: sqlite:///monitor.db
listen: 127.0.0.1:9464
token: ${MONITOR_TOKEN}
budget: {usd_per_day: 20}
limits: {per_host: 50}             # runs at once; what finds no room waits

defaults:
  interval_seconds: 60
  deadlines:
    total_seconds: 50
  throughput: true                 # tokens per second, every quarter of an hour

providers:
  openai:                          # a preset has this name: it knows the rest
    api_key: ${OPENAI_API_KEY}
    models:
      gpt-6-luna:
      gpt-6.1-sol:
        interval_seconds: 300

  openai-europe:                   # a second account, on the same preset
    preset: openai
    api_key: file:/run/secrets/openai-europe
    base_url: https://eu.api.openai.com/v1
    region: eu
    models:
      gpt-6-luna:                  # no body: all as the levels above say
        prices: {input_usd_per_million: 0.11, output_usd_per_million: 0.55}

  azure:
    resource: my-resource          # fills the preset's https://{resource}.openai.azure.com/...
    api_key: ${AZURE_OPENAI_API_KEY}
    models:
      my-deployment:
        group: openai/gpt-6-luna
        reasoning: true
        prices: {input_usd_per_million: 0.1, output_usd_per_million: 0.5}

  openrouter:
    api_key: ${OPENROUTER_API_KEY}
    title: my-monitor
    models:
      openai/gpt-oss-20b:
        discover: openrouter       # one target for every provider endpoint
        interval_seconds: 300

  inference:                       # your own servers; no preset, no key
    base_url: http://127.0.0.1:8000/v1
    listing: {interval_seconds: 120}
    models:
      qwen3-8b:
        group: qwen/qwen3-8b
        reasoning: true
        prices: {input_usd_per_million: 0, output_usd_per_million: 0}
        targets:
          - name: gpu-1
          - name: gpu-2
            base_url: http://127.0.0.1:8001/v1
"""

_INTRO = """\
# Configuration

<!-- Generated: python -m monitor.config.reference > docs/configuration.md -->

One YAML file, `monitor.yaml` by custom. Without a file, every provider whose usual API key is in
the environment is probed with its default model (see [presets](#presets)), and `MONITOR_TOKEN`, if
it is set, is the token of the HTTP surfaces.

`monitor check-config` tells all that is wrong with a file at once, each with its line; unknown keys
are errors, with a guess at what was meant. `monitor config schema` prints the grammar as a JSON
Schema for editors. `--database` and `--listen` of `monitor run` beat the file.

```yaml
{example}```

**Levels.** `defaults`, a provider, a model and a target may each set the keys of
[every level](#every-level). The innermost wins, key by key; `headers`, `query` and
`request.extra_body` are joined.

**Kinds.** Each target has a `completion` probe, from which uptime, latency and health come.
`throughput` adds a long answer now and then, for tokens per second; `listing` adds the provider's
list of models, which is free and a diagnostic only. Both are off unless asked for; `true` is
enough, and on a nearer level `false` takes it back.

**Costs.** `monitor check-config` reckons what the scheduled runs of a day cost at most: about 30
tokens of prompt and every generated token that is allowed. What has no known price is shown as `?`
and counted in tokens. A `budget` is a limit that is kept: near it throughput probes stop and
intervals stretch, and once it is spent runs are `missed`. A preset's prices hold at its own base
URL; elsewhere write `prices`.

**Limits.** So many runs may be under way at once: all together, of one provider, and at one host.
One that finds no room waits, in order of arrival; that is told as schedule delay and is in no
latency. One that still waits when the next slot of its probe comes is `missed`
(`missed-concurrency`).

**Retention.** The daemon deletes what is older each hour, in small steps (`monitor db prune`: now).
Where several daemons share a database, the one that keeps the least decides. SQLite's file does not
shrink, but fills what was freed before it grows. Targets, schedules, incidents, states and counters
are never deleted.

**Outages.** What the store does not take within a second is appended to the [spool](#spool),
flushed to disk, and written later, oldest first, each once. A folder is one monitor's.

**Discovery.** A model of the preset `openrouter` with `discover: openrouter` is one target for each
provider endpoint that OpenRouter lists for it, each pinned to that endpoint. What else is said of
the model holds for all of them. A list that fails or names nothing changes no target; after a
restart they are probed again once the first list has come, with all that is stored of them.

**Secrets.** `${{NAME}}` in any value is the environment variable of that name; it is an error if
that is not set or empty. `${{NAME:-text}}` has a fallback, `$$` is a dollar sign. The value of an
`api_key`, a `token`, an AWS secret or a header may also be `file:/path` (relative to the
configuration file): the content of that file, without the line break at its end. It is read once:
a file whose content changes needs a restart. Secrets never show up in an error message, a log line
or an excerpt; nor does what a variable gives anywhere else, if its name tells of a secret, like
`CODE_KEY`. Inside `{{ }}` YAML wants `"${{NAME}}"` in quotes.

**Targets.** A model is one target with the key `provider/model`, or several under `targets` with
the keys `provider/model@name`. The key is the target's identity in the store, the metrics and the
API: rename it, and it is another target.

**Groups.** Where `group` is not set, it is the model's name if that is of the form `author/slug`;
else the preset's author (without one, the provider's name), `/`, and the last part of the model's
name.

**Deadlines.** What is not set is fitted to what is set. What is set must fit: connect < total,
first token ≤ total, stall ≤ total, total < interval, jitter < half of the interval. `throughput`
and `listing` have deadlines of their own; but for the total, those of `completion` hold where they
have none, cut to fit.

**Reasoning models.** For a model that reasons, what `defaults` and its provider set as first-token
deadline and as token ceiling is raised to what reasoning needs, and their temperature is left out;
what the model or its target sets itself holds as it is.

**YAML.** Scalars are those of YAML 1.2 (`no` is text, `0123` is a number), keys are always text,
duplicate keys are errors, anchors and `<<` work, and no other types than the core ones exist.
"""

_SECTIONS: tuple[tuple[str, type[BaseModel], str], ...] = (
    ("Top level", schema.Document, "The keys of the file."),
    ("Budget", schema.Budget, "`budget` at the top level."),
    ("Limits", schema.Limits, "`limits` at the top level."),
    ("Spool", schema.Spool, "`spool` at the top level."),
    ("Retention", schema.Retention, "`retention` at the top level."),
    ("Provider", schema.ProviderBody, "`providers.NAME`, or nothing where a preset says it all."),
    ("Model", schema.ModelBody, "`providers.NAME.models.MODEL`, or nothing."),
    ("Target", schema.TargetBody, "An item of `targets` of a model."),
    ("Connection", levels.Connection, "On a provider, a model or a target."),
    ("AWS", levels.Aws, "`aws` on a provider, a model or a target."),
    ("Every level", levels.Level, "On `defaults`, a provider, a model or a target."),
    (
        "Deadlines",
        levels.Deadlines,
        "`deadlines` on every level, of `throughput` and of `listing`.",
    ),
    ("Request", levels.Request, "`request` on every level."),
    ("Throughput", levels.Throughput, "`throughput` on every level."),
    ("Listing", levels.Listing, "`listing` on every level."),
    ("Prices", schema.Prices, "`prices` on a model or a target, in US dollars."),
)

_PRESETS_INTRO = """
## Presets

A provider that has the name of a preset, or names it with `preset`, needs to say only what differs.
The key is looked up in the variable when `api_key` is not set and the base URL is the preset's own;
without a file, presets with a default model are probed if their variable is set. What stands in
`{ }` is filled from `resource`, `project` and `region`. Models are known to reason by their names.
[Adding a provider](adding-a-provider.md) is one more row.

| preset | variable | base URL | dialect | key header | default model | author |
|---|---|---|---|---|---|---|
"""

_PRICES_INTRO = """
## Prices of the presets

In US dollars per million tokens, as of November 2026. What is not here is not known for sure.

| preset | model | input | output |
|---|---|---|---|
"""

_TYPES = {str: "text", float: "number", int: "whole number", bool: "boolean", SecretStr: "secret"}


def json_schema() -> dict[str, Any]:
    """Give the grammar as a JSON Schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema.Document.model_json_schema(),
    }


def markdown() -> str:
    """Write the reference page."""
    sections = (_section(*section) for section in _SECTIONS)
    presets = "".join(_preset_row(preset) for preset in PRESETS.values())
    prices = "".join(row for preset in PRESETS.values() for row in _price_rows(preset))
    intro = _INTRO.format(example=EXAMPLE)
    return "".join((intro, *sections, _PRESETS_INTRO, presets, _PRICES_INTRO, prices))


def _section(title: str, grammar: type[BaseModel], where: str) -> str:
    head = f"\n## {title}\n\n{where}\n\n| key | type | default | meaning |\n|---|---|---|---|\n"
    return head + "".join(_rows(grammar))


def _rows(grammar: type[BaseModel]) -> Iterator[str]:
    for name in grammar.__annotations__:
        field = grammar.model_fields[name]
        kind, default = _type(field.annotation), _default(field)
        if any(_is_switch(item) for item in field.metadata):
            kind = f"boolean or {kind}"
        yield f"| `{name}` | {kind} | {default} | {field.description} |\n"


def _is_switch(item: object) -> bool:
    return isinstance(item, BeforeValidator) and item.func is switched


def _type(annotation: Any) -> str:
    """Write a type in words; a part of the grammar as a link to its section."""
    if annotation in _TYPES:
        return _TYPES[annotation]
    parts = [part for part in get_args(annotation) if part is not type(None)]
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{choice}`" for choice in parts)
    if get_origin(annotation) is dict:
        values = _plain(parts[1])
        return "mapping" if values is Any else f"mapping of names to {_type(parts[1])}"
    if get_origin(annotation) is list:
        return f"list of {_type(parts[0])}"
    if parts:
        return _type(parts[0])
    return _link(annotation)


def _plain(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _link(grammar: Any) -> str:
    titles = {known: title for title, known, _ in _SECTIONS} | {levels.Defaults: "Every level"}
    title = titles[grammar]
    return f"[{title.lower()}](#{title.lower().replace(' ', '-')})"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    unset = next((item.text for item in field.metadata if isinstance(item, Unset)), None)
    if unset is not None:
        return unset
    return f"`{field.default}`" if field.default is not None else "none"


def _preset_row(preset: Preset) -> str:
    cells = (
        _code(preset.name),
        _code(preset.env, "no key") + ("" if preset.needs_key else " (optional)"),
        _code(preset.base_url),
        _code(preset.dialect),
        _code(preset.auth_header) if preset.env else "none",
        _code(preset.default_model),
        _code(preset.author),
    )
    return f"| {' | '.join(cells)} |\n"


def _code(text: str | None, otherwise: str = "none") -> str:
    return f"`{text}`" if text else otherwise


def _price_rows(preset: Preset) -> Iterator[str]:
    for model, paid_in, paid_out in preset.prices:
        yield f"| `{preset.name}` | `{model}` | {paid_in:g} | {paid_out:g} |\n"


if __name__ == "__main__":
    sys.stdout.write(markdown())
