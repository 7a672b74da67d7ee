"""Views with odd names and odd figures, such as no daemon should ever see."""

from typing import Any

from hypothesis import strategies as st

from monitor.model.health import Health, State
from monitor.model.snapshot import (
    BUCKETS,
    DURATION_BUCKETS,
    Histogram,
    TargetView,
    Totals,
)
from monitor.model.window import WINDOWS, WindowStats
from monitor.probes.listing import Listed
from tests.factories import make_result, make_target
from tests.unit.export.pictures import PRICES

#: Any text that UTF-8 can carry, with what the formats escape more often than chance has it.
texts = st.text(
    st.sampled_from('"\\\n\r%{}=, #') | st.characters(exclude_categories=["Cs"]), max_size=8
)
figures = st.floats() | st.integers(0, 10**20)
counts = st.integers(0, 10**18)
_unknown = st.none()


def _by(keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[Any, int]]:
    return st.dictionaries(keys, counts, max_size=4)


_histograms = st.fixed_dictionaries(
    {},
    optional={
        name: st.builds(Histogram, counts=st.tuples(*[counts] * (len(ends) + 1)), total=st.floats())
        for name, ends in BUCKETS.items()
    },
)
_instants = _unknown | st.datetimes(timezones=st.timezones())
_times = st.floats(0, 1e9) | st.sampled_from(DURATION_BUCKETS)
_stats = st.builds(
    WindowStats,
    valid=counts,
    expected=counts,
    uptime_ratio=_unknown | figures,
    uptime_lower_ratio=_unknown | figures,
    uptime_upper_ratio=_unknown | figures,
    openrouter_uptime_ratio=_unknown | figures,
    coverage_ratio=_unknown | figures,
    ttft_median_seconds=_unknown | figures,
    ttft_p95_seconds=_unknown | figures,
    duration_median_seconds=_unknown | figures,
    output_tokens_per_second_median=_unknown | figures,
)
targets = st.builds(
    make_target,
    texts,
    provider=texts,
    model=texts,
    group=texts,
    region=_unknown | texts,
    dialect=texts,
    base_url=texts,
    prices=_unknown | st.just(PRICES),
    simulated=st.booleans(),
)
views = st.builds(
    TargetView,
    target=targets,
    interval_seconds=figures,
    health=st.builds(
        Health,
        state=st.sampled_from(State),
        consecutive_failures=counts,
        last_success_at=_instants,
    ),
    is_stale=st.booleans(),
    windows=st.dictionaries(texts | st.sampled_from(list(WINDOWS)), _stats, max_size=3),
    totals=st.builds(
        Totals,
        valid=_by(texts),
        failures=_by(st.tuples(texts, texts)),
        excluded=_by(st.tuples(texts, texts)),
        causes=_by(st.tuples(texts, texts, texts)),
        confirms=_by(texts),
        tokens=_by(texts),
        cost_usd=figures,
        histograms=_histograms,
    ),
    last_result=_unknown
    | st.builds(
        make_result,
        ttft_seconds=_unknown | _times,
        ttfat_seconds=_unknown | _times,
        duration_seconds=_unknown | _times,
    ),
    last_probe_at=_instants,
)
#: As a snapshot has them: each key once.
fleets = st.lists(views, max_size=3, unique_by=lambda view: view.target.key)
listings = st.builds(
    Listed,
    tag=texts,
    provider_name=texts,
    uptime_ratio=_unknown | figures,
    latency_seconds=_unknown | figures,
    tokens_per_second=_unknown | figures,
)
