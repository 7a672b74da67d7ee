"""The reference page of the configuration, made of the grammar itself.

`python -m monitor.config.reference > docs/configuration.md` writes it anew.
"""

import sys
from collections.abc import Iterator
from typing import Any, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from monitor.config import schema
from monitor.config.presets import PRESETS, Preset
from monitor.config.schema import Unset

#: A whole configuration, as the page shows it.
EXAMPLE = """\
vantage: fra1
database: sqlite:///monitor.db
listen: 127.0.0.1:9464
token: ${MONITOR_TOKEN}

defaults:
  interval_seconds: 60
  deadlines:
    total_seconds: 50

providers:
  openai:                          # a preset has this name: it knows the rest
    api_key: ${OPENAI_API_KEY}
    models:
      gpt-6-luna:
        prices: {input_usd_per_million: 0.1, output_usd_per_million: 0.5}
      gpt-6.1-sol:
        interval_seconds: 300

  openai-europe:                   # a second account, on the same preset
    preset: openai
    api_key: file:/run/secrets/openai-europe
    base_url: https://eu.api.openai.com/v1
    region: eu
    models:
      gpt-6-luna:                  # no body: all as the levels above say

  inference:                       # your own servers; no preset, no key
    base_url: http://127.0.0.1:8000/v1
    models:
      qwen3-8b:
        group: qwen/qwen3-8b
        reasoning: true
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
[every level](#every-level). The innermost wins, key by key; headers are joined.

**Secrets.** `${{NAME}}` in any value is the environment variable of that name; it is an error if
that is not set or empty. `${{NAME:-text}}` has a fallback, `$$` is a dollar sign. The value of an
`api_key`, a `token` or a header may also be `file:/path` (relative to the configuration file): the
content of that file, without the line break at its end. Secrets never show up in an error message,
a log line or an excerpt. Inside `{{ }}` YAML wants `"${{NAME}}"` in quotes.

**Targets.** A model is one target with the key `provider/model`, or several under `targets` with
the keys `provider/model@name`. The key is the target's identity in the store, the metrics and the
API: rename it, and it is another target.

**Groups.** Where `group` is not set, it is the model's name if that is of the form `author/slug`;
else the preset's author (without one, the provider's name), `/`, and the last part of the model's
name.

**Deadlines.** What is not set is fitted to what is set. What is set must fit: connect < total,
first token ≤ total, stall ≤ total, total < interval, jitter < half of the interval.

**Reasoning models.** For a model that reasons, what `defaults` and its provider set as first-token
deadline and as token ceiling is raised to what reasoning needs, and their temperature is left out;
what the model or its target sets itself holds as it is.

**YAML.** Scalars are those of YAML 1.2 (`no` is text, `0123` is a number), keys are always text,
duplicate keys are errors, anchors and `<<` work, and no other types than the core ones exist.
"""

_SECTIONS: tuple[tuple[str, type[BaseModel], str], ...] = (
    ("Top level", schema.Document, "The keys of the file."),
    ("Provider", schema.ProviderBody, "`providers.NAME`, or nothing where a preset says it all."),
    ("Model", schema.ModelBody, "`providers.NAME.models.MODEL`, or nothing."),
    ("Target", schema.TargetBody, "An item of `targets` of a model."),
    ("Connection", schema.Connection, "On a provider, a model or a target."),
    ("Every level", schema.Level, "On `defaults`, a provider, a model or a target."),
    ("Deadlines", schema.Deadlines, "`deadlines` on every level."),
    ("Request", schema.Request, "`request` on every level."),
    ("Prices", schema.Prices, "`prices` on a model or a target, in US dollars."),
)

_PRESETS_INTRO = """
## Presets

A provider that has the name of a preset, or names it with `preset`, needs to say only what differs.
All of these speak `openai_chat`. The key is looked up in the variable when `api_key` is not set and
the base URL is the preset's own. Models are known to reason by their names.

| preset | variable | base URL | default model | author |
|---|---|---|---|---|
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
    return "".join((_INTRO.format(example=EXAMPLE), *sections, _PRESETS_INTRO, presets))


def _section(title: str, grammar: type[BaseModel], where: str) -> str:
    head = f"\n## {title}\n\n{where}\n\n| key | type | default | meaning |\n|---|---|---|---|\n"
    return head + "".join(_rows(grammar))


def _rows(grammar: type[BaseModel]) -> Iterator[str]:
    for name in grammar.__annotations__:
        field = grammar.model_fields[name]
        kind, default = _type(field.annotation), _default(field)
        yield f"| `{name}` | {kind} | {default} | {field.description} |\n"


def _type(annotation: Any) -> str:
    """Write a type in words; a part of the grammar as a link to its section."""
    if annotation in _TYPES:
        return _TYPES[annotation]
    parts = [part for part in get_args(annotation) if part is not type(None)]
    if get_origin(annotation) is dict:
        return f"mapping of names to {_type(parts[1])}"
    if get_origin(annotation) is list:
        return f"list of {_type(parts[0])}"
    if parts:
        return _type(parts[0])
    return _link(annotation)


def _link(grammar: Any) -> str:
    titles = {known: title for title, known, _ in _SECTIONS} | {schema.Defaults: "Every level"}
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
    variable = f"`{preset.env}`" if preset.env else "no key"
    model = f"`{preset.default_model}`" if preset.default_model else "none"
    author = f"`{preset.author}`" if preset.author else "none"
    return f"| `{preset.name}` | {variable} | `{preset.base_url}` | {model} | {author} |\n"


if __name__ == "__main__":
    sys.stdout.write(markdown())
