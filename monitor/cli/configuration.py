"""`monitor config`: the grammar of the configuration file, and a first one."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.options import told
from monitor.cli.verbs import Verb
from monitor.config.errors import ConfigError, Problem
from monitor.config.reference import json_schema
from monitor.config.starting import Started, from_keys, from_litellm

app = typer.Typer(help="The configuration file.", no_args_is_help=True)


@app.callback()
def configuration_commands() -> None:
    """Tell how a configuration file is written, or write a first one."""


@app.command("schema", cls=Verb)
def schema() -> None:
    """Print the JSON schema of monitor.yaml, for editors that complete and check."""
    typer.echo(json.dumps(json_schema(), indent=2))


@app.command("init", cls=Verb)
def init(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file to write; it must not be there.")
    ] = Path("monitor.yaml"),
    litellm: Annotated[
        Path | None, typer.Option(help="Take over the deployments of this LiteLLM configuration.")
    ] = None,
) -> None:
    """Write a commented file from the API keys in the environment; no key is written into it."""
    with told():
        started = _started(litellm)
        try:
            with output.open("x", encoding="utf-8") as file:
                file.write(started.text)
        except FileExistsError:
            raise _refused(output, "is there already; name another file with --output") from None
        except OSError as error:
            raise _refused(output, f"cannot be written: {error.strerror}") from None
    for each in started.left_out:
        typer.echo(f"warning: {each}", err=True)
    typer.echo(f"{output} is written; it probes {started.probed}")
    typer.echo(f"Next: monitor check-config -c {output}")


def _started(litellm: Path | None) -> Started:
    if litellm is None:
        return from_keys(os.environ)
    try:
        return from_litellm(litellm.read_bytes().decode("utf-8-sig"), str(litellm))
    except OSError as error:
        raise _refused(litellm, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _refused(litellm, "is not UTF-8") from None


def _refused(file: Path, why: str) -> ConfigError:
    return ConfigError(str(file), [Problem("", None, why)])
