"""What the targets of each group add up to, and for how long at least one was available."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from monitor.app.archive import remember
from monitor.app.report import GroupReport, TargetReport, cost_of
from monitor.health.availability import Availability, total
from monitor.health.past import held_since
from monitor.health.rollup import merge_buckets, tally
from monitor.health.stats import publish
from monitor.health.together import together, within
from monitor.recorder.memory import TargetMemory
from monitor.store.engine import Engine
from monitor.store.groups import read_together
from monitor.store.history import read_newest_slot


def group_reports(
    reader: Engine, targets: Sequence[TargetReport], stretch: tuple[datetime, datetime]
) -> Iterator[GroupReport]:
    """Add up the targets of each group, vantage by vantage.

    Args:
        reader: Of `open_reader`.
        targets: By vantage, and within that by group.
        stretch: The time that they tell of.
    """
    for vantage, seen in groupby(targets, key=lambda each: each.vantage):
        known = _Times(reader, vantage)
        for group, members in groupby(seen, key=lambda each: each.labels.group):
            yield _group(group, list(members), known, stretch)


class _Times:
    """For how long targets were available together: by the rollups, and lately by their runs.

    Args:
        reader: Of `open_reader`.
        vantage: Where the runs were seen from.
    """

    def __init__(self, reader: Engine, vantage: str) -> None:
        self._reader, self._vantage = reader, vantage
        with reader.connect() as connection:
            self._at = read_newest_slot(connection, vantage)
        self._memories: Mapping[str, TargetMemory] | None = None

    def together(self, keys: Sequence[str], begin_at: datetime, end_at: datetime) -> Availability:
        """Say for how long at least one target was available, and for how long none was."""
        at = self._at
        if at is None:
            return Availability()
        held_at = held_since(at)
        parts = []
        if begin_at < held_at:
            with self._reader.connect() as connection:
                first, last = begin_at, min(end_at, held_at)
                parts.append(read_together(connection, self._vantage, keys, first, last))
        if end_at > held_at:
            parts.append(self._lately(keys, max(begin_at, held_at), min(end_at, at), at))
        return total(parts)

    def _lately(
        self, keys: Sequence[str], begin_at: datetime, end_at: datetime, at: datetime
    ) -> Availability:
        if self._memories is None:
            self._memories = remember(self._reader, self._vantage, at, with_retired=True)
        begin, end = begin_at.timestamp(), end_at.timestamp()
        members = (self._memories[key].times(begin, end) for key in keys if key in self._memories)
        return within(together(members), begin, end)


def _group(
    group: str,
    members: Sequence[TargetReport],
    known: _Times,
    stretch: tuple[datetime, datetime],
) -> GroupReport:
    buckets = [each.completion.bucket for each in members]
    if len(members) == 1:
        times = buckets[0].availability
    else:
        times = known.together([each.labels.key for each in members], *stretch)
    return GroupReport(
        group=group,
        vantage=members[0].vantage,
        targets=len(members),
        stats=publish(
            tally(merge_buckets(buckets)),
            sum(each.completion.stats.expected for each in members),
            availability_ratio=times.ratio,
        ),
        incidents=sum(len(each.episodes) for each in members),
        cost_usd=cost_of(bucket for each in members for bucket in each.buckets),
    )
