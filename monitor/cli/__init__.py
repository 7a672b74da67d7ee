"""The verbs. Exit codes: 0 good, 1 the thing asked about is bad, 2 usage or configuration."""

from importlib.metadata import version
from typing import Annotated

import typer

from monitor.cli import (
    check,
    classify,
    configuration,
    db,
    importing,
    probe,
    replay,
    report,
    run,
    simulate,
    status,
)
from monitor.cli.verbs import Verb


def _tell(is_asked: bool) -> None:  # noqa: FBT001 - as typer calls it
    if is_asked:
        typer.echo(f"monitor {version('llm-provider-monitor')}")
        raise typer.Exit


app = typer.Typer(
    name="monitor",
    help="Health monitor and uptime prober for LLM providers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def options(
    is_asked: Annotated[  # noqa: FBT002 - a flag of the command line
        bool, typer.Option("--version", help="Print the version.", callback=_tell, is_eager=True)
    ] = False,
) -> None:
    """Health monitor and uptime prober for LLM providers."""


app.command("run", cls=Verb)(run.run)
app.command("probe", cls=Verb)(probe.probe)
app.command("status", cls=Verb)(status.status)
app.command("report", cls=Verb)(report.report)
app.command("check-config", cls=Verb)(check.check_config)
app.command("classify", cls=Verb)(classify.classify)
app.command("replay", cls=Verb)(replay.replay)
app.command("simulate", cls=Verb)(simulate.simulate)
app.add_typer(db.app, name="db")
app.add_typer(configuration.app, name="config")
app.add_typer(importing.app, name="import")


def main() -> None:
    """Run the command line."""
    app()
