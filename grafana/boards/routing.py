"""The board of what routers are told: weights, who is out, and panic."""

from grafana_foundation_sdk.models.dashboard import Panel

from grafana.boards import queries as ask
from grafana.boards.frame import Board, Row, choices, to_model, to_target
from grafana.boards.looks import (
    GOOD_SHARE,
    GREEN,
    ORANGE,
    PURPLE,
    STATES,
    VERMILION,
    none_or_more,
    steps,
    words,
)
from grafana.boards.panels import Ask, Text, lines, number, stretches
from grafana.boards.tables import Column, Label, table

_WEIGHT = ask.of_targets("routing_weight")
_OUT = f"({_WEIGHT} == bool 0)"
_TARGET = Label(name="target", title="Target", link=to_target())


def board() -> Board:
    """Draw it."""
    about = "What routers that ask the monitor are told: weights, who is out of routing, panic."
    rows = (_now(), _weights(), _groups())
    return Board(name="routing", title="routing", about=about, rows=rows, variables=choices())


def _now() -> Row:
    return Row(title="Now", panels=(_by_weight(), _panicking(), _alone()))


def _by_weight() -> Panel:
    return number(
        Text(
            title="Targets by weight",
            about="Full weight is 1. Reduced are those that fail now and then, are slow, throttled "
            "or just back. Out are those of weight 0.",
            unit="short",
            width=12,
            height=5,
        ),
        *(
            Ask(expr=f"sum({_WEIGHT} {test})", legend=name, instant=True)
            for name, test in (("full", ">= bool 0.95"), ("out", "== bool 0"))
        ),
        Ask(
            expr=f"sum(({_WEIGHT} > bool 0) * ({_WEIGHT} < bool 0.95))",
            legend="reduced",
            instant=True,
        ),
        colors={"full": GREEN, "reduced": ORANGE, "out": VERMILION},
    )


def _panicking() -> Panel:
    return number(
        Text(
            title="Groups in panic",
            about="Logical models of which no target may be routed to: then all that are not "
            "blocked weigh the same, because somebody has to get the traffic.",
            unit="short",
            width=6,
            height=5,
        ),
        Ask(expr=f"sum({ask.of_groups('group_panic')})", legend="", instant=True),
        mappings=none_or_more("none"),
    )


def _alone() -> Panel:
    return number(
        Text(
            title="Groups with one target left",
            about="Logical models of several targets of which only one is routed to.",
            unit="short",
            width=6,
            height=5,
        ),
        Ask(
            expr=f"count({_grouped('count', '1')} > 1 and {_grouped('sum', '> bool 0')} == 1)"
            " or vector(0)",
            legend="",
            instant=True,
        ),
        mappings=none_or_more("none"),
    )


def _grouped(how: str, of: str) -> str:
    info = ask.of_targets("target_info")
    told = _WEIGHT if how == "count" else f"({_WEIGHT} {of})"
    joined = f"{told} * on (instance, target) group_left (group) {info}"
    return f"{how} by (group) ({joined})"


def _weights() -> Row:
    weights = lines(
        Text(
            title="Weights",
            about="Share of its group's traffic that each target should get, in proportion to the "
            "others' weights. News are told on a change of state or of 0.1 and more.",
            unit="short",
            width=16,
            height=10,
        ),
        Ask(expr=ask.now("routing_weight", by="target")),
        top=1,
    )
    out_now = table(
        Text(
            title="Out of routing now",
            about="Targets of weight 0, with the state that took them out.",
            unit="short",
            none="every target is routed to",
            width=8,
            height=10,
        ),
        [_TARGET],
        [
            Column(
                title="State",
                expr=f"{ask.state('target')}\nand on (target) {_WEIGHT} == 0",
                mappings=tuple(words(STATES)),
            )
        ],
        sort="Target",
    )
    return Row(title="Weights and ejections", panels=(weights, out_now, *_ejections()))


def _ejections() -> tuple[Panel, Panel]:
    out = stretches(
        Text(
            title="In and out of routing",
            about="When each target was routed to.",
            unit="short",
            width=16,
            height=9,
        ),
        Ask(expr=f"max by (target) {_OUT}"),
        words({0: ("routed to", GREEN), 1: ("out", VERMILION)}),
    )
    share = table(
        Text(
            title="Ejections in the time shown",
            about="How often a target was taken out of routing, and the share of the time in which "
            "it was out, looked at each minute.",
            unit="short",
            none="no target was out",
            width=8,
            height=9,
        ),
        [_TARGET],
        [
            Column(
                title="Taken out",
                expr=f"sum by (target) (resets(({_WEIGHT} > bool 0)[$__range:1m])) > 0",
            ),
            Column(
                title="Share of time out",
                expr=f"max by (target) (avg_over_time({_OUT}[$__range:1m])) > 0",
                unit="percentunit",
                bounds=steps(GREEN, (0.01, ORANGE), (0.1, VERMILION)),
            ),
        ],
        sort="Share of time out",
        descending=True,
    )
    return out, share


def _groups() -> Row:
    panic = stretches(
        Text(
            title="Panic by group",
            about="When nobody of a group could be routed to, so that all not blocked were.",
            unit="short",
            width=12,
        ),
        Ask(expr=f"max by (group) ({ask.of_groups('group_panic')})", legend="{{group}}"),
        words({0: ("normal", GREEN), 1: ("panic", PURPLE)}),
    )
    available = table(
        Text(
            title="Availability by group",
            about="Share of the time in which at least one target of the group was available.",
            unit="short",
            none="nothing is known of any group yet",
            width=12,
        ),
        [Label(name="group", title="Group", link=to_model())],
        [
            Column(
                title=f"Available {span}",
                expr="max by (group) ("
                + ask.of_groups("group_availability_ratio", f'window="{span}"')
                + ")",
                unit="percentunit",
                bounds=GOOD_SHARE,
            )
            for span in ("5m", "1h", "24h", "30d")
        ],
        sort="Available 24h",
    )
    return Row(title="Groups", panels=(panic, available))
