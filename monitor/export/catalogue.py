"""The reference page of the metrics, made of the very code that writes them.

`python -m monitor.export.catalogue > docs/metrics.md` writes it anew.
"""

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from prometheus_client.core import Metric

from monitor.export.families import FAMILIES, PUBLISHED, ROUTING
from monitor.export.groups import GROUPS
from monitor.export.metrics import Metrics
from monitor.export.series import SHOWN_ENDS, SHOWN_WINDOWS, TARGET_LABELS, Family
from monitor.model.clock import SystemClock
from monitor.model.configuration import Configuration
from monitor.model.snapshot import DURATION_BUCKETS, Snapshot
from monitor.model.window import WINDOWS

_INTRO = """\
# Metrics

<!-- Generated: python -m monitor.export.catalogue > docs/metrics.md -->

`/metrics` speaks OpenMetrics 1.0 to those who ask for it, as Prometheus does, and else Prometheus'
text format; it is compressed (gzip) for those who take that. In OpenMetrics the histograms of a
target have exemplars: the newest run, by its `result_id`, as the API has it. Prometheus keeps them
with `--enable-feature=exemplar-storage`.

Every series of a target has the labels {own};
`llmprobe_target_info`, joined with it, tells group, region, dialect and host. What cannot be
measured has no series, and is never 0. A target that goes takes its series with it.

Counters and histograms of targets go on over restarts, from the store: what they show is written or
in the spool, so that no kill sets them back, and no run is counted twice. A run is counted within a
second of its end. Those of the monitor itself begin at 0.

**Detail.** `metrics: {{detail: full}}` in [the configuration](configuration.md#metrics) shows more
of each target: what is marked `full` below, all windows ({windows}; else {shown_windows}), and
{ends} buckets of times instead of {shown_ends}.

**Windows.** The label `window` is a span that ends now. Uptime comes from scheduled `completion`
runs, `availability_ratio` goes by time. Prometheus' own `rate` over the counters is the other way
to ask, with spans of your choice.
"""
_HEAD = "| name | type | labels | unit | meaning |\n|---|---|---|---|---|\n"
_UNITS = (
    ("_timestamp_seconds", "seconds since the epoch"),
    ("_tokens_per_second_median", "tokens per second"),
    ("_tokens_per_second", "tokens per second"),
    ("_seconds", "seconds"),
    ("_ratio", "0 to 1"),
    ("_dollars", "US dollars"),
)
#: What Prometheus appends to the names of a type.
_ENDINGS = {"counter": "_total", "info": "_info"}


class _Row(NamedTuple):
    name: str
    type: str
    labels: Iterable[str]
    text: str
    is_full: bool = False

    def __str__(self) -> str:
        labels = ", ".join(f"`{label}`" for label in self.labels) or "none"
        mark = " (`full`)" if self.is_full else ""
        name = self.name + _ENDINGS.get(self.type, "")
        unit = next((unit for ending, unit in _UNITS if self.name.endswith(ending)), "")
        return f"| `{name}`{mark} | {self.type} | {labels} | {unit} | {self.text} |\n"


def markdown() -> str:
    """Write the reference page."""
    intro = _INTRO.format(
        own=", ".join(f"`{label}`" for label in sorted(TARGET_LABELS, reverse=True)),
        windows=" ".join(WINDOWS),
        shown_windows=" ".join(window for window in WINDOWS if window in SHOWN_WINDOWS),
        ends=len(DURATION_BUCKETS),
        shown_ends=len(SHOWN_ENDS),
    )
    return "".join(
        (
            intro,
            _section("Of a target", _rows((*FAMILIES, *ROUTING, *PUBLISHED))),
            _section("Of a group", _rows(GROUPS, "group")),
            _section("Of the monitor", sorted(_own_rows())),
        )
    )


def _section(title: str, rows: Iterable[_Row]) -> str:
    return f"\n## {title}\n\n{_HEAD}{''.join(map(str, rows))}"


def _rows(families: Iterable[Family[Any]], *labels: str) -> Iterator[_Row]:
    """List families; the labels of a target are on each of its series and not told again."""
    for each in families:
        told = (*labels, *(label for label in each.labels if label != "le"))
        yield _Row(each.name, each.type, told, each.text, each.is_full)


def _own_rows() -> Iterator[_Row]:
    """List what the monitor shows of itself, by the labels of an example."""
    for family in _example().own():
        yield _Row(family.name, family.type, tuple(_labels(family)), family.documentation)


def _labels(family: Metric) -> list[str]:
    return sorted({label for each in family.samples for label in each.labels} - {"le"})


def _example() -> Metrics:
    """Make metrics with one of everything that has a label."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    metrics = Metrics(SystemClock())
    snapshot = Snapshot(
        generated_at=at, heartbeat_at=at, vantage="local", is_simulated=False, targets=()
    )
    metrics.show(
        snapshot=lambda: snapshot,
        in_flight=lambda: 0,
        waiting=lambda: 0,
        pending=lambda: 0,
        spooled=lambda: 0,
        dropped=lambda: 0,
        spent_ratios=lambda: {"acme": 0.0},
    )
    metrics.configure(lambda: Configuration(read_at=at))
    return metrics


if __name__ == "__main__":
    sys.stdout.write(markdown())
