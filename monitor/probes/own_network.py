"""Was it our own network? Asked before a provider is blamed for not being reached."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from monitor.model.outcome import Verdict
from monitor.model.target import Target
from monitor.probes.exchange import Exchange, Instants
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
        over_ns: When it was first found to work again; None while it was not.
    """

    at_ns: int
    words: str
    missing: set[str]
    over_ns: int | None = None

    @property
    def is_over(self) -> bool:
        """Our network works again."""
        return self.over_ns is not None

    def spoils(self, started_ns: int) -> bool:
        """Say whether a run that failed just now, and began then, began in that time."""
        return self.over_ns is None or started_ns <= self.over_ns


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
        self.watch(canary)
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

    def watch(self, canary: str | None) -> None:
        """Ask this canary from now on; None asks none."""
        self._canary = host_of(f"tcp://{canary}") if canary else None

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
        words = await self._blame(own, target.provider, exchange.instants)
        return spoiled(verdict, words) if words else verdict

    async def _blame(self, own: Host, provider: str, ran: Instants) -> str:
        """Say what was wrong with our network in a run that has just failed; nothing if nothing."""
        trouble = self._troubles.get(own.scope)
        if trouble is None or not trouble.spoils(ran.started_ns):
            return await self._look(own, provider, ran.end_ns)
        if trouble.is_over:
            return trouble.words
        # While it goes on, each run that fails is an occasion to see whether it still does.
        return await self._look(own, provider, ran.end_ns) or trouble.words

    def _heard(self, host: Host, peer: str | None, at_ns: int) -> None:
        """A host answered: it is a good one to ask next, and our network works."""
        if self._hosts.pop(host.name, None):
            scope = scope_of(peer) if peer else host.scope
            self._hosts[host.name] = replace(host, scope=scope)
        for trouble in self._troubles.values():
            if host.name in trouble.missing and at_ns > trouble.at_ns:
                self._end(trouble, at_ns)

    async def _look(self, own: Host, provider: str, at_ns: int) -> str:
        """Ask; say what is wrong with our network: nothing if it works or nobody can tell."""
        canary = self._canary if self._canary and concerns(own, self._canary) else None
        others = witnesses(own, provider, reversed(self._hosts.values()), self._is_down)
        asked = (canary, *others) if canary else others
        answers = await asyncio.gather(*(self._knocks.ask(host.origin) for host in asked))
        opened = {host: answer.is_open for host, answer in zip(asked, answers, strict=True)}
        is_canary_open = opened[canary] if canary else None
        if not is_broken(is_canary_open, tuple(opened[host] for host in others)):
            if trouble := self._troubles.get(own.scope):
                self._end(trouble, max([at_ns, *(answer.at_ns for answer in answers)]))
            return ""
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

    def _end(self, trouble: _Trouble, at_ns: int) -> None:
        if trouble.is_over:
            return
        trouble.over_ns = at_ns
        if self.is_up:
            self._on_change(None)
