"""The board of one logical model: who serves it, side by side."""

from grafana_foundation_sdk.models.dashboard import Panel

from grafana.boards import queries as ask
from grafana.boards.frame import Board, Row, group_choices, to_target, to_target_of_series
from grafana.boards.looks import GOOD_SHARE, GREEN, QUICK, STATES, VERMILION, words
from grafana.boards.panels import Ask, Text, lines, number, stretches
from grafana.boards.tables import Column, Label, table

_EACH = "target, provider"


def board() -> Board:
    """Draw it."""
    about = "Who serves a model, beside each other: uptime, speed, and what a token costs."
    rows = (_now(), _side_by_side(), _course())
    return Board(
        name="model", title="model", about=about, rows=rows, variables=group_choices(), since="24h"
    )


def _now() -> Row:
    works = number(
        Text(
            title="Works",
            about="Whether at least one target of the group works now.",
            unit="short",
            none="not known yet",
            width=6,
            height=4,
        ),
        Ask(expr=_of_group("group_available"), legend="", instant=True),
        mappings=words({0: ("nobody serves it", VERMILION), 1: ("yes", GREEN)}),
    )
    share = number(
        Text(
            title="Availability",
            about="Share of the time in which at least one target of the group was available.",
            unit="percentunit",
            none="not known yet",
            width=18,
            height=4,
        ),
        *(
            Ask(
                expr=_of_group("group_availability_ratio", f'window="{span}"'),
                legend=span,
                instant=True,
            )
            for span in ("1h", "24h", "30d")
        ),
        bounds=GOOD_SHARE,
    )
    return Row(title="The model as a whole", panels=(works, share))


def _of_group(metric: str, *matchers: str) -> str:
    return f"max by (group) ({ask.of_groups(metric, *matchers)})"


def _side_by_side() -> Row:
    text = Text(
        title="Providers side by side",
        about="Uptime and latency come from the short answers, tokens per second from the "
        "long ones of throughput probes. The price is what probing paid in the time shown for "
        "a million tokens, input and output together; where prices are not known it is empty.",
        unit="short",
        none="no target is probed",
        width=24,
        height=9,
    )
    labels = [
        Label(name="target", title="Target", link=to_target()),
        Label(name="provider", title="Provider"),
    ]
    drawn = table(text, labels, _columns(), sort="Uptime 24h", descending=True)
    return Row(title="Who serves it", panels=(drawn,))


def _columns() -> list[Column]:
    paid = ask.over_shown("cost_dollars_total", _EACH)
    used = ask.over_shown("tokens_total", _EACH, 'type=~"input|output"')
    ttft = ask.window("ttft_median_seconds", "24h")
    speed = ask.window("output_tokens_per_second_median", "24h")
    price = f"1e6 * {paid}\n/\n({used} > 0)"
    return [
        Column(title="State", expr=ask.state(), mappings=tuple(words(STATES))),
        _uptime("24h"),
        _uptime("30d"),
        Column(title="Median TTFT 24 h", expr=ttft, unit="s", bounds=QUICK),
        Column(title="95 % TTFT 24 h", expr=ask.window("ttft_p95_seconds", "24h"), unit="s"),
        Column(title="Tokens/s 24 h", expr=speed),
        Column(title="Paid per million tokens", expr=price, unit="currencyUSD"),
        Column(title="Weight", expr=ask.now("routing_weight")),
    ]


def _uptime(span: str) -> Column:
    return Column(
        title=f"Uptime {span}", expr=ask.uptime(span), unit="percentunit", bounds=GOOD_SHARE
    )


def _course() -> Row:
    return Row(title="Over time", panels=(_states(), _uptime_lines(), _ttft(), _speed()))


def _states() -> Panel:
    return stretches(
        Text(
            title="State of each provider's target",
            about="What was believed of each. A click leads to the target.",
            unit="short",
            none="no target is probed",
            width=24,
            height=7,
        ),
        Ask(expr=ask.state("target")),
        words(STATES),
        [to_target_of_series()],
    )


def _uptime_lines() -> Panel:
    return lines(
        Text(
            title="Uptime",
            about="Good runs over those that count, of the 24 hours before each instant.",
            unit="percentunit",
            none="no run yet",
            width=8,
        ),
        Ask(expr=ask.uptime("24h", by="target")),
        top=1,
    )


def _ttft() -> Panel:
    return lines(
        Text(
            title="Median time to first token",
            about="Of the hour before each instant.",
            unit="s",
            none="fewer than 5 good runs",
            width=8,
        ),
        Ask(expr=ask.window("ttft_median_seconds", "1h", by="target")),
    )


def _speed() -> Panel:
    return lines(
        Text(
            title="Median throughput",
            about="Tokens per second of the long answers, of the 24 hours before each instant. "
            "Only targets with throughput probes have it.",
            unit="short",
            none="no throughput probes, or fewer than 5 good ones",
            width=8,
        ),
        Ask(expr=ask.window("output_tokens_per_second_median", "24h", by="target")),
    )
