"""A `Result` as one row, and back."""

from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement

from monitor.model.outcome import Fault, Outcome, Phase, Verdict
from monitor.model.result import Measurement, Result
from monitor.model.target import Kind
from monitor.store import tables

_NESTED = ("target", "verdict", "measurement")
_RUN = tuple(field.name for field in fields(Result) if field.name not in _NESTED)
_VERDICT = tuple(field.name for field in fields(Verdict))
_MEASUREMENT = tuple(field.name for field in fields(Measurement))
_COLUMNS = ("target_id", "result_id", *_RUN, *_VERDICT, *_MEASUREMENT)

_run_of = attrgetter(*_RUN)
_verdict_of = attrgetter(*_VERDICT)
_measurement_of = attrgetter(*_MEASUREMENT)

#: Where the parts begin in a row of `result_columns`, behind the target's key.
_VERDICT_FROM = 1 + len(_RUN)
_MEASUREMENT_FROM = _VERDICT_FROM + len(_VERDICT)


def result_columns() -> tuple[ColumnElement[Any], ...]:
    """List the columns that `to_result` expects, in its order."""
    names = (*_RUN, *_VERDICT, *_MEASUREMENT)
    return (tables.target.c.key, *(tables.result.c[name] for name in names))


def to_row(result: Result, target_id: int) -> dict[str, Any]:
    """Lay a result flat, under the names of its columns."""
    values = (
        target_id,
        result.id,
        *_run_of(result),
        *_verdict_of(result.verdict),
        *_measurement_of(result.measurement),
    )
    return dict(zip(_COLUMNS, values, strict=True))


def to_result(row: Sequence[Any]) -> Result:
    """Build the result that a row of `result_columns` holds."""
    run = dict(zip(_RUN, row[1:_VERDICT_FROM], strict=True))
    run["kind"] = Kind(run["kind"])
    measured = dict(zip(_MEASUREMENT, row[_MEASUREMENT_FROM:], strict=True))
    return Result(
        target=row[0],
        verdict=_to_verdict(row[_VERDICT_FROM:_MEASUREMENT_FROM]),
        measurement=Measurement(**measured),
        **run,
    )


def _to_verdict(values: Sequence[Any]) -> Verdict:
    verdict = dict(zip(_VERDICT, values, strict=True))
    verdict["outcome"] = Outcome(verdict["outcome"])
    verdict["fault"] = Fault(verdict["fault"])
    if verdict["phase"] is not None:
        verdict["phase"] = Phase(verdict["phase"])
    return Verdict(**verdict)
