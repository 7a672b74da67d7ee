"""Whether a failure of our own network could be told from the providers'."""

from collections.abc import Iterator

from monitor.config.checks import is_loopback
from monitor.config.settings import Settings
from monitor.model.target import Target
from monitor.probes.reach import Scope, host_of, hosts_of, witnesses


def network_warnings(settings: Settings) -> Iterator[str]:
    """Say where a failure of our own network would be booked as the providers'."""
    canary = settings.canary
    if canary is not None:
        if is_loopback(canary.rpartition(":")[0]):
            yield "network.canary is this machine, which says nothing of the network"
        return
    targets = {each.target.key: each.target for each in settings.probes}
    targets |= {each.template.target.key: each.template.target for each in settings.discoveries}
    blind = _blind(tuple(targets.values()))
    if blind:
        yield (
            f"a failure of our own network counts as the downtime of {_some(blind)}: fewer than "
            "two other providers can be asked; name a network.canary"
        )


def _blind(targets: tuple[Target, ...]) -> list[str]:
    """List the targets whose failure nobody else can explain."""
    hosts = hosts_of(targets)
    return [
        target.key
        for target in targets
        if (own := host_of(target.base_url)).scope is not Scope.MACHINE
        and not witnesses(own, target.provider, hosts.values(), lambda _: False)
    ]


def _some(keys: list[str]) -> str:
    more = len(keys) - 1
    return f"{keys[0]} and {more} more" if more else keys[0]
