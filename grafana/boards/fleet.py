"""The board of all targets: which work, which do not, and since when."""

from grafana_foundation_sdk.models.dashboard import Panel

from grafana.boards import queries as ask
from grafana.boards.frame import Board, Row, choices, to_model, to_target, to_target_of_series
from grafana.boards.looks import (
    COVERED,
    GOOD_SHARE,
    GREEN,
    QUICK,
    STATES,
    VERMILION,
    none_or_more,
    words,
)
from grafana.boards.panels import Ask, Text, lines, number, stretches
from grafana.boards.tables import Column, Label, table

_TARGET = Label(name="target", title="Target", link=to_target())
_PROVIDER = Label(name="provider", title="Provider")
_STATE = Column(title="State", expr=ask.state(), mappings=tuple(words(STATES)))


def board() -> Board:
    """Draw it."""
    rows = (_now(), _states(), _uptimes(), _troubles(), _course())
    about = "All targets: which work now, which did not and why, and how they did over time."
    return Board(name="fleet", title="fleet", about=about, rows=rows, variables=choices())


def _now() -> Row:
    return Row(title="Now", panels=(_by_state(), _unserved(), _incidents(), _cost()))


def _by_state() -> Panel:
    return number(
        Text(
            title="Targets by state",
            about="How many of the chosen targets are in each state. Degraded and recovering ones "
            "still answer; blocked ones are refused because of our own account.",
            unit="short",
            width=12,
            height=5,
        ),
        Ask(expr=f"sum by (state) ({ask.of_targets('state')})", legend="{{state}}", instant=True),
        colors=dict(STATES.values()),
    )


def _unserved() -> Panel:
    return number(
        Text(
            title="Groups that nobody serves",
            about="Logical models of which no target works. Groups of which nothing is known yet "
            "are not counted.",
            unit="short",
            width=4,
            height=5,
        ),
        Ask(expr=f"sum({ask.of_groups('group_available')} == bool 0)", legend="", instant=True),
        mappings=none_or_more("none"),
    )


def _incidents() -> Panel:
    return number(
        Text(
            title="Incidents",
            about="Incidents that touch the time shown: times in which a target was down, those "
            "that go on included.",
            unit="short",
            width=4,
            height=5,
        ),
        Ask(expr=f"sum({ask.incidents()})", legend="", instant=True),
        mappings=none_or_more("none"),
    )


def _cost() -> Panel:
    return number(
        Text(
            title="Cost of probing",
            about="What probing the chosen targets cost in the time shown; only targets whose "
            "prices are known count.",
            unit="currencyUSD",
            none="no prices known",
            width=4,
            height=5,
        ),
        Ask(expr=f"sum({ask.over_shown('cost_dollars_total', 'target')})", legend="", instant=True),
        background=False,
    )


def _states() -> Row:
    drawn = stretches(
        Text(
            title="State of each target",
            about="What is believed of each target. A click leads to the target.",
            unit="short",
            none="no target is probed",
            width=24,
            height=11,
        ),
        Ask(expr=ask.state("target")),
        words(STATES),
        [to_target_of_series()],
    )
    return Row(title="Which work", panels=(drawn,))


def _uptimes() -> Row:
    spans = {"5m": "5 min", "1h": "1 h", "24h": "24 h", "30d": "30 d"}
    uptimes = [
        Column(title=f"Uptime {name}", expr=ask.uptime(span), unit="percentunit", bounds=GOOD_SHARE)
        for span, name in spans.items()
    ]
    drawn = table(
        Text(
            title="Uptime, worst first",
            about="Good runs over those that count, by window: what is our own doing or the "
            "request's is left out. Coverage is the share of planned runs that took place; where "
            "it is low, the uptime says little. A window that began a moment ago counts what it "
            "has.",
            unit="short",
            none="no target is probed",
            width=24,
            height=11,
        ),
        [_TARGET, _PROVIDER],
        [
            _STATE,
            *uptimes,
            Column(
                title="Coverage 24 h",
                expr=ask.window("coverage_ratio", "24h"),
                unit="percentunit",
                bounds=COVERED,
            ),
            Column(title="Runs 24 h", expr=ask.window("window_samples", "24h")),
            Column(
                title="Median TTFT 1 h",
                expr=ask.window("ttft_median_seconds", "1h"),
                unit="s",
                bounds=QUICK,
            ),
        ],
        sort="Uptime 24 h",
    )
    return Row(title="How they did", panels=(drawn,))


