"""Hosts that let us in or do not, and the runs that find that out."""

from dataclasses import dataclass, field

from monitor.model.outcome import Fault, Outcome, Phase, Verdict
from monitor.model.target import Target
from monitor.probes.classify import classify
from monitor.probes.exchange import Cut, Exchange, Instants, Interruption, Read
from monitor.probes.network.knock import Knocks
from monitor.probes.own_network import OwnNetwork
from tests.factories import make_target
from tests.fakes import FakeClock

NAMES = ("a", "b", "c", "d")
CANARY = "192.0.2.1:443"


def target(name: str, url: str | None = None) -> Target:
    return make_target(f"{name}/m", base_url=url or f"https://api.{name}.example{name}/v1")


def origin(name: str) -> str:
    return f"https://api.{name}.example{name}:443"


@dataclass
class World:
    """Hosts that let us in or do not, and what our own network makes of that."""

    clock: FakeClock
    shut: set[str] = field(default_factory=set)
    down: set[str] = field(default_factory=set)
    knocked: list[str] = field(default_factory=list)
    told: list[str | None] = field(default_factory=list)

    def network(self, *names: str, canary: str | None = None) -> OwnNetwork:
        return self.network_of(*map(target, names), canary=canary)

    def network_of(self, *targets: Target, canary: str | None = None) -> OwnNetwork:
        return OwnNetwork(
            Knocks(self.knock, self.clock),
            targets,
            canary=canary,
            is_down=self.down.__contains__,
            on_change=self.told.append,
        )

    async def knock(self, where: str) -> None:
        self.knocked.append(where)
        if where in self.shut:
            raise ConnectionRefusedError("shut")

    def refused(self) -> Exchange:
        cut = Interruption(cut=Cut.REFUSED, phase=Phase.CONNECT, message="refused")
        return Exchange(interruption=cut, instants=self._instants(0.0))

    def stalled(self, seconds: float = 20.0) -> Exchange:
        cut = Interruption(cut=Cut.DEADLINE, phase=Phase.FIRST_TOKEN)
        return Exchange(interruption=cut, instants=self._instants(seconds))

    def good(self, peer: str | None = None) -> Exchange:
        read = Read(self.clock.monotonic_ns(), b"x")
        return Exchange(status=200, reads=(read,), peer=peer, instants=self._instants(0.5))

    def _instants(self, seconds: float) -> Instants:
        now_ns = self.clock.monotonic_ns()
        return Instants(started_ns=now_ns - round(seconds * 1e9), end_ns=now_ns)

    async def judge(self, network: OwnNetwork, name: str, exchange: Exchange) -> Verdict:
        return await network.reviewed(target(name), exchange, classify(exchange, None))

    async def succeed(self, network: OwnNetwork, *names: str, peer: str | None = None) -> None:
        for name in names:
            exchange = self.good(peer)
            verdict = Verdict(outcome=Outcome.OK, fault=Fault.NONE, rule="completion-ok")
            assert await network.reviewed(target(name), exchange, verdict) is verdict
            self.clock.advance(0.1)
