"""The past of a target, as its windows want it: light rows by the million, not whole results."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from monitor.health.evidence import Trace
from monitor.health.stats import Sample, sample_of
from monitor.model.outcome import Fault, Outcome, Verdict
from monitor.model.result import Result
from monitor.model.target import Kind
from monitor.store import tables
from monitor.store.rows import result_columns, to_result

_PAGE = 2000
_VALID = (Fault.NONE, Fault.PROVIDER)


def read_completions(
    connection: Connection, vantage: str, since: datetime, target: str
) -> Iterator[Result]:
    """Read a target's completion runs, scheduled and confirm, in the order of their slots.

    Args:
        connection: Stays in use until the iterator ends.
        vantage: Where they were seen from.
        since: The first slot that is read.
        target: The target's key.
    """
    result = tables.result.c
    query = _completions(select(*result_columns()), vantage, target)
    query = query.where(result.slot_at >= since).order_by(result.slot_at, result.confirm)
    for row in connection.execute(query, execution_options={"yield_per": _PAGE}):
        yield to_result(row)


def read_samples(
    connection: Connection, vantage: str, since: datetime, target: str
) -> Iterator[Sample]:
    """Read the samples of a target's scheduled completion runs, oldest slot first.

    Args:
        connection: Stays in use until the iterator ends.
        vantage: Where they were seen from.
        since: The first slot that is read.
        target: The target's key.
    """
    result = tables.result.c
    judged = (result.outcome, result.fault, result.openrouter_good, result.tainted, _took_place())
    wanted = select(result.slot_at, *judged, result.ttft_seconds, result.duration_seconds)
    query = _completions(wanted, vantage, target).order_by(result.slot_at)
    query = query.where(result.slot_at >= since, result.confirm == 0)
    rows = connection.execute(query, execution_options={"yield_per": _PAGE})
    for at, outcome, fault, openrouter_good, tainted, took_place, ttft, duration in rows:
        verdict, times = _verdict(outcome, fault, openrouter_good), (ttft, duration)
        yield sample_of(at.timestamp(), verdict, times, tainted=tainted, took_place=took_place)


def read_traces(
    connection: Connection, vantage: str, since: datetime, target: str
) -> Iterator[Trace]:
    """Read what health is judged by of a target's completion runs, in the order of their slots.

    Args:
        connection: Stays in use until the iterator ends.
        vantage: Where they were seen from.
        since: The first slot that is read.
        target: The target's key.
    """
    result = tables.result.c
    wanted = select(
        result.started_at, result.outcome, result.fault, result.tainted, result.ttft_seconds
    )
    query = _completions(wanted, vantage, target).order_by(result.slot_at, result.confirm)
    query = query.where(result.slot_at >= since, _took_place(), result.fault.in_(_VALID))
    rows = connection.execute(query, execution_options={"yield_per": _PAGE})
    for at, outcome, fault, tainted, ttft in rows:
        is_timed = outcome == Outcome.OK and not tainted
        yield Trace(at.timestamp(), fault == Fault.NONE, ttft if is_timed else None)


def read_speeds(
    connection: Connection, vantage: str, since: datetime
) -> dict[str, list[tuple[float, float]]]:
    """Read when throughput runs were, and how many tokens a second they got, by target key.

    Args:
        connection: In a transaction.
        vantage: Where they were seen from.
        since: The first slot that is read.
    """
    result, known = tables.result.c, tables.target.c
    speed = result.output_tokens_per_second
    query = (
        select(known.key, result.slot_at, speed)
        .join_from(tables.target, tables.result)
        .where(
            # Few targets have such runs, and each of them is a range of the key.
            result.target_id.in_(
                select(tables.schedule.c.target_id).where(tables.schedule.c.kind == Kind.THROUGHPUT)
            ),
            result.slot_at >= since,
            result.kind == Kind.THROUGHPUT,
            result.vantage == vantage,
            speed.is_not(None),
            result.tainted.is_(False),
        )
        .order_by(result.slot_at)
    )
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for key, at, tokens_per_second in connection.execute(query):
        found[key].append((at.timestamp(), tokens_per_second))
    return found


def read_newest(connection: Connection, vantage: str, target: str) -> tuple[Result | None, ...]:
    """Give a target's newest completion run, and its newest that took place; None without one."""
    result = tables.result.c
    query = _completions(select(*result_columns()), vantage, target)
    newest = query.order_by(result.slot_at.desc(), result.confirm.desc()).limit(1)
    found = (connection.execute(each).first() for each in (newest, newest.where(_took_place())))
    return tuple(to_result(row) if row else None for row in found)


def read_newest_slot(connection: Connection, vantage: str) -> datetime | None:
    """Give the newest slot of all targets, by one look into the index for each."""
    result, known = tables.result.c, tables.target.c
    of_one = (
        select(func.max(result.slot_at))
        .where(result.target_id == known.id, result.vantage == vantage)
        .correlate(tables.target)
        .scalar_subquery()
    )
    slots = connection.execute(select(of_one).select_from(tables.target)).scalars()
    return max((each for each in slots if each is not None), default=None)


def read_costs(connection: Connection, vantage: str, since: datetime) -> dict[str, float]:
    """Sum up what the runs of each target have cost since a slot, by the target's key."""
    result, known = tables.result.c, tables.target.c
    query = (
        select(known.key, func.sum(result.cost_usd))
        .join_from(tables.target, tables.result)
        .where(result.slot_at >= since, result.vantage == vantage, result.cost_usd.is_not(None))
        .group_by(known.key)
    )
    return {key: cost for key, cost in connection.execute(query) if cost}


def _completions(query: Select[Any], vantage: str, target: str) -> Select[Any]:
    result, known = tables.result.c, tables.target.c
    # By the number of the target: then the primary key gives the rows, in order.
    number = select(known.id).where(known.key == target).scalar_subquery()
    return query.join_from(tables.result, tables.target).where(
        result.target_id == number, result.kind == Kind.COMPLETION, result.vantage == vantage
    )


def _took_place() -> ColumnElement[bool]:
    return tables.result.c.started_at.is_not(None)


@cache
def _verdict(outcome: str, fault: str, openrouter_good: bool | None) -> Verdict:  # noqa: FBT001
    """Give the verdict of these; there are few, and a million rows have one."""
    return Verdict(
        outcome=Outcome(outcome), fault=Fault(fault), rule="", openrouter_good=openrouter_good
    )
