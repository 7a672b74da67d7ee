"""`monitor import`: begin with what another program is told already."""

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.options import BAD, told
from monitor.cli.verbs import Verb
from monitor.config.errors import ConfigError, Problem
from monitor.config.importing import import_litellm

app = typer.Typer(help="Make a monitor.yaml of another program's file.", no_args_is_help=True)

Source = Annotated[Path, typer.Argument(metavar="CONFIG", help="The proxy's config.yaml.")]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="A file to write, which must not be there yet."),
]


@app.callback()
def import_commands() -> None:
    """Make a configuration from what another program is told already."""


@app.command("litellm", cls=Verb)
def litellm(config: Source, output: Output = None) -> None:
    """Make targets of a LiteLLM proxy's deployments; tell what cannot be taken over."""
    with told():
        imported = import_litellm(_read(config), str(config))
        for note in imported.notes:
            typer.echo(note, err=True)
        if not imported.targets:
            typer.echo(f"{config}: no target could be taken over", err=True)
            raise typer.Exit(BAD)
        if output is None:
            typer.echo(imported.text, nl=False)
            return
        _write(output, imported.text)
    typer.echo(f"{output}: {imported.targets} targets; next: monitor check-config -c {output}")


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise ConfigError(str(path), [Problem("", None, message)]) from None
    except UnicodeDecodeError:
        raise ConfigError(str(path), [Problem("", None, "is not UTF-8")]) from None


def _write(path: Path, text: str) -> None:
    """Write a new file; one that is there is somebody's work."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        message = f"cannot be written: {error.strerror}"
        raise ConfigError(str(path), [Problem("", None, message)]) from None
