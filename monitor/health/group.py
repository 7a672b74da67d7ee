"""Pure: the weights of a group, with the guards that keep a router from harm.

No group is published with a total weight of 0, and none that is down or blocked gets weight while
another may be routed to. Weights move only when a state does, or by enough to matter.
"""

from collections.abc import Mapping
from typing import NamedTuple

from monitor.health.weight import DIGITS, Standing, fastest, weight
from monitor.model.health import State
from monitor.model.policy import DEFAULT_POLICY, HealthPolicy

#: A weight is published again when it moved by so much; less would only keep routers busy.
LEAST_MOVE = 0.1


class Share(NamedTuple):
    """What a target gets of its group's traffic, as published.

    Attributes:
        weight: From 0 to 1; shares of traffic go by the ratio of weights.
        state: The state that it was published for.
        is_stale: Nothing was heard of the target for three intervals.
    """

    weight: float
    state: State
    is_stale: bool = False


class Group(NamedTuple):
    """The shares of a group.

    Attributes:
        shares: By target key.
        is_panic: No target may be routed to; those not blocked share equally (all, if all are).
    """

    shares: Mapping[str, Share]
    is_panic: bool = False


def share_out(
    standings: Mapping[str, Standing],
    before: Group | None = None,
    policies: Mapping[str, HealthPolicy] | None = None,
) -> Group:
    """Share a group's traffic out.

    Args:
        standings: Where each target stands, by key.
        before: What was published last.
        policies: Of targets with one of their own.
    """
    if not any(each.is_routable for each in standings.values()):
        return _panic(standings)
    reference, own = fastest(standings.values()), policies or {}
    shares = {
        key: _share(each, weight(each, reference, own.get(key, DEFAULT_POLICY)))
        for key, each in standings.items()
    }
    return Group({key: _settled(each, key, before) for key, each in shares.items()})


def _share(target: Standing, of: float) -> Share:
    return Share(of, target.health.state, target.is_stale)


def _settled(share: Share, key: str, before: Group | None) -> Share:
    """Keep the weight that was published, unless the state or enough of the weight moved."""
    last = before.shares.get(key) if before and not before.is_panic else None
    is_same = last and last[1:] == share[1:] and (last.weight > 0) is (share.weight > 0)
    # As binary fractions, some tenths are less than a tenth apart.
    if last and is_same and round(abs(last.weight - share.weight), DIGITS) < LEAST_MOVE:
        return last
    return share


def _panic(standings: Mapping[str, Standing]) -> Group:
    chosen = {key for key, each in standings.items() if each.health.state is not State.BLOCKED}
    chosen = chosen or set(standings)
    shares = {key: _share(each, float(key in chosen)) for key, each in standings.items()}
    return Group(shares, is_panic=bool(standings))
