"""The page at `/api/docs`: the API's own description, drawn without asking anybody else."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}: API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }}
body {{ max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
h2 {{ margin: 2rem 0 .2rem; font-size: 1.1rem; }}
code {{ font-family: ui-monospace, monospace; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; vertical-align: top; padding: .25rem .8rem .25rem 0;
border-bottom: 1px solid #8884; }}
</style></head><body>
<h1>{title}: API</h1>
<p>Durations are seconds, instants ISO 8601, shares 0 to 1; what cannot be measured is null. Errors
are problem documents (RFC 9457). For programs: <a href="{source}">OpenAPI</a>.</p>
{operations}
</body></html>
"""


def reference_page(schema: Mapping[str, Any], source: str) -> str:
    """Write the page.

    Args:
        schema: The OpenAPI document.
        source: Where that is to be had.
    """
    operations = (
        _operation(path, method, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    )
    title = escape(schema["info"]["title"])
    return _PAGE.format(title=title, source=escape(source), operations="\n".join(operations))


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> str:
    parts = [
        f"<h2><code>{escape(method.upper())} {escape(path)}</code></h2>",
        f"<p>{escape(operation.get('summary', ''))}.</p>",
    ]
    if "description" in operation:
        parts.append(f"<p>{escape(operation['description'])}</p>")
    rows = "".join(_row(each) for each in operation.get("parameters", ()))
    if rows:
        parts.append(f"<table><tr><th>Parameter</th><th>Is</th><th></th></tr>{rows}</table>")
    return "\n".join(parts)


def _row(parameter: Mapping[str, Any]) -> str:
    schema = parameter["schema"]
    told = [parameter.get("description") or schema.get("description", "")]
    if schema.get("default") is not None:
        told.append(f"{schema['default']} unless told.")
    if parameter.get("required"):
        told.append("Required.")
    name, kind = escape(parameter["name"]), escape(" or ".join(_types(schema)))
    words = escape(" ".join(each for each in told if each))
    return f"<tr><td><code>{name}</code></td><td>{kind}</td><td>{words}</td></tr>"


def _types(schema: Mapping[str, Any]) -> Iterator[str]:
    if "anyOf" in schema:
        for each in schema["anyOf"]:
            yield from _types(each)
    elif "$ref" in schema:
        yield schema["$ref"].rpartition("/")[2]
    elif schema.get("type") != "null":
        yield schema.get("format") or schema.get("type", "text")
