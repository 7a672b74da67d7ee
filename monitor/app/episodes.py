"""Reads the incidents of a target that touch a time, each with its evidence."""

from collections.abc import Iterator
from datetime import datetime

from monitor.app.report import Episode
from monitor.model.incident import Incident
from monitor.model.target import Kind
from monitor.store.engine import Connection
from monitor.store.failures import count_failures, read_failures
from monitor.store.incidents import read_incidents
from monitor.store.pages import Wanted, read_page

_PAGE = 50
#: So many of the last runs of an incident are looked through for the ids of their requests.
_RUNS = 50
_REQUEST_IDS = 10


def read_episodes(
    connection: Connection, vantage: str, target: str, stretch: tuple[datetime, datetime]
) -> tuple[Episode, ...]:
    """Read the incidents that touch a time, the oldest first.

    Args:
        connection: In a transaction.
        vantage: Where they were seen from.
        target: The target's key.
        stretch: From when to when; not in the future.
    """
    found = list(_incidents(connection, vantage, target, *stretch))
    return tuple(_episode(connection, each, stretch[1]) for each in reversed(found))


def _incidents(
    connection: Connection, vantage: str, target: str, begin_at: datetime, end_at: datetime
) -> Iterator[Incident]:
    """Go back from the newest one; those of one target follow each other."""
    before: int | None = None
    while page := read_incidents(connection, vantage, _PAGE, target, before):
        for incident in page:
            if incident.end_at and incident.end_at <= begin_at:
                return
            if incident.begin_at < end_at:
                yield incident
        before = page[-1].id


def _episode(connection: Connection, incident: Incident, end_at: datetime) -> Episode:
    failures = read_failures(connection, incident, end_at)
    ended_at = incident.end_at or (end_at if incident.is_open else None)
    return Episode(
        incident=incident,
        seconds=(ended_at - incident.begin_at).total_seconds() if ended_at else None,
        first=failures.first,
        last=failures.last,
        outcomes=count_failures(connection, incident, end_at),
        request_ids=_request_ids(connection, incident, end_at),
    )


def _request_ids(connection: Connection, incident: Incident, end_at: datetime) -> tuple[str, ...]:
    wanted = Wanted(
        limit=_RUNS,
        since=incident.begin_at,
        until=incident.end_at or end_at,
        kind=Kind.COMPLETION,
    )
    runs = read_page(connection, incident.vantage, incident.target, wanted)
    ids = (
        run.request_id
        for run in runs
        if run.request_id and run.verdict.is_valid and not run.verdict.is_good
    )
    return tuple(dict.fromkeys(ids))[:_REQUEST_IDS]
