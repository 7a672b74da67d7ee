"""The last picture that a database can give, without a daemon: of the newest run that it holds."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from monitor.app.parts import memories_of
from monitor.app.persistence import Persistence, warm
from monitor.app.spans import intervals_of, spans_of
from monitor.model.snapshot import Snapshot
from monitor.model.target import Kind, Probe, Target
from monitor.probes.budget import Spending
from monitor.recorder.memory import TargetMemory
from monitor.store.engine import Engine
from monitor.store.healths import read_healths
from monitor.store.history import read_newest_slot
from monitor.store.labels import Labels, read_labels
from monitor.store.pasts import read_pasts
from monitor.store.schedules import ScheduleSpan, read_schedule
from monitor.store.targets import read_target_ids

#: Few, because each has some hundred rows.
_AT_ONCE = 20


class NothingRecordedError(Exception):
    """The database holds no run of that vantage, or of several and none was named."""


def picture(reader: Engine, vantage: str, probes: Sequence[Probe] = ()) -> Snapshot | None:
    """Draw what a daemon would have shown after the newest run; None if there never was one.

    Args:
        reader: Of `open_reader`.
        vantage: Where the runs were seen from.
        probes: Those that are configured; of others the interval and the labels are known.
    """
    with reader.connect() as connection:
        at = read_newest_slot(connection, vantage)
    if at is None:
        return None
    memories = remember(reader, vantage, at, probes)
    keys = sorted(memories)
    for begin in range(0, len(keys), _AT_ONCE):
        with reader.connect() as connection:
            pasts = read_pasts(connection, vantage, keys[begin : begin + _AT_ONCE], at)
        for key, past in pasts.items():
            memories[key].reckon(past, at)
    views = tuple(memories[key].view(at) for key in keys)
    return Snapshot(
        generated_at=at,
        heartbeat_at=at,
        vantage=vantage,
        is_simulated=bool(views) and all(view.target.simulated for view in views),
        targets=views,
    )


def remember(
    reader: Engine,
    vantage: str,
    at: datetime,
    probes: Sequence[Probe] = (),
    *,
    with_retired: bool = False,
) -> Mapping[str, TargetMemory]:
    """Give what a daemon would remember of each target: its health and its last 24 hours.

    Args:
        reader: Of `open_reader`.
        vantage: Where the runs were seen from.
        at: The newest run that it would know.
        probes: Those that are configured.
        with_retired: Those too that are probed no more.
    """
    with reader.connect() as connection:
        history = read_schedule(connection, vantage)
        known = _known_probes(read_labels(connection), history, probes, with_retired=with_retired)
        store = Persistence(
            engine=reader,
            target_ids=read_target_ids(connection),
            healths=read_healths(connection, vantage),
            spans=spans_of(known, history),
            totals={},
            newest_slot_at=at,
            spending=Spending(day=at.date()),
            intervals=intervals_of(history),
        )
    memories = memories_of(known, store, at)
    warm(store, memories, vantage, at)
    return memories


def _known_probes(
    labels: Mapping[str, Labels],
    history: Sequence[ScheduleSpan],
    probes: Sequence[Probe],
    *,
    with_retired: bool,
) -> list[Probe]:
    """Give the completion probe of each target: as it is configured, or else as it is stored."""
    configured = {each.target.key: each for each in probes if each.kind is Kind.COMPLETION}
    newest = {row.target: row for row in history if row.kind is Kind.COMPLETION}
    return [
        configured.get(key) or _stored_probe(labels[key], row)
        for key, row in sorted(newest.items())
        if with_retired or row.valid_to_at is None
    ]


def _stored_probe(labels: Labels, row: ScheduleSpan) -> Probe:
    target = Target(
        key=labels.key,
        provider=labels.provider,
        model=labels.model,
        group=labels.group,
        dialect=labels.dialect,
        base_url=f"http://{labels.host}",  # neither scheme nor path is stored
        region=labels.region,
        simulated=labels.simulated,
    )
    return Probe(target=target, interval_seconds=row.interval_seconds, jitter_seconds=0.0)
