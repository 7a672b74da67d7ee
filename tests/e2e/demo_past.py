"""Ninety days that the simulated fleet might have been through, for pictures of the pages."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from random import Random

from monitor.health.buckets import Resolution
from monitor.health.machine import Context, step
from monitor.model.health import Health
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.target import Kind, Probe
from monitor.model.triple import Triple
from monitor.simulator import DEMO_FLEET, SimulatedTarget
from monitor.store.engine import open_engine
from monitor.store.migrate import upgrade
from monitor.store.results import write_triples
from monitor.store.rollups import fold_due
from monitor.store.schedules import sync_schedule
from monitor.store.targets import sync_targets
from tests.factories import make_probe, make_result, make_target

VANTAGE = "demo"
DAYS = 90
#: So often of late, and before that; enough for a median by hour, and by date.
LATE, INTERVAL, EARLY_INTERVAL = timedelta(days=2), timedelta(minutes=5), timedelta(minutes=20)
#: A streak of failures begins so often, by the target's place in the fleet, and goes on so often.
_BEGINS = (0.0002, 0.0006, 0.0002, 0.002, 0.0008, 0.0, 0.02, 0.001, 0.006, 0.0015, 0.0004)
_GOES_ON = 0.75
_SPREAD = 0.12
#: So many runs at the end are good: what fails in a picture is the simulator's doing.
_CALM = 15
_TROUBLES = (
    (Outcome.OVERLOADED, 529, "Overloaded. Please try again later."),
    (Outcome.SERVER_ERROR, 500, "The server had an error while processing your request."),
    (Outcome.TIMEOUT, None, None),
)


def fill(url: str, now: datetime) -> None:
    """Write what all targets of the demo went through until a while ago, and fold it.

    Args:
        url: Of a database that is made.
        now: The end.
    """
    engine = open_engine(url)
    upgrade(engine)
    begin_at = Resolution.DAY.begin_of(now) - timedelta(days=DAYS)
    with engine.begin() as connection:
        targets = [make_target(_key(each), group=each.group) for each in DEMO_FLEET]
        ids = sync_targets(connection, targets, begin_at)
        for at, interval in ((begin_at, EARLY_INTERVAL), (now - LATE, INTERVAL)):
            sync_schedule(connection, _probes(interval), VANTAGE, at)
        lives = [_life(number, each, begin_at, now) for number, each in enumerate(DEMO_FLEET)]
        # As a daemon would have written them: transitions are numbered in the order of time.
        triples = sorted(chain.from_iterable(lives), key=lambda each: each.result.slot_at)
        write_triples(connection, ids, triples)
    folded = True
    while folded:
        with engine.begin() as connection:
            folded = bool(fold_due(connection, Resolution.HOUR.begin_of(now), limit=2000))
    engine.dispose()


def _key(target: SimulatedTarget) -> str:
    return f"{target.provider}/{target.model}"


def _probes(interval: timedelta) -> list[Probe]:
    return [
        make_probe(_key(each), kind=kind, interval_seconds=interval.total_seconds())
        for each in DEMO_FLEET
        for kind in (Kind.COMPLETION, Kind.THROUGHPUT)
    ]


def _life(
    number: int, target: SimulatedTarget, begin_at: datetime, end_at: datetime
) -> Sequence[Triple]:
    """Make up all runs of a target, and what became of its health."""
    health, triples = Health(), []
    early = (end_at - LATE - begin_at) // EARLY_INTERVAL
    slots = [begin_at + n * EARLY_INTERVAL for n in range(early)]
    slots += [end_at - LATE + n * INTERVAL for n in range(LATE // INTERVAL)]
    for result in _runs(number, target, slots):
        health, transition = step(health, result, Context(now=result.at))
        triples.append(Triple(result=result, health=health, transition=transition))
        if result.verdict.outcome is Outcome.OK:
            triples.append(Triple(result=_long(result, target)))
    return triples


def _runs(number: int, target: SimulatedTarget, slots: Sequence[datetime]) -> Iterator[Result]:
    chance, trouble = Random(number), None  # noqa: S311 - repeatable
    median = target.behaviour.script.first_token_seconds
    for place, at in enumerate(slots):
        is_calm = place >= len(slots) - _CALM
        if not is_calm and chance.random() < (_GOES_ON if trouble else _BEGINS[number]):
            trouble = trouble or chance.choice(_TROUBLES)
            yield _failed(_key(target), at, *trouble)
        else:
            trouble = None
            busy = 1.2 if 13 <= at.hour < 19 else 1.0
            yield _answered(_key(target), at, median * busy * chance.lognormvariate(0, _SPREAD))


def _answered(key: str, slot_at: datetime, ttft_seconds: float) -> Result:
    result = make_result(
        target=key,
        vantage=VANTAGE,
        slot_at=slot_at,
        started_at=slot_at,
        ttft_seconds=ttft_seconds,
        ttfat_seconds=ttft_seconds,
        first_byte_seconds=ttft_seconds,
        connect_seconds=0.0004,
        duration_seconds=ttft_seconds * 1.6,
        input_tokens=20,
        output_tokens=16,
        cost_usd=0.0000126,
        finish_reason="stop",
    )
    return replace(result, verdict=replace(result.verdict, rule="ok"))


def _long(run: Result, target: SimulatedTarget) -> Result:
    """Make up the throughput run beside a run."""
    script = target.behaviour.script
    speed = script.tokens_per_chunk / script.gap_seconds
    swing = (run.measurement.ttft_seconds or 0.0) / script.first_token_seconds
    result = make_result(
        target=run.target,
        vantage=VANTAGE,
        kind=Kind.THROUGHPUT,
        slot_at=run.slot_at,
        started_at=run.slot_at,
        output_tokens_per_second=speed / swing,
        input_tokens=30,
        output_tokens=256,
        cost_usd=0.000158,
    )
    return replace(result, verdict=replace(result.verdict, rule="ok"))


def _failed(
    key: str, slot_at: datetime, outcome: Outcome, status: int | None, message: str | None
) -> Result:
    result = make_result(
        outcome,
        target=key,
        vantage=VANTAGE,
        slot_at=slot_at,
        started_at=slot_at,
        http_status=status,
        connect_seconds=0.0004,
        first_byte_seconds=0.003 if status else None,
    )
    verdict = replace(result.verdict, rule=f"made-up-{outcome.replace('_', '-')}", message=message)
    return replace(result, verdict=verdict)
