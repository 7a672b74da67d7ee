"""The reference page of the configuration, made of the grammar itself.

`python -m monitor.config.reference > docs/configuration.md` writes it anew.
"""

import sys
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, SecretStr
from pydantic.fields import FieldInfo

from monitor.config import health, levels, maintenance, routing, schema, surfaces
from monitor.config.fields import Unset, switched
from monitor.config.presets import PRESETS, Preset
from monitor.config.prose import EXAMPLE, INTRO, PRESETS_INTRO, PRICES_INTRO

_SECTIONS: tuple[tuple[str, type[BaseModel], str], ...] = (
    ("Top level", schema.Document, "The keys of the file."),
    ("Budget", schema.Budget, "`budget` at the top level."),
    ("Limits", schema.Limits, "`limits` at the top level."),
    ("Spool", schema.Spool, "`spool` at the top level."),
    ("Metrics", surfaces.Metrics, "`metrics` at the top level."),
    ("TLS", surfaces.Tls, "`tls` at the top level."),
    ("Retention", schema.Retention, "`retention` at the top level."),
    ("Work", maintenance.Work, "An item of `maintenance` at the top level."),
    ("Network", schema.Network, "`network` at the top level."),
    ("Routing", routing.Routing, "`routing` at the top level."),
    ("Envoy", routing.Envoy, "`envoy` of `routing`; [how](routing/envoy.md)."),
    ("Group", schema.GroupBody, "`groups.AUTHOR/SLUG` at the top level."),
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
    ("Health", health.Health, "`health` on every level, and of a group."),
    ("Request", levels.Request, "`request` on every level."),
    ("Throughput", levels.Throughput, "`throughput` on every level."),
    ("Listing", levels.Listing, "`listing` on every level."),
    ("Prices", schema.Prices, "`prices` on a model or a target, in US dollars."),
)

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
    intro = INTRO.format(example=EXAMPLE)
    return "".join((intro, *sections, PRESETS_INTRO, presets, PRICES_INTRO, prices))


def _section(title: str, grammar: type[BaseModel], where: str) -> str:
    head = f"\n## {title}\n\n{where}\n\n| key | type | default | meaning |\n|---|---|---|---|\n"
    return head + "".join(_rows(grammar))


def _rows(grammar: type[BaseModel]) -> Iterator[str]:
    for name in grammar.__annotations__:
        field = grammar.model_fields[name]
        kind, default = _type(field.annotation), _default(field)
        if any(_is_switch(item) for item in field.metadata):
            kind = f"boolean or {kind}"
        yield f"| `{field.alias or name}` | {kind} | {default} | {field.description} |\n"


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
