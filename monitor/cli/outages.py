"""Pure: the incidents below a table of targets."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.text import Text

from monitor.cli.amounts import ago, instant, since
from monitor.cli.inert import inert
from monitor.cli.standing import Standing
from monitor.model.health import State

#: An answer about the past that is older than this says so.
OLD_SECONDS = 30.0
_WORDS = 160
#: As wide as an instant; and as that with a duration.
_CLOCK, _SPAN = 11, 17


def settled(
    incidents: Sequence[Mapping[str, Any]], targets: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Hold incidents against what is known now: one of a target that is not down is over.

    Of a target that is recovering it is known since when; of others no end is made up.

    Args:
        incidents: As the API told them some time ago.
        targets: As it tells them now.
    """
    known = {each["key"]: each for each in targets}
    return [_settled(each, known.get(each["target"])) for each in incidents]


def outages(standing: Standing) -> Iterator[Text]:
    """Draw the incidents of a standing, if anything is to be said of them."""
    if standing.incidents is None:
        yield Text("incidents are not known: the database does not answer", style="yellow")
    elif standing.incidents:
        age = standing.incidents_age_seconds
        probed = {each["key"] for each in standing.targets}
        yield Text()
        yield Text("Incidents", style="bold")
        if age > OLD_SECONDS:
            yield Text(f"as they were known {ago(age)} ago", style="yellow")
        yield from (_line(each, probed, standing.now) for each in standing.incidents)


def _settled(incident: Mapping[str, Any], target: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if not incident["is_open"] or target is None or target["state"] == State.DOWN:
        return incident
    is_timed = target["state"] == State.RECOVERING
    end_at = target["state_since_at"] if is_timed else None
    return {**incident, "is_open": False, "end_at": end_at}


def _line(incident: Mapping[str, Any], probed: Collection[str], now: datetime) -> Text:
    is_open = bool(incident["is_open"])
    return Text.assemble(
        ("✗ " if is_open else "✓ ", "red" if is_open else "green"),
        f"{_clock(incident['begin_at'])} → {_end(incident, probed, now):<{_SPAN}}  ",
        (inert(incident["target"]), "bold"),
        f"  {inert(incident['reason'])} {inert(incident['message'] or '', _WORDS)}",
    )


def _end(incident: Mapping[str, Any], probed: Collection[str], now: datetime) -> str:
    begin, end = incident["begin_at"], incident["end_at"]
    if incident["is_open"]:
        return f"{'now':<{_CLOCK}}  {ago(since(begin, now)):>4}"
    if end is None:
        return "over" if incident["target"] in probed else "no longer probed"
    return f"{_clock(end):<{_CLOCK}}  {ago(since(begin, datetime.fromisoformat(end))):>4}"


def _clock(at: str) -> str:
    return instant(datetime.fromisoformat(at))[5:16]
