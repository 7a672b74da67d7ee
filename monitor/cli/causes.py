"""Pure: why a target is as it is, in a line."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from monitor.model.health import State
from monitor.model.outcome import Fault, Outcome

#: What leads out of trouble is no cause of any.
_WELL = frozenset({Outcome.OK, Outcome.STARVED})


def cause(target: Mapping[str, Any], now: datetime) -> str:
    """Say what is planned for a target, and why it is not up; foreign words are as they came.

    Args:
        target: As the API tells it.
        now: Instants of another day are told with their date.
    """
    return "; ".join(filter(None, (_planned(target.get("maintenance"), now), _trouble(target))))


def _planned(work: Mapping[str, Any] | None, now: datetime) -> str:
    if not work:
        return ""
    end_at = datetime.fromisoformat(work["end_at"])
    clock = f"{end_at:%H:%M}" if end_at.date() == now.date() else f"{end_at:%m-%d %H:%M}"
    reason = f": {work['reason']}" if work.get("reason") else ""
    return f"maintenance until {clock} UTC{reason}"


def _trouble(target: Mapping[str, Any]) -> str:
    """Say what decided, and what the newest run ended in if that is something else.

    Words and status of a run stand beside its own outcome only.
    """
    reason, last = target["reason"] or "", target["last_result"] or {}
    if target["state"] == State.UP or reason in _WELL:
        return ""
    fault = last.get("fault", Fault.NONE)
    # What we spoiled ourselves says nothing new of the target.
    if fault == Fault.NONE or (reason and fault == Fault.PROBER):
        return reason
    newest = _quoted(last)
    return newest if reason in ("", last["outcome"]) else f"{reason}; now: {newest}"


def _quoted(run: Mapping[str, Any]) -> str:
    status = f"HTTP {run['http_status']}" if run["http_status"] else ""
    return " ".join(part for part in (run["outcome"], status, run["message"]) if part)
