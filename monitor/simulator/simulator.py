"""The fleet of simulated providers: started, commanded, questioned and stopped as one."""

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Self

from monitor.model.clock import Clock, SystemClock
from monitor.simulator.anthropic_wire import AnthropicDialect
from monitor.simulator.bedrock_wire import BedrockDialect
from monitor.simulator.behaviour import SimulatedTarget
from monitor.simulator.cohere_wire import CohereDialect
from monitor.simulator.control import Control
from monitor.simulator.dialect import Dialect
from monitor.simulator.door import Door
from monitor.simulator.faults import FaultKind, Misbehaviour, misbehaviour
from monitor.simulator.gate import Gate
from monitor.simulator.gemini_wire import GeminiDialect
from monitor.simulator.ollama_wire import OllamaDialect
from monitor.simulator.openai_wire import OpenAIDialect
from monitor.simulator.orders import Order, make_order
from monitor.simulator.provider import Provider
from monitor.simulator.responses_wire import ResponsesDialect
from monitor.simulator.stage import Stage
from monitor.simulator.truth import Truth, TruthLog

#: The name of the control's port among those of the providers.
CONTROL = "control"

_DIALECTS: dict[str, Dialect] = {
    "openai": OpenAIDialect(),
    "responses": ResponsesDialect(),
    "anthropic": AnthropicDialect(),
    "gemini": GeminiDialect(),
    "cohere": CohereDialect(),
    "ollama": OllamaDialect(),
    "bedrock": BedrockDialect(),
}


