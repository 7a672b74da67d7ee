"""`monitor db`: the database."""

import contextlib
import os

import typer

from monitor.app.choose import choose_settings
from monitor.cli import copying, inventory
from monitor.cli.options import ConfigOption, DatabaseOption, told
from monitor.cli.verbs import Verb
from monitor.config.settings import DEFAULT_DATABASE
from monitor.store.engine import open_engine
from monitor.store.migrate import current, upgrade

app = typer.Typer(help="The database.", no_args_is_help=True)
app.command("info", cls=Verb)(inventory.info)
app.command("prune", cls=Verb)(inventory.prune_database)
app.command("copy", cls=Verb)(copying.copy_database)


@app.callback()
def database_commands() -> None:
    """Look after the database; the daemon upgrades it by itself at start."""


@app.command("upgrade", cls=Verb)
def upgrade_database(config: ConfigOption = None, database: DatabaseOption = None) -> None:
    """Bring the schema of the database up to this version."""
    with told(), contextlib.ExitStack() as opened:
        settings = None if database else choose_settings(config, os.environ)
        engine = open_engine(database or (settings.database if settings else DEFAULT_DATABASE))
        opened.callback(engine.dispose)
        upgrade(engine)
        shown = engine.url.render_as_string(hide_password=True)
        typer.echo(f"{shown} is at revision {current(engine)}")
