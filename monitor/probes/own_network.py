"""Was it our own network? Asked before a provider is blamed for not being reached."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from monitor.model.outcome import Verdict
from monitor.model.target import Target
from monitor.probes.exchange import Exchange
from monitor.probes.network.knock import Answer, Knocks
from monitor.probes.reach import (
    Host,
    Scope,
    concerns,
    heard_ns,
    host_of,
    hosts_of,
    is_broken,
    is_doubtful,
    scope_of,
    spoiled,
    witnesses,
)


@dataclass(slots=True)
class _Trouble:
    """A time in which our own network was broken.

    Attributes:
        at_ns: When it was last found so (`monotonic_ns`).
        words: How it was found out.
        missing: The hosts that could not be reached; once one of them is heard again, it is over.
        is_over: It works again.
    """

    at_ns: int
    words: str
    missing: set[str]
    is_over: bool = False


class OwnNetwork:
    """Asks hosts of other providers, and the canary, when a run found nobody.

    Args:
        knocks: Opens connections.
        targets: Whose hosts can be asked.
        canary: `HOST:PORT` that is asked besides; None if there is none.
        is_down: Says whether a target was found down before.
        on_change: Told what is wrong with our network, and None once it works again.
    """

    def __init__(
        self,
        knocks: Knocks,
        targets: Iterable[Target],
        *,
        canary: str | None = None,
        is_down: Callable[[str], bool] = lambda _: False,
        on_change: Callable[[str | None], None] = lambda _: None,
    ) -> None:
        self._knocks, self._is_down, self._on_change = knocks, is_down, on_change
        self._canary = host_of(f"tcp://{canary}") if canary else None
        #: The one that was heard last comes last.
        self._hosts = hosts_of(targets)
        self._troubles: dict[Scope, _Trouble] = {}

    @property
    def is_up(self) -> bool:
        """Nothing says that our network is broken."""
        return all(trouble.is_over for trouble in self._troubles.values())

    def replace(self, targets: Iterable[Target]) -> None:
        """Ask the hosts of these targets from now on; what is known of a host stays."""
        fresh = hosts_of(targets)
        kept = [name for name in self._hosts if name in fresh]
        order = [*(name for name in fresh if name not in self._hosts), *kept]
        scopes = {name: self._hosts[name].scope for name in kept}
        self._hosts = {
            name: replace(fresh[name], scope=scopes.get(name, fresh[name].scope)) for name in order
        }

    async def reviewed(self, target: Target, exchange: Exchange, verdict: Verdict) -> Verdict:
        """Give the verdict, or `inconclusive` in its place if our own network spoiled the run.

        Args:
            target: Whose run it was.
            exchange: What was seen of it.
            verdict: What that was judged to be.
        """
        own = host_of(target.base_url)
        own = self._hosts.get(own.name, own)
        at_ns = heard_ns(exchange)
        if at_ns is not None:
            self._heard(own, exchange.peer, at_ns)
        if not is_doubtful(exchange, verdict):
            return verdict
        words = self._known(own, exchange.instants.started_ns) or await self._look(
            own, target.provider
        )
        return spoiled(verdict, words) if words else verdict

    def _heard(self, host: Host, peer: str | None, at_ns: int) -> None:
        """A host answered: it is a good one to ask next, and our network works."""
        if self._hosts.pop(host.name, None):
            scope = scope_of(peer) if peer else host.scope
            self._hosts[host.name] = replace(host, scope=scope)
        for trouble in self._troubles.values():
            if host.name in trouble.missing and at_ns > trouble.at_ns:
                self._end(trouble)

    def _known(self, own: Host, started_ns: int) -> str | None:
        """Say what was wrong while the run went on, if that was found out already."""
        trouble = self._troubles.get(own.scope)
        return trouble.words if trouble and trouble.at_ns >= started_ns else None

    async def _look(self, own: Host, provider: str) -> str | None:
        """Ask; say what is wrong with our network, None if it works or nobody can tell."""
        canary = self._canary if self._canary and concerns(own, self._canary) else None
        others = witnesses(own, provider, reversed(self._hosts.values()), self._is_down)
        asked = (canary, *others) if canary else others
        if not asked:
            return None
        answers = await asyncio.gather(*(self._knocks.ask(host.origin) for host in asked))
        opened = {host: answer.is_open for host, answer in zip(asked, answers, strict=True)}
        is_canary_open = opened[canary] if canary else None
        if not is_broken(is_canary_open, tuple(opened[host] for host in others)):
            self._works(own.scope)
            return None
        return self._broke(own, dict(zip(asked, answers, strict=True)))

    def _broke(self, own: Host, answers: dict[Host, Answer]) -> str:
        failed = {host: answer for host, answer in answers.items() if not answer.is_open}
        told = ", ".join(f"{host.name} ({answer.words})" for host, answer in failed.items())
        words = f"our own network: no connection to {told} either"
        was_up = self.is_up
        self._troubles[own.scope] = _Trouble(
            at_ns=max(answer.at_ns for answer in failed.values()),
            words=words,
            missing={own.name, *(host.name for host in failed)} | self._missing(own.scope),
        )
        if was_up:
            self._on_change(words)
        return words

    def _missing(self, scope: Scope) -> set[str]:
        trouble = self._troubles.get(scope)
        return trouble.missing if trouble and not trouble.is_over else set()

    def _works(self, scope: Scope) -> None:
        if trouble := self._troubles.get(scope):
            self._end(trouble)

    def _end(self, trouble: _Trouble) -> None:
        if trouble.is_over:
            return
        trouble.is_over = True
        if self.is_up:
            self._on_change(None)
