"""`monitor probe TARGET`: one run, explained step by step."""

import asyncio
import contextlib
import json
import os
from collections.abc import Iterator
from typing import Annotated

import typer

from monitor.app.choose import choose_settings
from monitor.app.demo import demo_settings, start_demo
from monitor.app.once import Seen, run_once
from monitor.cli.consoles import console
from monitor.cli.explain import explain
from monitor.cli.options import BAD, USAGE, ConfigOption, DemoOption, JsonOption, told
from monitor.config.settings import Settings
from monitor.export.shapes import result_shape
from monitor.model.target import Probe

#: A drawing that is wider says no more.
_WIDEST = 110


def probe(
    target: Annotated[str, typer.Argument(help="Key of the target: provider/model[@name].")],
    config: ConfigOption = None,
    demo: DemoOption = False,  # noqa: FBT002 - a flag of the command line
    as_json: JsonOption = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Run one probe now and explain what was seen; nothing is recorded."""
    with told(), _settings(config, demo=demo) as settings:
        order = _find(settings, target)
        seen = asyncio.run(run_once(order, settings))
    if as_json:
        typer.echo(_json(seen))
    else:
        _show(order, seen)
    if not seen.result.verdict.is_good:
        raise typer.Exit(BAD)


@contextlib.contextmanager
def _settings(config: ConfigOption, *, demo: bool) -> Iterator[Settings]:
    settings = None if demo else choose_settings(config, os.environ)
    if settings:
        yield settings
        return
    typer.echo("SIMULATED FLEET: this target is built in and says nothing of the world", err=True)
    with start_demo() as simulator:
        yield demo_settings(simulator, {})


def _find(settings: Settings, key: str) -> Probe:
    for each in settings.probes:
        if each.target.key == key:
            return each
    known = "\n".join(f"  {each.target.key}" for each in settings.probes)
    typer.echo(f"no target {key!r}; there are:\n{known}", err=True)
    raise typer.Exit(USAGE)


def _show(order: Probe, seen: Seen) -> None:
    screen = console()
    for line in explain(order, seen, min(screen.width, _WIDEST)):
        screen.print(line, soft_wrap=True)


def _json(seen: Seen) -> str:
    return json.dumps(result_shape(seen.result), indent=2)
