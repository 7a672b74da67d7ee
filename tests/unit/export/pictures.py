"""A snapshot with a bit of everything in it."""

from dataclasses import replace
from datetime import timedelta

from monitor.health.stats import sample, summarize
from monitor.health.totals import add
from monitor.model.health import Health, State
from monitor.model.outcome import Outcome
from monitor.model.snapshot import Snapshot, TargetView, Totals
from monitor.model.target import Prices
from monitor.model.window import WINDOWS
from tests.factories import make_result, make_target
from tests.fakes import START

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
