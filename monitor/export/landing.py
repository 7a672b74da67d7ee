"""The page at `/`: what runs here, the targets in one table, and where the rest is."""

from html import escape

from monitor.model.snapshot import Snapshot, TargetView

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>LLM provider monitor</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="10">
<style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }}
body {{ max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }}
th, td {{ text-align: left; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid #8884; }}
td.n, th.n {{ text-align: right; }}
tr.down td:nth-child(2) {{ color: light-dark(#b00020, #ff8a80); font-weight: 600; }}
tr.degraded td:nth-child(2) {{ color: light-dark(#8a5a00, #ffcf70); font-weight: 600; }}
td:last-child {{ max-width: 26rem; overflow-wrap: anywhere; }}
.note {{ border-left: 4px solid #b58900; padding: .3rem .8rem; }}
</style></head><body>
<h1>LLM provider monitor</h1>
{note}<p>{headline}</p>
<table><thead><tr><th>Target</th><th>State</th><th>Why</th><th class="n">Uptime 1 h</th>
<th class="n" title="counted + excluded">Runs 1 h</th>
<th class="n">Median TTFT 1 h</th><th>Newest run</th></tr></thead>
<tbody>
{rows}
</tbody></table>
<p><a href="/metrics">/metrics</a> · <a href="/api/v1/targets">/api/v1/targets</a> ·
<a href="/readyz">/readyz</a> · vantage {vantage} · drawn {drawn}</p>
</body></html>
"""
_NONE = "\N{EN DASH}"
_SIMULATED = (
    '<p class="note"><strong>Simulated fleet.</strong> These providers are built in; '
    "their figures say nothing of the world.</p>\n"
)


def landing_page(snapshot: Snapshot) -> str:
    """Write the page."""
    return _PAGE.format(
        note=_SIMULATED if snapshot.is_simulated else "",
        headline=escape(headline(snapshot)),
        rows="\n".join(_row(view) for view in snapshot.targets),
        vantage=escape(snapshot.vantage),
        drawn=f"{snapshot.generated_at:%Y-%m-%d %H:%M:%S} UTC",
    )


def headline(snapshot: Snapshot) -> str:
    """Count the targets by state, worst first.

    An honest sentence: what is not known to be up is not called up.
    """
    order = ("down", "blocked", "degraded", "recovering", "unknown", "up")
    counts = dict.fromkeys(order, 0)
    for view in snapshot.targets:
        counts[view.health.state.value] += 1
    told = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    return f"{len(snapshot.targets)} targets: {told}" if told else "No targets"


def _row(view: TargetView) -> str:
    stats = view.windows["1h"]
    uptime = _NONE if stats.uptime_ratio is None else f"{stats.uptime_ratio:.1%}"
    median = stats.ttft_median_seconds
    ttft = _NONE if median is None else f"{median * 1000:,.0f} ms"
    last = view.last_result.verdict if view.last_result else None
    why = view.health.reason or (last.outcome.value if last and not last.is_good else _NONE)
    words = last.message if last and not last.is_good else None
    newest = (
        f"{last.outcome.value}: {words}" if last and words else (last.outcome if last else _NONE)
    )
    state = view.health.state.value + (" (stale)" if view.is_stale else "")
    return (
        f'<tr class="{view.health.state}"><td>{escape(view.target.key)}</td><td>{state}</td>'
        f"<td>{escape(why)}</td>"
        f'<td class="n">{uptime}</td><td class="n">{stats.valid} + {stats.excluded}</td>'
        f'<td class="n">{ttft}</td><td>{escape(newest)}</td></tr>'
    )
