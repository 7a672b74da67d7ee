"""`monitor classify`: what would this answer be judged to be?"""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.cli.inert import inert
from monitor.cli.options import BAD, USAGE, JsonOption
from monitor.model.outcome import Verdict
from monitor.probes.judge import KNOWN, judge


def classify(
    status: Annotated[int | None, typer.Option(help="HTTP status; leave out for none.")] = None,
    header: Annotated[
        list[str] | None, typer.Option(help="'Name: value'; may be given again.")
    ] = None,
    body: Annotated[str, typer.Option(help="The body; @FILE reads a file.")] = "",
    dialect: Annotated[str, typer.Option(help="The wire format.")] = "openai_chat",
    provider: Annotated[str | None, typer.Option(help="Who answered.")] = None,
    jsonl: Annotated[
        Path | None, typer.Option(help="Classify each line of a file of JSON objects.")
    ] = None,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Classify an answer by its status, headers and body, and name the rule that decided."""
    if dialect not in KNOWN:
        typer.echo(f"unknown dialect {dialect!r}; known are {', '.join(sorted(KNOWN))}", err=True)
        raise typer.Exit(USAGE)
    if jsonl:
        _classify_lines(jsonl)
        return
    if status is None and not body:
        typer.echo("give --status, --body or --jsonl", err=True)
        raise typer.Exit(USAGE)
    verdict = judge(
        status=status,
        headers=_headers(header or ()),
        body=_body(body),
        dialect=dialect,
        provider=provider,
    )
    typer.echo(json.dumps(_shape(verdict)) if as_json else _words(verdict))
    if not verdict.is_good:
        raise typer.Exit(BAD)


def _classify_lines(file: Path) -> None:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        typer.echo(f"--jsonl: cannot read {file}: {error}", err=True)
        raise typer.Exit(USAGE) from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            typer.echo(json.dumps(_classify_line(line, f"{file}:{number}")))


def _classify_line(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
        verdict = judge(
            status=row.get("status"),
            headers=row.get("headers") or {},
            body=str(row.get("body") or "").encode(),
            dialect=row.get("dialect") or "openai_chat",
            provider=row.get("provider"),
        )
    except (ValueError, AttributeError, TypeError) as error:
        typer.echo(f"{where}: not an object with status, headers and body: {error}", err=True)
        raise typer.Exit(USAGE) from error
    return {"id": row.get("id"), **_shape(verdict)}


def _shape(verdict: Verdict) -> dict[str, Any]:
    return {
        "outcome": verdict.outcome,
        "fault": verdict.fault,
        "rule": verdict.rule,
        "phase": verdict.phase,
        "http_status": verdict.http_status,
        "provider_code": verdict.provider_code,
        "message": verdict.message,
        "retry_after_seconds": verdict.retry_after_seconds,
        "openrouter_good": verdict.openrouter_good,
    }


def _words(verdict: Verdict) -> str:
    shape = _shape(verdict)
    counts = {True: "good", False: "bad"}.get(verdict.is_good)
    shape["uptime"] = f"counts as {counts}" if verdict.is_valid else "not counted"
    return "\n".join(
        f"{name:<20} {inert(value)}" for name, value in shape.items() if value is not None
    )


def _headers(lines: list[str] | tuple[str, ...]) -> dict[str, str]:
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            typer.echo(f"--header {name!r} has no colon; write 'Name: value'", err=True)
            raise typer.Exit(USAGE)
        headers[name.strip()] = value.strip()
    return headers


def _body(given: str) -> bytes:
    if not given.startswith("@"):
        return given.encode()
    try:
        return Path(given[1:]).read_bytes()
    except OSError as error:
        typer.echo(f"--body: cannot read {given[1:]}: {error.strerror}", err=True)
        raise typer.Exit(USAGE) from error
