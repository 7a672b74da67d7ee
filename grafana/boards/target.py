"""The board of one target: each run, its times, its failures and what probing it cost."""

from grafana_foundation_sdk.models.dashboard import Panel

from grafana.boards import queries as ask
from grafana.boards.frame import Board, Row, choices
from grafana.boards.looks import (
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    STATES,
    TICKS,
    VERMILION,
    words,
)
from grafana.boards.panels import Ask, Text, boxes, heat, lines, stretches
from grafana.boards.target_now import now

#: Outcomes that the common troubles of providers end in.
_OUTCOMES = {
    "overloaded": ORANGE,
    "server_error": VERMILION,
    "timeout": PURPLE,
    "gateway_error": SKY,
    "unreachable": GREY,
}
_WINDOWS = 'window=~"5m|1h|24h"'


def board() -> Board:
    """Draw it."""
    rows = (now(), _runs(), _first_token(), _whole(), _effort())
    about = "One target, or a few beside each other: each run, its times, failures and cost."
    variables = choices(several=False)
    return Board(name="target", title="target", about=about, rows=rows, variables=variables)


def _runs() -> Row:
    return Row(title="Runs", panels=(_history(), _states(), _uptime(), _failures(), _excluded()))


def _history() -> Panel:
    return boxes(
        Text(
            title="Runs, step by step",
            about="How the scheduled runs of each step ended; of several the worst counts. Not "
            "counted are those that were not the provider's doing. A gap: no run.",
            unit="short",
            none="no run in the time shown",
            width=24,
            height=5,
        ),
        Ask(expr=ask.ticks()),
        words(TICKS),
    )


def _states() -> Panel:
    return stretches(
        Text(
            title="State over time",
            about="What was believed of it.",
            unit="short",
            width=24,
            height=4,
        ),
        Ask(expr=ask.state("target")),
        words(STATES),
    )


def _uptime() -> Panel:
    policies = 'policy="provider", window=~"1h|24h|30d"'
    return lines(
        Text(
            title="Uptime by window",
            about="Good runs over those that count, of the window before each instant.",
            unit="percentunit",
            none="no run yet",
            width=8,
        ),
        Ask(
            expr=ask.now("uptime_ratio", policies, by="target, window"),
            legend="{{target}} {{window}}",
        ),
        top=1,
    )


def _failures() -> Panel:
    return lines(
        Text(
            title="Failures by outcome",
            about="Scheduled runs of each step that count and failed, by what they ended in.",
            unit="short",
            none="no run failed",
            width=8,
        ),
        Ask(
            expr=ask.grown("probe_failures_total", "outcome", ask.COMPLETION),
            legend="{{outcome}}",
        ),
        stacked=True,
        colors=_OUTCOMES,
        step="2m",
    )


def _excluded() -> Panel:
    return lines(
        Text(
            title="Not counted, by outcome",
            about="Scheduled runs of each step that are left out of uptime, because they were not "
            "the provider's doing; missed are slots that were not run.",
            unit="short",
            none="every run counts",
            width=8,
        ),
        Ask(
            expr=ask.grown("probes_excluded_total", "outcome", ask.COMPLETION),
            legend="{{outcome}}",
        ),
        stacked=True,
        step="2m",
    )


def _first_token() -> Row:
    spread = heat(
        Text(
            title="Time to first token, all runs",
            about="How many good runs took how long to the first token. Of several targets all "
            "are in one picture.",
            unit="s",
        ),
        ask.buckets("ttft_seconds"),
    )
    return Row(title="Time to first token", panels=(spread, _times("ttft", "first", tail=True)))


def _whole() -> Row:
    spread = heat(
        Text(
            title="Time to last token, all runs",
            about="How many good runs took how long to the last token of the same short answer.",
            unit="s",
        ),
        ask.buckets("request_duration_seconds"),
    )
    medians = _times("request_duration", "last", tail=False)
    speed = lines(
        Text(
            title="Throughput",
            about="Tokens per second between the first token and the last of a long answer: the "
            "median of the window before each instant. Only targets with throughput probes have "
            "it, from 5 of them on.",
            unit="short",
            none="no throughput probes, or fewer than 5 good ones",
            width=24,
            height=7,
        ),
        Ask(
            expr=ask.now("output_tokens_per_second_median", _WINDOWS, by="target, window"),
            legend="{{target}} {{window}}",
        ),
    )
    return Row(title="Whole answers", panels=(spread, medians, speed))


def _times(metric: str, token: str, *, tail: bool) -> Panel:
    of = "target, window"
    median = ask.now(f"{metric}_median_seconds", _WINDOWS, by=of)
    asks = [Ask(expr=median, legend="{{target}} median {{window}}")]
    if tail:
        slowest = ask.now(f"{metric}_p95_seconds", _WINDOWS, by=of)
        asks.append(Ask(expr=slowest, legend="{{target}} 95 % {{window}}"))
    text = Text(
        title=f"Time to {token} token by window",
        about=f"Time to the {token} token of good runs, of the window before each instant: the "
        "median from 5 runs on" + (", and what 95 of 100 keep from 20 on." if tail else "."),
        unit="s",
        none="fewer than 5 good runs",
    )
    return lines(text, *asks)


def _effort() -> Row:
    cost = lines(
        Text(
            title="Cost of probing",
            about="What probing costs in an hour, at the target's prices.",
            unit="currencyUSD",
            none="no prices known",
            width=8,
        ),
        Ask(expr=f"3600 * {ask.rate('cost_dollars_total', 'target')}"),
        step="2m",
    )
    tokens = lines(
        Text(
            title="Tokens of probing",
            about="Tokens that probing uses in an hour, as the provider counts them.",
            unit="short",
            none="the provider tells no usage",
            width=8,
        ),
        Ask(expr=f"3600 * {ask.rate('tokens_total', 'type')}", legend="{{type}}"),
        step="2m",
    )
    apart = ask.of_targets("uptime_ratio", 'policy="provider"', 'window="24h"')
    places = lines(
        Text(
            title="The same from all vantages",
            about="Uptime of the 24 hours before each instant, as each monitor sees it; the "
            "vantage that is chosen above does not matter here.",
            unit="percentunit",
            none="no run yet",
            width=8,
        ),
        Ask(
            expr=f"max by (target, vantage) ({apart.replace(ask.HERE, ask.EVERYWHERE)})",
            legend="{{target}} from {{vantage}}",
        ),
        top=1,
    )
    return Row(title="Effort and vantages", panels=(cost, tokens, places))
