"""The board of the monitor itself: whether what it says can be believed."""

from grafana_foundation_sdk.models.dashboard import Panel

from grafana.boards import queries as ask
from grafana.boards.frame import Board, Row
from grafana.boards.looks import (
    COVERED,
    GREEN,
    GREY,
    ORANGE,
    SKY,
    VERMILION,
    none_or_more,
    steps,
    words,
)
from grafana.boards.panels import Ask, Text, lines, number, stretches

_YES = words({0: ("no", VERMILION), 1: ("yes", GREEN)})
_QUANTILES = (("half", 0.5), ("95 %", 0.95), ("99 %", 0.99))
_COLORS = {"half": SKY, "95 %": ORANGE, "99 %": VERMILION}


def board() -> Board:
    """Draw it."""
    about = "The monitor itself: whether it runs on time, keeps what it sees, and is scraped."
    rows = (_now(), _on_time(), _runs(), _store(), _scrape())
    return Board(name="monitor", title="monitor", about=about, rows=rows, variables=())


def _now() -> Row:
    state = _one("Scraped", "Whether Prometheus reaches it.", ask.scraped("up"), yes=True)
    network = _one(
        "Network",
        "Whether its own network works; while it does not, nothing is known of targets.",
        ask.own("network_up"),
        yes=True,
    )
    spool = _one(
        "Spool writable",
        "Whether results can wait on the disk while the database takes none.",
        ask.own("spool_writable"),
        yes=True,
    )
    settings = _one(
        "Configuration",
        "Whether what was read last is in force; if it was refused, the one before holds.",
        ask.own("config_last_reload_successful"),
        yes=True,
    )
    faults = _one(
        "Faults of its own",
        "In the time shown; each one is a bug.",
        f"increase({ask.own('internal_errors_total')}[$__range])",
    )
    dropped = _one(
        "Results lost",
        "In the time shown: too many waited, or they can never be written.",
        f"increase({ask.own('results_dropped_total')}[$__range])",
    )
    version = number(
        Text(title="Version", about="What runs there.", unit="short", width=6, height=4),
        Ask(expr=f"max by (version) ({ask.own('build_info')})", legend="{{version}}", instant=True),
        mappings=words({1: ("runs", GREEN)}),
        background=False,
    )
    return Row(title="Now", panels=(state, network, spool, settings, faults, dropped, version))


def _one(title: str, about: str, expr: str, *, yes: bool = False) -> Panel:
    text = Text(title=title, about=about, unit="short", none="not scraped", width=3, height=4)
    how = "max" if yes else "sum"
    mappings = _YES if yes else none_or_more("none")
    return number(text, Ask(expr=f"{how}({expr})", legend="", instant=True), mappings=mappings)


def _on_time() -> Row:
    return Row(
        title="On time",
        panels=(
            _spread(
                "schedule_delay_seconds",
                "Schedule delay",
                "Start of a run minus its slot. It is no part of any latency, but runs that begin "
                "late see less.",
            ),
            _spread(
                "event_loop_lag_seconds",
                "Event loop lag",
                "Longest stall of the probing loop within each second. Where the kernel stamps no "
                "arrivals, runs with more than 5 ms of it, and 1 % of their time to first token, "
                "are left out of latency.",
            ),
            _spread(
                "observation_delay_seconds",
                "Observation delay",
                "How long each read of an answer waited for us, by the kernel's stamps. Times are "
                "the kernel's all the same.",
            ),
        ),
    )


def _spread(
    metric: str, title: str, about: str, *, none: str = "no run yet", width: int = 8
) -> Panel:
    text = Text(title=title, about=about, unit="s", none=none, width=width)
    asks = (Ask(expr=ask.own_quantile(share, metric), legend=name) for name, share in _QUANTILES)
    return lines(text, *asks, colors=_COLORS)


def _runs() -> Row:
    return Row(
        title="Probing", panels=(_flight(), _pace(), _coverage(), _missed(), _budget(), _age())
    )


def _flight() -> Panel:
    return lines(
        Text(
            title="Runs under way",
            about="Runs in flight, and those that wait for room under the limits.",
            unit="short",
            width=8,
        ),
        Ask(expr=f"max({ask.own('probes_in_flight')})", legend="in flight"),
        Ask(expr=f"max({ask.own('probes_waiting')})", legend="waiting"),
        colors={"in flight": SKY, "waiting": ORANGE},
    )


def _pace() -> Panel:
    return lines(
        Text(
            title="Scheduled runs",
            about="Runs per minute, over all targets: those that count, those left out, and slots "
            "that were not run at all.",
            unit="short",
            width=8,
        ),
        Ask(expr=f"60 * {ask.own_rate('probes_total')}", legend="counted"),
        Ask(expr=f"60 * {_excluded('!=')}", legend="not counted"),
        Ask(expr=f"60 * {_excluded('=')}", legend="missed"),
        colors={"counted": GREEN, "not counted": GREY, "missed": VERMILION},
        step="2m",
    )


