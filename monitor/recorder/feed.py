"""The routing feed: drawn after each picture, numbered when something moved, told to who waits."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from operator import is_
from threading import Lock
from typing import NamedTuple

from monitor.health.group import Group, share_out
from monitor.health.weight import Standing
from monitor.model.clock import Clock
from monitor.model.routing import Candidate, GroupRouting, Routing
from monitor.model.snapshot import Snapshot, TargetView
from monitor.model.target import Target


class _Drawn(NamedTuple):
    """A group as it was shared out last.

    Attributes:
        views: By these.
        group: The shares.
        published: The same, with the views.
    """

    views: Sequence[TargetView]
    group: Group
    published: GroupRouting


class Feed:
    """Publishes the shares of all groups; one thread draws, any may read and wait.

    Args:
        clock: Gives the first number, so that numbers grow over restarts, too.
    """

    def __init__(self, clock: Clock) -> None:
        now = clock.now()
        self._drawn: Mapping[str, _Drawn] = {}
        self._targets: dict[str, Target] = {}
        self._routing = Routing(seq=int(now.timestamp() * 1000), heartbeat_at=now)
        self._listeners: set[Callable[[], None]] = set()
        self._lock = Lock()

    @property
    def routing(self) -> Routing:
        """What is published now."""
        return self._routing

    def draw(self, snapshot: Snapshot) -> Routing:
        """Publish what a picture says."""
        members: dict[str, list[TargetView]] = defaultdict(list)
        for view in snapshot.targets:
            members[view.target.group].append(view)
        drawn = {name: self._draw(name, views) for name, views in sorted(members.items())}
        targets = {view.target.key: view.target for view in snapshot.targets}
        # Where a target is, and what a router calls it, is news, too, though no weight moves.
        groups, before = _shared(drawn), _shared(self._drawn)
        has_moved = groups != before or targets != self._targets
        self._routing = Routing(
            seq=self._routing.seq + has_moved,
            heartbeat_at=snapshot.heartbeat_at,
            groups=tuple(each.published for each in drawn.values()),
        )
        self._drawn, self._targets = drawn, targets
        if has_moved:
            self._tell()
        return self._routing

    def _draw(self, name: str, views: Sequence[TargetView]) -> _Drawn:
        """Share a group's traffic out, unless it was shared out by these very views."""
        known = self._drawn.get(name)
        if known and len(known.views) == len(views) and all(map(is_, known.views, views)):
            return known
        group = share_out(
            {view.target.key: _standing(view) for view in views},
            known.group if known else None,
            {view.target.key: view.policy for view in views},
        )
        return _Drawn(views, group, _published(name, group, views))

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have somebody told of each change, on the thread that draws; give what ends it."""
        with self._lock:
            self._listeners.add(listener)

        def end() -> None:
            with self._lock:
                self._listeners.discard(listener)

        return end

    def _tell(self) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()


def _shared(drawn: Mapping[str, _Drawn]) -> Mapping[str, Group]:
    return {name: each.group for name, each in drawn.items()}


def _standing(view: TargetView) -> Standing:
    return Standing(
        health=view.health,
        is_stale=view.is_stale,
        success_ratio=view.success_ratio,
        ttft_seconds=view.recent_ttft_seconds,
    )


def _published(name: str, group: Group, views: Sequence[TargetView]) -> GroupRouting:
    by_key: Mapping[str, TargetView] = {view.target.key: view for view in views}
    candidates = (
        Candidate(view=by_key[key], weight=share.weight, state=share.state)
        for key, share in group.shares.items()
    )
    ordered = sorted(candidates, key=lambda each: (-each.weight, each.view.target.key))
    return GroupRouting(group=name, is_panic=group.is_panic, candidates=tuple(ordered))
