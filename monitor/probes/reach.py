"""Whom to ask whether our own network works, and what the answers come to.

A run that found nobody may be the provider's doing or that of our own network. Hosts of two other
providers tell them apart, and a canary, where one is configured.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import IntEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

from monitor.model.outcome import Fault, Outcome, Verdict
from monitor.model.target import Target
from monitor.probes.exchange import Cut, Exchange
from monitor.probes.scrub import MAX_EXCERPT, clip

#: The rule of a run that our own network spoiled.
RULE = "prober-network"
_PORTS = {"http": 80, "https": 443}
#: So may an exchange end because a network is gone, the provider's or ours.
_DOUBTFUL_CUTS = frozenset({Cut.DNS, Cut.REFUSED, Cut.CONNECT, Cut.TLS, Cut.RESET, Cut.DEADLINE})
_DOUBTFUL = frozenset({Outcome.UNREACHABLE, Outcome.TIMEOUT, Outcome.TRUNCATED})
_ENOUGH = 2


class Scope(IntEnum):
    """How far away an address is; an answer from near by says nothing of the way further out."""

    MACHINE = 0
    PRIVATE = 1
    WORLD = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """Where providers are reached.

    Attributes:
        name: Tells it apart; on this machine, where the ports stand for hosts, with the port.
        origin: `scheme://host:port`.
        scope: How far away it is; a name counts as far until a connection showed where it leads.
        providers: Who is reached there.
        targets: The keys of their targets.
    """

    name: str
    origin: str
    scope: Scope
    providers: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()

    @property
    def domain(self) -> str:
        """What goes down together: of a name in the world, its last two labels.

        >>> host_of("https://eu.api.example.com/v1").domain
        'example.com'
        """
        is_name = self.scope is Scope.WORLD and not _is_address(self.name)
        return ".".join(self.name.rsplit(".", 2)[-2:]) if is_name else self.name


def scope_of(address: str) -> Scope:
    """Say how far away an address is; a name that is not this machine's may be anywhere.

    >>> scope_of("127.0.0.1"), scope_of("10.1.2.3"), scope_of("api.example")
    (<Scope.MACHINE: 0>, <Scope.PRIVATE: 1>, <Scope.WORLD: 2>)
    """
    if not _is_address(address):
        is_own = address == "localhost" or address.endswith(".localhost")
        return Scope.MACHINE if is_own else Scope.WORLD
    ip = ip_address(address)
    if ip.is_loopback or ip.is_unspecified:
        return Scope.MACHINE
    return Scope.WORLD if ip.is_global else Scope.PRIVATE


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def host_of(url: str) -> Host:
    """Give the host of an http(s) URL."""
    parts = urlsplit(url)
    name = parts.hostname or ""
    port = parts.port or _PORTS.get(parts.scheme, 443)
    authority = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
    scope = scope_of(name)
    return Host(
        name=authority if scope is Scope.MACHINE else name,
        origin=f"{parts.scheme}://{authority}",
        scope=scope,
    )


def hosts_of(targets: Iterable[Target]) -> dict[str, Host]:
    """Give the hosts of all targets, by name."""
    hosts: dict[str, Host] = {}
    for target in targets:
        found = host_of(target.base_url)
        known = hosts.get(found.name, found)
        hosts[found.name] = replace(
            known,
            providers=known.providers | {target.provider},
            targets=known.targets | {target.key},
        )
    return hosts


def witnesses(
    own: Host, provider: str, hosts: Iterable[Host], is_down: Callable[[str], bool]
) -> tuple[Host, ...]:
    """Choose hosts of two other providers.

    Args:
        own: Where the run found nobody.
        provider: Whose target that was.
        hosts: Who can be asked, the best first.
        is_down: Says whether a target was found down before; where all are, nobody answering
            is no news.

    Returns:
        Two hosts, or none where there are fewer.
    """
    first: Host | None = None
    for host in hosts:
        if not _can_tell(own, provider, host) or all(map(is_down, host.targets)):
            continue
        if first is None:
            first = host
        elif host.domain != first.domain and len(first.providers | host.providers) >= _ENOUGH:
            return first, host
    return ()


def concerns(own: Host, other: Host) -> bool:
    """Say whether the network that leads to *other* can be what keeps us from *own*.

    Nothing but this machine lies between it and itself.
    """
    return (own.scope is Scope.MACHINE) == (other.scope is Scope.MACHINE)


def _can_tell(own: Host, provider: str, host: Host) -> bool:
    is_other = host.domain != own.domain and provider not in host.providers
    return is_other and concerns(own, host) and host.scope >= own.scope


def is_broken(canary: bool | None, hosts: tuple[bool, ...]) -> bool:  # noqa: FBT001 - an answer
    """Say whether our own network is to blame.

    Args:
        canary: Whether it let us in; None if it was not asked.
        hosts: Whether each of the other providers' hosts did.

    >>> is_broken(None, (False, False)), is_broken(True, (False, True)), is_broken(None, ())
    (True, False, False)
    """
    return canary is False or (len(hosts) >= _ENOUGH and not any(hosts))


def is_doubtful(exchange: Exchange, verdict: Verdict) -> bool:
    """Say whether our own network can have brought this about; what a server said is no doubt."""
    cut = exchange.interruption
    is_cut = cut is not None and cut.cut in _DOUBTFUL_CUTS
    return is_cut and verdict.outcome in _DOUBTFUL and verdict.rule.startswith(("cut-", "deadline"))


def spoiled(verdict: Verdict, words: str) -> Verdict:
    """Make of a verdict that our own network was to blame; *words* say how that was found out."""
    seen = f"{verdict.rule}: {verdict.message}" if verdict.message else verdict.rule
    return replace(
        verdict,
        outcome=Outcome.INCONCLUSIVE,
        fault=Fault.PROBER,
        rule=RULE,
        message=clip(f"{words}; seen: {seen}", MAX_EXCERPT),
        retry_after_seconds=None,
        openrouter_good=None,
    )


def heard_ns(exchange: Exchange) -> int | None:
    """Say when the host was last heard in a run (`monotonic_ns`); None if it never was."""
    if exchange.status is None:
        return None
    return exchange.reads[-1].at_ns if exchange.reads else exchange.instants.headers_ns