def _troubles() -> Row:
    return Row(title="What went wrong", panels=(_not_up(), _outcomes(), _incident_table()))


def _not_up() -> Panel:
    silence = f"time() - {ask.now('last_success_timestamp_seconds')}"
    return table(
        Text(
            title="Not simply up now",
            about="Targets in any other state: how many runs failed in a row, and how long ago "
            "one last succeeded.",
            unit="short",
            none="all chosen targets are up",
            width=12,
            height=9,
        ),
        [_TARGET, _PROVIDER],
        [
            Column(title="State", expr=ask.unless_up(ask.state()), mappings=tuple(words(STATES))),
            Column(title="Failed in a row", expr=ask.unless_up(ask.now("consecutive_failures"))),
            Column(title="Last success", expr=ask.unless_up(silence), unit="s"),
        ],
        sort="State",
        descending=True,
    )


def _outcomes() -> Panel:
    failures = ask.over_shown("probe_failures_total", "target, outcome", ask.COMPLETION)
    return table(
        Text(
            title="Failures by outcome",
            about="Scheduled runs that count and failed in the time shown, by what they ended in. "
            "Prometheus reckons them from scrapes, so that a count may be off by one.",
            unit="short",
            none="no run failed",
            width=12,
            height=9,
        ),
        [_TARGET, Label(name="outcome", title="Outcome")],
        [Column(title="Failures", expr=f"round({failures}) > 0")],
        sort="Failures",
        descending=True,
    )


def _incident_table() -> Panel:
    down = ask.of_targets("state", 'state="down"')
    share = f"max by (target, provider) (avg_over_time({down}[$__range]))"
    return table(
        Text(
            title="Incidents in the time shown",
            about="Times in which a target was down, and the share of the time that they took. "
            "An incident is known from its third failure on; the monitor dates it back to the "
            "first, this table does not.",
            unit="short",
            none="no target was down",
            width=24,
            height=7,
        ),
        [_TARGET, _PROVIDER],
        [
            Column(title="Incidents", expr=f"({ask.incidents()}) > 0"),
            Column(title="Share of time down", expr=f"{share} > 0", unit="percentunit"),
        ],
        sort="Share of time down",
        descending=True,
    )


def _course() -> Row:
    return Row(title="Over time", panels=(_failing(), _ttft(), _groups()))


def _failing() -> Panel:
    return lines(
        Text(
            title="Failed runs by provider",
            about="Share of the scheduled runs that count and failed, over all chosen targets of "
            "a provider.",
            unit="percentunit",
        ),
        Ask(expr=ask.failing("provider"), legend="{{provider}}"),
        step="2m",
        top=1,
    )


def _ttft() -> Panel:
    return lines(
        Text(
            title="Median time to first token by target",
            about="From the last byte of the request to the first generated token: the median of "
            "the hour before each instant.",
            unit="s",
            none="fewer than 5 good runs",
        ),
        Ask(expr=ask.window("ttft_median_seconds", "1h", by="target")),
    )


def _groups() -> Panel:
    return table(
        Text(
            title="Availability of logical models",
            about="Share of the time in which at least one target of the group was available.",
            unit="short",
            none="nothing is known of any group yet",
            width=24,
            height=7,
        ),
        [Label(name="group", title="Group", link=to_model())],
        [
            Column(title="Works now", expr=_of_group("group_available"), mappings=_YES),
            *(
                Column(
                    title=f"Available {span}",
                    expr=_of_group("group_availability_ratio", f'window="{span}"'),
                    unit="percentunit",
                    bounds=GOOD_SHARE,
                )
                for span in ("1h", "24h", "30d")
            ),
        ],
        sort="Available 24h",
    )


def _of_group(metric: str, *matchers: str) -> str:
    return f"max by (group) ({ask.of_groups(metric, *matchers)})"


_YES = tuple(words({0: ("no", VERMILION), 1: ("yes", GREEN)}))
