"""A database with a life in it: three targets of two groups, an outage, throughput runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.health.machine import Context, step
from monitor.model.clock import SystemClock
from monitor.model.health import Health
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.target import Kind
from monitor.model.triple import Triple
from monitor.store.engine import Engine, open_engine
from monitor.store.results import write_triples
from monitor.store.rollups import fold_due
from monitor.store.schedules import sync_schedule
from monitor.store.targets import sync_targets
from tests.factories import make_probe, make_result, make_target

LARGE, SMALL, OTHER = "acme/large", "acme/small", "zeta/large"
GROUPS = {LARGE: "sim/large", SMALL: "sim/small", OTHER: "sim/large"}
#: An hour is one letter: `s` succeeds, `f` fails.
STORIES = {LARGE: "ssssffssssss", SMALL: "ssssssssssss", OTHER: "sffsssssssss"}
HOURS = 12
_PER_HOUR = 12
_COST_USD = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What was written.

    Attributes:
        url: Of the database.
        begin_at: A whole hour.
        end_at: Twelve hours later; nothing was recorded since.
    """

    url: str
    begin_at: datetime
    end_at: datetime


def live(
    url: str,
    *,
    hours_ago: int = 20,
    vantage: str = "here",
    message: str = "Busy",
    stories: Mapping[str, str] = STORIES,
) -> Life:
    """Write twelve hours of three targets, with a run each five minutes, folded but for the last.

    Args:
        url: Of a database with tables.
        hours_ago: When the first hour began.
        vantage: Where the runs were seen from.
        message: What the provider said of each failure.
        stories: As `STORIES`.
    """
    now = SystemClock().now()
    begin_at = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours_ago)
    end_at = begin_at + timedelta(hours=HOURS)
    engine = open_engine(url)
    probes = [
        replace(
            make_probe(key, interval_seconds=3600 / _PER_HOUR),
            target=make_target(key, group=group),
        )
        for key, group in GROUPS.items()
    ]
    probes.append(replace(probes[0], kind=Kind.THROUGHPUT, interval_seconds=3600.0))
    with engine.begin() as connection:
        ids = sync_targets(connection, [each.target for each in probes], begin_at)
        sync_schedule(connection, probes, vantage, begin_at)
    for key, story in stories.items():
        _write(engine, ids, list(_steps(_runs(key, story, vantage, begin_at, message))))
    _write(engine, ids, [Triple(result=each) for each in _speeds(vantage, begin_at)])
    with engine.begin() as connection:
        fold_due(connection, end_at - timedelta(hours=1), limit=1000)
    engine.dispose()
    return Life(url=url, begin_at=begin_at, end_at=end_at)


def _write(engine: Engine, ids: dict[str, int], triples: list[Triple]) -> None:
    with engine.begin() as connection:
        write_triples(connection, ids, triples)


def _steps(results: Iterator[Result]) -> Iterator[Triple]:
    health = Health()
    for result in results:
        health, transition = step(health, result, Context(now=result.at))
        yield Triple(result=result, health=health, transition=transition)


def _runs(key: str, story: str, vantage: str, begin_at: datetime, message: str) -> Iterator[Result]:
    for number in range(HOURS * _PER_HOUR):
        is_good = story[number // _PER_HOUR] == "s"
        slot_at = begin_at + timedelta(minutes=number * 60 / _PER_HOUR, seconds=7)
        made = make_result(
            Outcome.OK if is_good else Outcome.OVERLOADED,
            http_status=200 if is_good else 529,
            target=key,
            vantage=vantage,
            slot_at=slot_at,
            started_at=slot_at,
            request_id=f"req-{number}",
            ttft_seconds=0.2 + number / 1000 if is_good else None,
            duration_seconds=0.5 if is_good else None,
            cost_usd=_COST_USD if is_good else None,
        )
        verdict = made.verdict if is_good else replace(made.verdict, message=message)
        yield replace(made, verdict=verdict)


def _speeds(vantage: str, begin_at: datetime) -> Iterator[Result]:
    for hour in range(HOURS):
        slot_at = begin_at + timedelta(hours=hour, minutes=1)
        yield make_result(
            kind=Kind.THROUGHPUT,
            target=LARGE,
            vantage=vantage,
            slot_at=slot_at,
            started_at=slot_at,
            output_tokens_per_second=100.0,
            cost_usd=_COST_USD,
        )
