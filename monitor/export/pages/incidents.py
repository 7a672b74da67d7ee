"""Pure: incidents as the pages tell them; those of one provider that began together are one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.export.pages.asking import Told
from monitor.export.pages.places import target_href
from monitor.export.pages.present import and_now
from monitor.export.pages.words import (
    OUTCOMES,
    cause,
    clock,
    duration,
    moment,
    plural,
    seconds,
    visible,
    with_status,
)
from monitor.model.incident import Incident
from monitor.model.result import Result

#: Outages of one provider's targets that begin within so long of each other are told as one.
_TOGETHER = timedelta(minutes=5)


class Fact(NamedTuple):
    """A figure with its name."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A run, as evidence.

    Attributes:
        title: Which it was.
        at: When it began, in full.
        words: What it ended in.
        facts: What else is known of it.
        message: What the provider said, every character seen; empty if nothing.
    """

    title: str
    at: str
    words: str
    facts: Sequence[Fact]
    message: str


class Affected(NamedTuple):
    """A target that was down."""

    key: str
    href: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """An incident, or several that are told as one.

    Attributes:
        id: Of the oldest one.
        is_open: It lasts.
        provider: Whose.
        cause: In words.
        begin_at: When it began.
        begun: The same, short.
        lasted: How long it lasted, or has so far.
        affected: The targets.
        evidence: The first failing run and the last.
    """

    id: int
    is_open: bool
    provider: str
    cause: str
    begin_at: datetime
    begun: str
    lasted: str
    affected: Sequence[Affected]
    evidence: Sequence[Exchange]

    @property
    def title(self) -> str:
        """Who was affected, short."""
        if len(self.affected) == 1:
            return self.affected[0].key
        return f"{self.provider}: {plural(len(self.affected), 'target')}"


def outages(told: Iterable[Told], now: datetime) -> Sequence[Outage]:
    """Tell incidents, those that last first, then the newest first."""
    joined = [_outage(each, now) for each in _together(told)]
    return sorted(joined, key=lambda each: (each.is_open, each.begin_at), reverse=True)


def _together(told: Iterable[Told]) -> Sequence[Sequence[Told]]:
    """Join incidents of a provider that began together and have the same cause."""
    joined: list[list[Told]] = []
    for each in sorted(told, key=lambda one: one.incident.begin_at):
        fitting = (some for some in reversed(joined) if _belong_together(some, each))
        found = next(fitting, None)
        if found:
            found.append(each)
        else:
            joined.append([each])
    return joined


def _belong_together(some: Sequence[Told], other: Told) -> bool:
    first, new = some[0].incident, other.incident
    is_near = new.begin_at - first.begin_at <= _TOGETHER
    is_other = all(each.incident.target != new.target for each in some)
    return is_near and is_other and (_kind(first) == _kind(new))


def _kind(incident: Incident) -> tuple[str, str, bool]:
    return _provider(incident.target), incident.reason, incident.is_open


def _provider(key: str) -> str:
    return key.partition("/")[0]


def _outage(some: Sequence[Told], now: datetime) -> Outage:
    first = some[0].incident
    return Outage(
        id=first.id,
        is_open=first.is_open,
        provider=visible(_provider(first.target)),
        cause=_cause(some),
        begin_at=first.begin_at,
        begun=clock(first.begin_at, now),
        lasted=_lasted(first, now),
        affected=[_affected(each.incident, now) for each in some],
        evidence=list(_evidence(some[0])),
    )


def _cause(some: Sequence[Told]) -> str:
    """Say why, with the status of the deciding answers if they had the same; and why now."""
    statuses = {each.incident.http_status for each in some}
    status = statuses.pop() if len(statuses) == 1 else None
    began = with_status(cause(some[0].incident.reason), status)
    return and_now(began, " or ".join(dict.fromkeys(each.now for each in some if each.now)))


def _affected(incident: Incident, now: datetime) -> Affected:
    begun = clock(incident.begin_at, now)
    ended = f" to {clock(incident.end_at, now)}" if incident.end_at else ""
    words = f"{begun}{ended} UTC, {_lasted(incident, now)}"
    return Affected(visible(incident.target), target_href(incident.target), words)


def _lasted(incident: Incident, now: datetime) -> str:
    if incident.end_at:
        return duration((incident.end_at - incident.begin_at).total_seconds())
    if incident.is_open:
        return f"{duration((now - incident.begin_at).total_seconds())} so far"
    if incident.retired_at:
        return f"no longer probed since {clock(incident.retired_at, now)} UTC"
    return "end not known"


def _evidence(told: Told) -> Iterator[Exchange]:
    first, last = told.failures
    if first:
        yield exchange(first, "First failing run")
    if last and not (first and last.id == first.id):
        yield exchange(last, "Last failing run")
    if not first and not last and told.incident.message:
        yield _deciding(told.incident)


def _deciding(incident: Incident) -> Exchange:
    status, code = incident.http_status, incident.provider_code
    return Exchange(
        title="Deciding run",
        at=moment(incident.known_at),
        words=cause(incident.reason),
        facts=_known(("HTTP status", status), ("provider's code", code), ("rule", incident.rule)),
        message=visible(incident.message or ""),
    )


def exchange(result: Result, title: str) -> Exchange:
    """Tell a run as evidence: what was seen, scrubbed when it was stored."""
    verdict, measured = result.verdict, result.measurement
    return Exchange(
        title=title,
        at=moment(result.at),
        words=OUTCOMES[verdict.outcome],
        facts=_known(
            ("outcome", verdict.outcome.value),
            ("fault", verdict.fault.value),
            ("HTTP status", verdict.http_status),
            ("provider's code", verdict.provider_code),
            ("rule", verdict.rule),
            ("phase", verdict.phase.value if verdict.phase else None),
            ("first byte after", _time(measured.first_byte_seconds)),
            ("bytes read", measured.received_bytes),
            ("finish reason", result.finish_reason),
            ("request", result.request_id),
            ("run", result.id),
        ),
        message=visible(verdict.message or ""),
    )


def _time(value: float | None) -> str | None:
    return None if value is None else seconds(value)


def _known(*facts: tuple[str, object]) -> Sequence[Fact]:
    return [Fact(name, visible(str(value))) for name, value in facts if value is not None]
