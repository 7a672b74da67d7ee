"""`monitor config`: the grammar of the configuration file."""

import json

import typer

from monitor.config.reference import json_schema

app = typer.Typer(help="The grammar of monitor.yaml.", no_args_is_help=True)


@app.callback()
def configuration_commands() -> None:
    """Tell how a configuration file is written."""


@app.command("schema")
def schema() -> None:
    """Print the JSON schema of monitor.yaml, for editors that complete and check."""
    typer.echo(json.dumps(json_schema(), indent=2))
