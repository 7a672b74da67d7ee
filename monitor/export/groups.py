"""The groups' part of /metrics, written anew at each scrape: it is little."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from monitor.export.formats import Format
from monitor.export.lines import escaped, figure
from monitor.export.series import PREFIX, Family, Key, gauge
from monitor.model.routing import GroupRouting, Routing


class Group(NamedTuple):
    """What is shown of a group.

    Attributes:
        routing: What the routing feed says.
        ratios: Its availability, by window.
    """

    routing: GroupRouting
    ratios: Mapping[str, float]


def _ratios(group: Group) -> list[tuple[Key, float]]:
    return [(("", window), share) for window, share in group.ratios.items()]


#: What is told of every group, in the order in which it is shown.
GROUPS: tuple[Family[Group], ...] = (
    gauge(
        "group_available",
        "1 if at least one target of the group works: up, degraded or recovering; 0 if none does "
        "and one is known to be down; absent while neither is known.",
        lambda group: group.routing.is_available,
    ),
    gauge(
        "group_panic",
        "1 if no target of the group may be routed to, so that all not blocked weigh the same.",
        lambda group: group.routing.is_panic,
    ),
    Family(
        name=PREFIX + "group_availability_ratio",
        text="Share of the window's time in which at least one target of the group was available; "
        "time in which that was not known of any is left out.",
        type="gauge",
        labels=("window",),
        rows=_ratios,
    ),
)


class GroupBlocks:
    """Writes what is told of groups.

    Args:
        routing: Gives the newest weights.
        ratios: Gives each group's availability, by window.
    """

    def __init__(
        self,
        routing: Callable[[], Routing],
        ratios: Callable[[], Mapping[str, Mapping[str, float]]],
    ) -> None:
        self._routing, self._ratios = routing, ratios

    def write(self, form: Format) -> Iterator[bytes]:
        """Write the families of all groups."""
        ratios = self._ratios()
        groups = [Group(each, ratios.get(each.group, {})) for each in self._routing().groups]
        for family in GROUPS:
            yield form.header(family)
            yield "".join([_lines(family, group) for group in groups]).encode(errors="replace")


def _lines(family: Family[Group], group: Group) -> str:
    name = escaped(group.routing.group)
    return "".join(
        [
            f'{family.name}{{group="{name}"{_labels(family, key)}}} {figure(number)}\n'
            for key, number in family.rows(group)
        ]
    )


def _labels(family: Family[Group], key: Key) -> str:
    pairs = zip(family.labels, key[1:], strict=True)
    return "".join([f',{label}="{escaped(value)}"' for label, value in pairs])
