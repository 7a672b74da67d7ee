"""Pure: what the picture adds to what the store tells, which is a moment behind it, or more.

The picture knows each state at once. So an outage is going on where the picture says `down`, and
nowhere else; when it began, what was seen and what is over is the store's to tell.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.export.pages.asking import RUNS, Told
from monitor.export.pages.words import OUTCOMES, with_status
from monitor.model.health import State
from monitor.model.incident import Incident
from monitor.model.outcome import Fault
from monitor.model.result import Result
from monitor.model.snapshot import TargetView
from monitor.store.failures import Failures

#: The store may know so much more than the picture, which is drawn each second.
_AHEAD = timedelta(seconds=10)
#: The same instant, for whom memory and store tell it.
_SAME = timedelta(seconds=1)
#: So many outages that the store does not tell yet are shown with what was seen.
_MOST_EVIDENCE = 12
_OUT = (State.DOWN, State.BLOCKED)


def current(
    told: Iterable[Told], views: Sequence[TargetView], vantage: str, now: datetime
) -> Sequence[Told]:
    """Tell incidents as the picture has them.

    Args:
        told: What the store knows; nothing if it has not answered.
        views: The targets that are drawn beside them, of the same picture.
        vantage: Where they are seen from.
        now: The instant.

    Returns:
        Those that last, which are the ones of the targets that are down; and those that are over.
    """
    by_key = {view.target.key: view for view in views}
    found = [each for one in told for each in _matched(one, by_key.get(one.incident.target), now)]
    known = {each.incident.target for each in found if each.incident.is_open}
    fresh = [
        (-number, view)  # what is stored counts from 1 on
        for number, view in enumerate(views, 1)
        if _is_down(view) and view.target.key not in known
    ]
    shown = {number for number, _ in fresh[:_MOST_EVIDENCE]}
    return [
        *found,
        *(_unstored(number, view, vantage, now, shows=number in shown) for number, view in fresh),
    ]


def with_newest(runs: Sequence[Result], newest: Result | None) -> Sequence[Result]:
    """Give the last runs of a target, newest first, with the newest one that memory knows."""
    if newest is None or (runs and newest.at <= runs[0].at):
        return runs
    return [newest, *runs][:RUNS]


def by_now(view: TargetView, reason: str | None) -> str:
    """Say what the newest run of a target that gets no traffic failed for, in words.

    Nothing, if that is the reason given, or if the run did not fail, or for our own fault.
    """
    newest = view.last_result.verdict if view.last_result else None
    if newest is None or newest.is_good or newest.fault is Fault.PROBER:
        return ""
    if view.health.state not in _OUT or newest.outcome.value == reason:
        return ""
    return with_status(OUTCOMES[newest.outcome], newest.http_status)


def and_now(began: str, later: str) -> str:
    """Say what something began with, and what is the matter now if that is something else.

    >>> and_now("has no capacity", "cannot be reached")
    'has no capacity; now: cannot be reached'
    """
    return f"{began}; now: {later}" if began and later else began or later


def _is_down(view: TargetView) -> bool:
    return view.health.state is State.DOWN and not view.is_stale


def _matched(told: Told, view: TargetView | None, now: datetime) -> Iterator[Told]:
    """Give an incident as the picture has it; not at all, if the picture knows nothing of it."""
    incident = told.incident
    if view is None:
        yield _over(told, None) if incident.is_open else told
        return
    since_at = view.health.since_at
    if view.health.state is State.DOWN:
        yield from _of_down(told, view, since_at)
    elif not incident.is_open:
        yield told
    elif since_at and since_at >= incident.known_at:
        yield _over(told, _left_at(view))
    elif now - incident.known_at > _AHEAD:
        yield _over(told, None)


def _of_down(told: Told, view: TargetView, since_at: datetime | None) -> Iterator[Told]:
    """Tell an incident of a target that is down: it is this outage, or one before it."""
    incident = told.incident
    if since_at is None:
        lasts = incident.is_open
    else:
        is_newer = incident.known_at > since_at  # the picture is going to know of it
        lasts = (incident.is_open and is_newer) or abs(incident.known_at - since_at) <= _SAME
    if lasts:
        lasting = replace(incident, is_open=True, end_at=None)
        yield Told(lasting, _seen(told.failures, view), by_now(view, incident.reason))
    else:
        yield _over(told, None) if incident.is_open else told


def _over(told: Told, end_at: datetime | None) -> Told:
    return told._replace(incident=replace(told.incident, is_open=False, end_at=end_at))


def _left_at(view: TargetView) -> datetime | None:
    """Say when a target left `down`, if that was the last change: as the store is going to."""
    health = view.health
    match health.state:
        case State.RECOVERING:
            return health.working_since_at or health.since_at
        case State.BLOCKED if health.blocked_from is State.DOWN:
            return health.since_at
        case _:
            return None


def _seen(failures: Failures, view: TargetView) -> Failures:
    """Add the newest run, if it shows the outage and the store does not tell of it yet."""
    newest, last = view.last_result, failures.last
    if newest is None or newest.verdict.fault is not Fault.PROVIDER:
        return failures
    return failures if last and last.at >= newest.at else failures._replace(last=newest)


def _unstored(number: int, view: TargetView, vantage: str, now: datetime, *, shows: bool) -> Told:
    """Tell an outage that the store does not tell: as far as memory knows it."""
    health, reason = view.health, view.health.reason or ""
    known_at = health.since_at or now
    incident = Incident(
        id=number,
        target=view.target.key,
        vantage=vantage,
        begin_at=min(health.failing_since_at or known_at, known_at),
        known_at=known_at,
        end_at=None,
        is_open=True,
        reason=reason,
        rule=None,
        http_status=None,
        provider_code=None,
        message=None,
        result_id="",
    )
    seen = _seen(Failures(), view) if shows else Failures()
    return Told(incident, seen, by_now(view, reason))