def _coverage() -> Panel:
    covered = ask.own("coverage_ratio", 'window="1h"')
    return lines(
        Text(
            title="Coverage",
            about="Share of the planned runs of the hour before each instant that took place: the "
            "mean over all targets, and the lowest.",
            unit="percentunit",
            none="no run yet",
            width=8,
        ),
        *(
            Ask(expr=f"{how}({covered})", legend=name)
            for how, name in (("avg", "mean"), ("min", "lowest"))
        ),
        bounds=COVERED,
        colors={"mean": SKY, "lowest": VERMILION},
        top=1,
    )


def _excluded(sign: str) -> str:
    missed = ask.own("probes_excluded_total", f'outcome{sign}"missed"')
    return f"sum(rate({missed}[$__rate_interval]))"


def _budget() -> Panel:
    return lines(
        Text(
            title="Budget spent",
            about="Share of the day's budget that is spent, by provider; at 1 probing stops until "
            "the day ends (UTC).",
            unit="percentunit",
            none="no budget is set",
            width=8,
        ),
        Ask(expr=f"max by (provider) ({ask.own('budget_spent_ratio')})", legend="{{provider}}"),
        bounds=steps(GREEN, (0.9, ORANGE), (1, VERMILION)),
    )


def _missed() -> Panel:
    return lines(
        Text(
            title="Missed slots by reason",
            about="Slots per minute that were not run: the run before was not over, no room under "
            "the limits, the budget, a pause that was asked for, a late wake-up, a stop.",
            unit="short",
            width=8,
        ),
        Ask(expr=f"60 * {ask.own_rate('slots_missed_total', 'reason')}", legend="{{reason}}"),
        stacked=True,
    )


def _age() -> Panel:
    return lines(
        Text(
            title="Age of the picture",
            about="How old the figures are that surfaces show. Above a minute the monitor answers, "
            "but does not see any more.",
            unit="s",
            width=8,
        ),
        Ask(expr=f"max({ask.own('snapshot_age_seconds')})", legend="age"),
        bounds=steps(GREEN, (15, ORANGE), (60, VERMILION)),
        colors={"age": SKY},
    )


def _store() -> Row:
    waiting = lines(
        Text(
            title="Results that wait to be written",
            about="In memory, and on the disk since the database takes none.",
            unit="short",
            width=12,
        ),
        Ask(expr=f"max({ask.own('results_pending')})", legend="in memory"),
        Ask(expr=f"max({ask.own('results_spooled')})", legend="on the disk"),
        colors={"in memory": SKY, "on the disk": ORANGE},
    )
    errors = lines(
        Text(
            title="Trouble with the database",
            about="Write transactions that failed and are tried again, and questions that were "
            "answered with an older answer, per minute.",
            unit="short",
            width=12,
        ),
        Ask(
            expr=f"60 * {ask.own_rate('store_write_errors_total', 'reason')}",
            legend="write: {{reason}}",
        ),
        Ask(
            expr=f"60 * {ask.own_rate('store_read_errors_total', 'reason')}",
            legend="read: {{reason}}",
        ),
        stacked=True,
    )
    about = "Time of one write transaction."
    writes = _spread("store_write_duration_seconds", "Writing", about, width=12)
    about = "Time of one question of the pages and the API; many who look ask it once."
    reads = _spread("store_read_duration_seconds", "Reading", about, none="nobody looked", width=12)
    return Row(title="Store", panels=(writes, reads, waiting, errors))


def _scrape() -> Row:
    reached = stretches(
        Text(
            title="Reached by Prometheus",
            about="When Prometheus reached the monitor; meanwhile nothing is known.",
            unit="short",
            width=8,
            height=6,
        ),
        Ask(expr=f"max by (instance) ({ask.scraped('up')})", legend="{{instance}}"),
        words({0: ("not reached", VERMILION), 1: ("reached", GREEN)}),
    )
    took = lines(
        Text(
            title="Time of a scrape",
            about="How long Prometheus waited for the metrics.",
            unit="s",
            width=8,
            height=6,
        ),
        Ask(
            expr=f"max by (instance) ({ask.scraped('scrape_duration_seconds')})",
            legend="{{instance}}",
        ),
    )
    series = lines(
        Text(
            title="Series",
            about="Samples of a scrape: some 120 for each target, and the monitor's own.",
            unit="short",
            width=8,
            height=6,
        ),
        Ask(
            expr=f"max by (instance) ({ask.scraped('scrape_samples_scraped')})",
            legend="{{instance}}",
        ),
    )
    return Row(title="Scrape", panels=(reached, took, series))
