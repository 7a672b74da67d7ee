"""`monitor check-config`: is the configuration sound, what would it do, and what would it cost?"""

import json
import os
import shlex
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import typer
from rich.table import Table

from monitor.app.choose import choose_settings
from monitor.cli.consoles import console
from monitor.cli.options import USAGE, ConfigOption, JsonOption, told
from monitor.cli.planning import plan_shape
from monitor.config.cost import Bill
from monitor.config.network import network_warnings
from monitor.config.settings import Discovery, Settings
from monitor.model.target import Probe

_CENT = 0.01


_NOTHING = (
    "no monitor.yaml here, no --config, and no known API key in the environment (such as "
    "OPENAI_API_KEY): `monitor run` would probe the simulated fleet"
)


def check_config(
    config: ConfigOption = None,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Check the configuration, list what it probes and what that costs; tells every error."""
    with told():
        settings = choose_settings(config, os.environ)
    if settings is None:
        typer.echo(_NOTHING, err=True)
        raise typer.Exit(USAGE)
    warnings = (*settings.warnings, *network_warnings(settings))
    if as_json:
        typer.echo(json.dumps(plan_shape(settings, warnings), indent=2))
        return
    for warning in warnings:
        typer.echo(f"warning: {warning}", err=True)
    console().print(_table(settings))
    for line in (*_discoveries(settings), _at_once(settings), *_costs(settings)):
        typer.echo(line)
    typer.echo(f"{settings.source} is sound: {_count(settings)}, {_total(settings)}")
    for probe in settings.probes[:1]:
        typer.echo(f"Next: {_next(probe, config)}")


def _table(settings: Settings) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in (
        "TARGET",
        "GROUP",
        "DIALECT",
        "HOST",
        "EVERY",
        "FIRST TOKEN WITHIN",
        "ALL WITHIN",
    ):
        table.add_column(title, overflow="fold")
    table.add_column("COST/DAY", justify="right")
    for _, probes in groupby(settings.probes, key=lambda probe: probe.target.key):
        _add_row(table, list(probes))
    return table


def _add_row(table: Table, probes: list[Probe]) -> None:
    """Write a target on one row, its kinds of probes below each other."""
    target = probes[0].target
    table.add_row(
        target.key,
        target.group,
        target.dialect,
        target.host,
        "\n".join(f"{probe.kind} {_seconds(probe.interval_seconds)}" for probe in probes),
        "\n".join(_seconds(probe.deadlines.first_token_seconds) for probe in probes),
        "\n".join(_seconds(probe.deadlines.total_seconds) for probe in probes),
        _usd(Bill.of(probes)),
    )


def _seconds(value: float) -> str:
    """Write a time that may be a part of another, such as a third of an interval.

    >>> _seconds(60.0), _seconds(25 / 3)
    ('60 s', '8.33 s')
    """
    return f"{round(value, 2):g} s"


def _count(settings: Settings) -> str:
    number = len(settings.probes)
    return f"{number:,} probe{'' if number == 1 else 's'}"


def _next(probe: Probe, config: Path | None) -> str:
    named = ("--config", str(config)) if config else ()
    return shlex.join(("monitor", "probe", probe.target.key, *named))


def _discoveries(settings: Settings) -> Iterator[str]:
    for found in settings.discoveries:
        yield (
            f"{found.provider}/{found.model} becomes a target for each endpoint that "
            f"{found.kind} lists, {_each(found)} each"
        )


def _each(found: Discovery) -> str:
    return f"at most {Bill.of(found.templates).output_tokens:,.0f} output tokens a day"


def _at_once(settings: Settings) -> str:
    limits = settings.limits
    own = "".join(f", {bound} of {provider}" for provider, bound in limits.providers.items())
    return (
        f"at most {limits.overall} runs at once: {limits.per_provider} of each provider{own}, "
        f"{limits.per_host} at each host"
    )


def _costs(settings: Settings) -> Iterator[str]:
    """Say what each provider costs, and of how much of that."""
    probes = sorted(settings.probes, key=lambda probe: probe.target.provider)
    is_only = len({probe.target.provider for probe in probes}) == 1
    for provider, own in groupby(probes, key=lambda probe: probe.target.provider):
        limit = settings.budget.providers.get(provider)
        if is_only and limit is None:
            return  # the total says the same
        yield f"{provider}: {_bill(Bill.of(own))}{_of_budget(limit)}"


def _total(settings: Settings) -> str:
    bill = Bill.of(settings.probes)
    tokens = f"at most {bill.output_tokens:,.0f} output tokens a day"
    is_priced = bill.is_known or bill.usd
    cost = f"; {_bill(bill)}" if is_priced else ", of unknown price"
    return f"{tokens}{cost}{_of_budget(settings.budget.overall)}"


def _bill(bill: Bill) -> str:
    """Write what is known in dollars and the rest in tokens."""
    unknown = f"{bill.unpriced_tokens:,.0f} output tokens of unknown price"
    if bill.is_known:
        return f"{_at_most(bill.usd)} a day"
    if not bill.usd:
        return f"at most {unknown} a day"
    return f"{_at_most(bill.usd)} and {unknown} a day"


def _at_most(usd: float) -> str:
    return f"at most {usd:,.2f} USD" if usd >= _CENT or not usd else "less than 0.01 USD"


def _of_budget(limit: float | None) -> str:
    return f", of a budget of {_dollars(limit)}" if limit is not None else ""


def _usd(bill: Bill) -> str:
    return _dollars(bill.usd) if bill.is_known else "?"


def _dollars(usd: float) -> str:
    """Write an amount so that a small one is not taken for none."""
    return f"{usd:,.2f} USD" if usd >= _CENT or not usd else "< 0.01 USD"
