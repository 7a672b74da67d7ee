"""The pieces of PromQL that panels ask with; what a figure means is decided here.

Every query is about one vantage, because what monitors see from different places is never merged.
`max by (...)` joins the series that a monitor had before and after it moved to another address.
"""

from collections.abc import Iterable

_PREFIX = "llmprobe_"
HERE = 'vantage=~"$vantage"'
#: In the place of `HERE`: a series of each vantage.
EVERYWHERE = 'vantage=~".*"'
#: Of the runs that uptime comes from.
COMPLETION = 'kind="completion"'

#: In the order of `looks.STATES`.
_STATES = ("unknown", "up", "recovering", "degraded", "blocked", "down")


def own(metric: str, *matchers: str) -> str:
    """Select a metric of the monitor itself."""
    return _selected(metric, (HERE, *matchers))


def of_targets(metric: str, *matchers: str) -> str:
    """Select a metric of the targets that are chosen above."""
    return _selected(metric, (HERE, 'target=~"$target"', *matchers))


def of_groups(metric: str, *matchers: str) -> str:
    """Select a metric of the groups that are chosen above."""
    return _selected(metric, (HERE, 'group=~"$group"', *matchers))


def scraped(metric: str) -> str:
    """Select what Prometheus itself notes of a scrape."""
    return f'{metric}{{job="llmprobe", {HERE}}}'


def now(metric: str, *matchers: str, by: str = "target, provider") -> str:
    """Give a gauge of targets, one series for each."""
    return f"max by ({by}) ({of_targets(metric, *matchers)})"


def window(metric: str, span: str, *matchers: str, by: str = "target, provider") -> str:
    """Give a gauge of targets over one of its windows."""
    return now(metric, *matchers, f'window="{span}"', by=by)


def uptime(span: str, by: str = "target, provider") -> str:
    """Give the uptime that leaves out what is not the provider's doing."""
    return window("uptime_ratio", span, 'policy="provider"', by=by)


def state(by: str = "target, provider") -> str:
    """Give each target's state as a number of `looks.STATES`."""
    numbered = "\n  or\n  ".join(
        f"{number} * {_in_state(name)}" for number, name in enumerate(_STATES)
    )
    return f"max by ({by}) (\n  {numbered}\n)"


def unless_up(expression: str) -> str:
    """Keep only targets that are not simply up."""
    return f"{expression}\nunless on (target) {_in_state('up')} == 1"


def incidents() -> str:
    """Count incidents that touch the time shown, by target: those that ended, and the one on."""
    down = _in_state("down")
    return (
        f"sum by (target, provider) (resets({down}[$__range]))\n"
        f"+ max by (target, provider) ({down})"
    )


def grown(metric: str, by: str, *matchers: str) -> str:
    """Give how much a counter grew in each step: whole runs, also the first of its kind.

    The counters go on over restarts, so a difference is exact; `increase` would extrapolate, and
    would not see what is counted for the first time.
    """
    counted = of_targets(metric, *matchers)
    known = of_targets("probes_total", COMPLETION)
    return (
        f"sum by ({by}) (\n"
        f"  clamp_min({counted} - {counted} offset $__interval, 0)\n"
        f"  or\n"
        f"  ({counted} and on (instance, target) {known} offset $__interval)\n"
        f")"
    )


def ticks() -> str:
    """Give how the runs of each step ended, as a number of `looks.TICKS`; the worst counts."""
    counts = (
        (3, grown("probe_failures_total", "target", COMPLETION)),
        (2, grown("probes_excluded_total", "target", COMPLETION)),
        (1, grown("probes_total", "target", COMPLETION)),
    )
    return "\nor\n".join(f"{number} * ({count} > bool 0 > 0)" for number, count in counts)


def rate(metric: str, by: str, *matchers: str) -> str:
    """Give how fast a counter of targets grows, in 1/s."""
    return f"sum by ({by}) (rate({of_targets(metric, *matchers)}[$__rate_interval]))"


def failing(by: str) -> str:
    """Give the share of scheduled completion runs that failed."""
    failures = rate("probe_failures_total", by, COMPLETION)
    return f"{failures}\n/\n{rate('probes_total', by, COMPLETION)}"


def over_shown(metric: str, by: str, *matchers: str) -> str:
    """Give how much a counter of targets grew in the time shown."""
    return f"sum by ({by}) (increase({of_targets(metric, *matchers)}[$__range]))"


def buckets(metric: str) -> str:
    """Give the observations of each step by bucket, for a heat map."""
    return f"sum by (le) (increase({of_targets(metric + '_bucket')}[$__rate_interval]))"


def own_quantile(share: float, metric: str) -> str:
    """Give a quantile of one of the monitor's own histograms."""
    observed = own(metric + "_bucket")
    return f"histogram_quantile({share}, sum by (le) (rate({observed}[$__rate_interval])))"


def own_rate(metric: str, by: str = "") -> str:
    """Give how fast one of the monitor's own counters grows, in 1/s."""
    grouped = f" by ({by})" if by else ""
    return f"sum{grouped} (rate({own(metric)}[$__rate_interval]))"


def _in_state(name: str) -> str:
    return of_targets("state", f'state="{name}"')


def _selected(metric: str, matchers: Iterable[str]) -> str:
    return f"{_PREFIX}{metric}{{{', '.join(matchers)}}}"
