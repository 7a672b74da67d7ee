"""A snapshot with a bit of everything in it."""

from dataclasses import replace
from datetime import timedelta

from monitor.health.stats import sample, summarize
from monitor.health.totals import add
from monitor.model.health import Health, State
from monitor.model.outcome import Outcome
from monitor.model.snapshot import Snapshot, TargetView, Totals
from monitor.model.target import Kind, Prices
from monitor.model.window import WINDOWS
from tests.factories import make_result, make_target
from tests.fakes import START

DAY_SECONDS = WINDOWS["24h"]
LATER = START + timedelta(minutes=30)


def make_view(
    key: str = "acme/large", state: State = State.UP, *, runs: int = 30, **target: object
) -> TargetView:
    """A target with a run a minute, every tenth of which was overloaded."""
    results = [
        make_result(
            Outcome.OVERLOADED if minute % 10 == 9 else Outcome.OK,
            minute=minute,
            target=key,
            ttft_seconds=0.25,
            duration_seconds=0.75,
            ttfat_seconds=0.25,
            first_byte_seconds=0.24,
            dns_seconds=0.004,
            connect_seconds=0.03,
            tls_seconds=0.06,
            input_tokens=20,
            output_tokens=16,
            cost_usd=0.001,
        )
        for minute in range(runs)
    ]
    totals = Totals()
    for each in results:
        totals = add(totals, each)
    stats = replace(
        summarize([sample(each) for each in results], len(results)),
        availability_ratio=0.95 if runs else None,
    )
    return TargetView(
        target=make_target(key, **target),
        interval_seconds=60.0,
        health=Health(state=state, since_at=START, last_success_at=START if runs else None),
        is_stale=False,
        windows=dict.fromkeys(WINDOWS, stats),
        totals=totals,
        last_result=results[-1] if results else None,
        last_probe_at=results[-1].slot_at if results else None,
    )


def lively(view: TargetView) -> TargetView:
    """The same target with 100 throughput runs a day, and a newest run that succeeded."""
    newest = make_result(minute=28, ttft_seconds=0.25, ttfat_seconds=0.25, duration_seconds=0.75)
    totals = view.totals
    for minute in range(100):
        fast = make_result(minute=minute, kind=Kind.THROUGHPUT, output_tokens_per_second=72.0)
        totals = add(totals, fast)
    windows = {
        name: replace(
            stats, output_tokens_per_second_median=72.0 if WINDOWS[name] >= DAY_SECONDS else None
        )
        for name, stats in view.windows.items()
    }
    return replace(view, windows=windows, totals=totals, last_result=newest)


def make_snapshot(*views: TargetView, is_simulated: bool = False) -> Snapshot:
    return Snapshot(
        generated_at=LATER,
        heartbeat_at=LATER,
        vantage="here",
        is_simulated=is_simulated,
        targets=views,
    )


PRICES = Prices(input_usd_per_million=1.0, output_usd_per_million=2.0)


def full_snapshot() -> Snapshot:
    """One target that lived, with prices; one that is unknown, with an awkward name."""
    return make_snapshot(
        make_view(prices=PRICES, region="eu"),
        make_view('odd/na"me\\x@eu', State.UNKNOWN, runs=0, simulated=True),
    )


def lively_snapshot() -> Snapshot:
    """As `full_snapshot`, with all that a target can have series of."""
    first, *others = full_snapshot().targets
    return make_snapshot(lively(first), *others)
