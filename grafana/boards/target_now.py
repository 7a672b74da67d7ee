"""The first row of the board of one target: how it is now."""

from grafana_foundation_sdk.models.dashboard import Panel

from grafana.boards import queries as ask
from grafana.boards.frame import Row
from grafana.boards.looks import GOOD_SHARE, QUICK, STATES, words
from grafana.boards.panels import Ask, Text, number


def now() -> Row:
    """Draw it."""
    return Row(title="Now", panels=(_state(), _uptime_now(), _ttft_now(), _silence(), _weight()))


def _state() -> Panel:
    return number(
        Text(title="State", about="What is believed of it now.", unit="short", width=4, height=4),
        Ask(expr=ask.state("target"), instant=True),
        mappings=words(STATES),
    )


def _uptime_now() -> Panel:
    return number(
        Text(
            title="Uptime 24 h",
            about="Good runs over those that count, within 24 hours, with the bounds that hold "
            "the true share 95 times of 100.",
            unit="percentunit",
            none="no run yet",
            width=8,
            height=4,
        ),
        Ask(
            expr=ask.window("uptime_lower_ratio", "24h", by="target"), legend="{{target}} at least"
        ),
        Ask(expr=ask.uptime("24h", by="target"), legend="{{target}} measured"),
        Ask(expr=ask.window("uptime_upper_ratio", "24h", by="target"), legend="{{target}} at most"),
        bounds=GOOD_SHARE,
    )


def _ttft_now() -> Panel:
    return number(
        Text(
            title="Median TTFT 1 h",
            about="Median time to the first token, within the hour.",
            unit="s",
            none="fewer than 5 good runs",
            width=4,
            height=4,
        ),
        Ask(expr=ask.window("ttft_median_seconds", "1h", by="target"), instant=True),
        bounds=QUICK,
    )


def _silence() -> Panel:
    return number(
        Text(
            title="Last run",
            about="How long ago the newest run began.",
            unit="s",
            none="no run yet",
            width=4,
            height=4,
        ),
        Ask(expr=f"time() - {ask.now('last_probe_timestamp_seconds', by='target')}", instant=True),
        background=False,
    )


def _weight() -> Panel:
    return number(
        Text(
            title="Routing weight",
            about="What routers are told; 0 is out of routing.",
            unit="short",
            width=4,
            height=4,
        ),
        Ask(expr=ask.now("routing_weight", by="target"), instant=True),
        background=False,
    )
