"""The verbs. Exit codes: 0 good, 1 the thing asked about is bad, 2 usage or configuration."""

import typer

from monitor.cli import check, classify, configuration, db, probe, run, simulate

app = typer.Typer(
    name="monitor",
    help="Health monitor and uptime prober for LLM providers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("run")(run.run)
app.command("probe")(probe.probe)
app.command("check-config")(check.check_config)
app.command("classify")(classify.classify)
app.command("simulate")(simulate.simulate)
app.add_typer(db.app, name="db")
app.add_typer(configuration.app, name="config")


def main() -> None:
    """Run the command line."""
    app()
