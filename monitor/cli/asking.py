"""How all targets stand: asked of a running daemon, or else read from a database."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from monitor.app.archive import NothingRecordedError, picture
from monitor.app.remote import Remote, UnansweredError
from monitor.cli.amounts import ago, instant
from monitor.cli.outages import OLD_SECONDS, settled
from monitor.cli.standing import Standing
from monitor.config.settings import Settings
from monitor.export.shapes import incident_shape, target_shape
from monitor.model.clock import Clock
from monitor.store.engine import Engine
from monitor.store.history import read_newest_slot
from monitor.store.incidents import read_incidents
from monitor.store.schedules import read_watched

#: So many incidents are read; of those that are over, fewer are shown.
INCIDENTS = 50

#: What the board draws of a target.
_NEEDED = frozenset(
    {
        "key",
        "group",
        "state",
        "state_since_at",
        "stale",
        "reason",
        "windows",
        "last_probe_at",
        "last_result",
    }
)
#: What of it those are not shown who send no token to a monitor that is public.
_PRIVATE = frozenset({"last_result"})


def ask(remote: Remote, clock: Clock) -> Standing:
    """Ask a running daemon.

    Raises:
        UnansweredError: It does not answer, or with less than is needed.
    """
    told = remote.targets()
    _check(told, remote)
    incidents = _incidents(remote)
    speeds, notices = _speeds(remote), _refused(remote)
    if incidents and incidents.age_seconds > OLD_SECONDS:
        # Nobody had asked for long; by now there is the answer to our own question.
        incidents = _incidents(remote) or incidents
    now = clock.now()
    return Standing(
        source=f"{remote.url}  vantage {told['vantage']}  {instant(now)} UTC",
        now=now,
        is_live=True,
        told=told,
        speeds=speeds,
        incidents=settled(incidents.newest, told["targets"]) if incidents else None,
        incidents_age_seconds=incidents.age_seconds if incidents else 0.0,
        notices=notices,
    )


def read(
    reader: Engine, settings: Settings | None, vantage: str | None, clock: Clock, name: str
) -> Standing:
    """Read from a database how all targets stood at its newest run.

    Args:
        reader: Of `open_reader`.
        settings: What is configured, if that is known.
        vantage: Where the runs were seen from; None where there is but one.
        clock: Tells how long ago that was.
        name: Of the database, for people.

    Raises:
        NothingRecordedError: There is nothing to tell, or too much.
    """
    seen = vantage or _only_vantage(reader, settings)
    drawn = picture(reader, seen, settings.probes if settings else ())
    if drawn is None:
        raise NothingRecordedError(f"{name} holds no run that was seen from {seen}")
    with reader.connect() as connection:
        found = read_incidents(connection, seen, INCIDENTS)
    age = (clock.now() - drawn.generated_at).total_seconds()
    told = {
        "generated_at": drawn.generated_at.isoformat(),
        "age_seconds": max(age, 0.0),
        "vantage": seen,
        "simulated": drawn.is_simulated,
        "targets": [target_shape(view) for view in drawn.targets],
    }
    speeds = {view.target.key: view.tokens_per_second for view in drawn.targets}
    return Standing(
        source=(
            f"{name}  vantage {seen}  as it was at {instant(drawn.generated_at)} UTC, "
            f"{ago(age)} ago"
        ),
        now=drawn.generated_at,
        is_live=False,
        told=told,
        speeds={key: speed for key, speed in speeds.items() if speed is not None},
        incidents=[incident_shape(each) for each in found],
    )


def standing_shape(standing: Standing) -> dict[str, Any]:
    """Give all that as one JSON object."""
    targets = [
        {**each, "tokens_per_second": standing.speeds.get(each["key"])} for each in standing.targets
    ]
    return {
        "source": standing.source,
        "is_live": standing.is_live,
        **standing.told,
        "targets": targets,
        "incidents": standing.incidents,
        "incidents_age_seconds": standing.incidents_age_seconds,
        "notices": list(standing.notices),
    }


def _speeds(remote: Remote) -> Mapping[str, float]:
    try:
        groups = remote.routing()["groups"]
    except UnansweredError:
        return {}
    found = (
        (each["target"], each["tokens_per_second"]) for g in groups for each in g["candidates"]
    )
    return {target: speed for target, speed in found if speed is not None}


def _check(told: Mapping[str, Any], remote: Remote) -> None:
    """Refuse what is not all that is needed, and say why it is not."""
    missing = {name for each in told["targets"] for name in _NEEDED - each.keys()}
    if "vantage" in told and not missing:
        return
    if "vantage" not in told and missing <= _PRIVATE:
        raise UnansweredError(
            f"the monitor at {remote.url} shows only its public part without its token: name its "
            "--config, or put the token into MONITOR_TOKEN"
        )
    raise UnansweredError(f"the monitor at {remote.url} is of another version")


class _Told(NamedTuple):
    newest: Sequence[Mapping[str, Any]]
    age_seconds: float


def _incidents(remote: Remote) -> _Told | None:
    """Ask for the incidents; they come from the database, which may be gone by itself."""
    try:
        told = remote.incidents(INCIDENTS)
    except UnansweredError:
        return None
    return _Told(told["incidents"], told.get("age_seconds", 0.0))


def _refused(remote: Remote) -> tuple[str, ...]:
    """Say that a configuration was refused, if one was and the one before holds."""
    try:
        known = remote.configuration()
    except UnansweredError:
        return ()
    if known.get("last_reload_successful", True):
        return ()
    read_at = datetime.fromisoformat(known["last_reload_success_at"])
    first, *others = known.get("problems") or ("the log says why",)
    more = f" (and {len(others)} more)" if others else ""
    said = f"the changed configuration was refused, the one of {instant(read_at)} UTC holds"
    return (f"{said}: {first}{more}",)


def _only_vantage(reader: Engine, settings: Settings | None) -> str:
    with reader.connect() as connection:
        seen = sorted({each.vantage for each in read_watched(connection)})
        if settings and settings.vantage in seen:
            return settings.vantage
        held = [each for each in seen if read_newest_slot(connection, each)]
    if len(held) != 1:
        names = ", ".join(held) or "none"
        raise NothingRecordedError(f"name one --vantage; the database knows: {names}")
    return held[0]