class Simulator:
    """Serves simulated targets on loopback, a port for each provider.

    All methods belong to the event loop in which it was started; from another thread go
    through `thread.run_in_thread`.
    """

    def __init__(
        self,
        targets: Iterable[SimulatedTarget],
        *,
        seed: int = 0,
        clock: Clock | None = None,
        tls: ssl.SSLContext | None = None,
        truth_limit: int = 10_000,
    ) -> None:
        """Set up the fleet, without opening anything.

        Args:
            targets: What is served.
            seed: Where all chance comes from; a run repeats with its seed.
            clock: Where all instants come from; the machine's unless told.
            tls: The certificate to serve with; without, plain HTTP. The control stays plain.
            truth_limit: How many of the newest truths are kept.

        Raises:
            ValueError: A target comes twice, a provider speaks two dialects or an unknown
                one, or bears the control's name.
        """
        self._stage = Stage(seed=seed, clock=clock or SystemClock(), log=TruthLog(truth_limit))
        self._scheme = "https" if tls else "http"
        self._control = Door(Control(self).handle, self._stage.clock)
        self._providers: dict[str, Provider] = {}
        self._gates: dict[str, Gate] = {}
        for name, served in _by_provider(targets).items():
            provider = Provider(name, served, _dialect(served), self._stage)
            spans = [span for target in served for span in target.behaviour.closed_spans]
            door = Door(provider.handle, self._stage.clock, tls)
            self._providers[name] = provider
            self._gates[name] = Gate(name, door, spans, self._stage)

    async def start(self, host: str = "127.0.0.1", ports: Mapping[str, int] | None = None) -> None:
        """Open the doors.

        Args:
            host: The address to listen on.
            ports: By provider, and `control`; the others get a free port.

        Raises:
            OSError: An address is taken, or none of this machine; nothing is open then.
            ValueError: A port is meant for a provider that there is not.
        """
        chosen = dict(ports or {})
        if strange := chosen.keys() - self._providers.keys() - {CONTROL}:
            raise ValueError(f"no such provider: {', '.join(sorted(strange))}")
        try:
            self._control.reserve(host, chosen.get(CONTROL, 0))
            for name, gate in self._gates.items():
                gate.door.reserve(host, chosen.get(name, 0))
        except OSError:
            await self.stop()
            raise
        self._stage.started_ns = self._stage.clock.monotonic_ns()
        self._control.open()
        for gate in self._gates.values():
            gate.settle()

    async def stop(self) -> None:
        """Break off every connection and give the ports up; harmless if not started."""
        for gate in self._gates.values():
            gate.rest()
        await asyncio.gather(*(door.release() for door in self._doors()))

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    @property
    def providers(self) -> tuple[str, ...]:
        """The names of the providers."""
        return tuple(self._providers)

    @property
    def control_url(self) -> str:
        """Where the remote control answers.

        Raises:
            RuntimeError: It is not running.
        """
        return f"http://{_authority(self._control)}"

    def base_url(self, provider: str) -> str:
        """Where the dialect's paths of a provider begin.

        Raises:
            KeyError: There is no such provider.
            RuntimeError: It is not running.
        """
        base_path = self._providers[provider].dialect.base_path
        return f"{self._scheme}://{_authority(self._gates[provider].door)}{base_path}"

    def inject(
        self,
        provider: str,
        model: str | None,
        fault: FaultKind | Misbehaviour,
        *,
        count: int | None = None,
        seconds: float | None = None,
    ) -> None:
        """Command a fault, from now on; it goes before the rules and before older commands.

        Args:
            provider: Who shall misbehave.
            model: For which of its models; None for all.
            fault: How.
            count: For so many requests; None without such a bound.
            seconds: For so long; None without such a bound.

        Raises:
            ValueError: There is no such provider or model, a bound is not positive, or
                `refused` was given a model or a count.
        """
        self._must_exist(provider, model)
        order = make_order(
            provider,
            model,
            misbehaviour(fault),
            now_ns=self._stage.clock.monotonic_ns(),
            count=count,
            seconds=seconds,
        )
        self._stage.orders.add(order)
        self._gates[provider].settle()

    def clear(self, provider: str | None = None, model: str | None = None) -> None:
        """Withdraw commands: all, or a provider's, or only those for one of its models.

        Raises:
            ValueError: There is no such provider or model, or a model without its provider.
        """
        if provider is not None or model is not None:
            self._must_exist(provider, model)
        self._stage.orders.clear(provider, model)
        for gate in self._gates.values():
            gate.settle()

    def orders(self) -> tuple[Order, ...]:
        """The commands in force, oldest first."""
        return self._stage.orders.in_force(self._stage.clock.monotonic_ns())

    def truths(self, since: int = 0) -> tuple[Truth, ...]:
        """What happened after the truth of that sequence number, as far as it is kept."""
        return self._stage.log.since(since)

    async def idle(self) -> None:
        """Wait until no request is being served, so that all truths are told."""
        for door in self._doors():
            await door.idle()

    def overview(self) -> list[dict[str, Any]]:
        """The providers: name, base URL, models, and whether they let clients in."""
        return [
            {
                "provider": name,
                "base_url": self.base_url(name),
                "models": list(provider.models),
                "open": self._gates[name].door.is_open,
            }
            for name, provider in self._providers.items()
        ]

    def _must_exist(self, provider: str | None, model: str | None) -> None:
        if provider not in self._providers:
            raise ValueError(f"no such provider: {provider!r}")
        if model is not None and model not in self._providers[provider].models:
            raise ValueError(f"no such model at {provider}: {model!r}")

    def _doors(self) -> tuple[Door, ...]:
        return (self._control, *(gate.door for gate in self._gates.values()))


def _by_provider(targets: Iterable[SimulatedTarget]) -> dict[str, list[SimulatedTarget]]:
    served: dict[str, list[SimulatedTarget]] = {}
    seen = set()
    for target in targets:
        key = (target.provider, target.model)
        if key in seen or target.provider == CONTROL:
            raise ValueError(f"{target.provider}/{target.model} comes twice, or bears a taken name")
        seen.add(key)
        served.setdefault(target.provider, []).append(target)
    return served


def _dialect(targets: list[SimulatedTarget]) -> Dialect:
    """The one dialect that a provider's targets speak."""
    names = {target.dialect for target in targets}
    if len(names) != 1 or not names <= _DIALECTS.keys():
        raise ValueError(f"{targets[0].provider} speaks not one known dialect: {sorted(names)}")
    return _DIALECTS[names.pop()]


def _authority(door: Door) -> str:
    host, port = door.address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
