"""One simulated provider: understands a request, decides what to do, tells the truth after."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

from monitor.simulator.behaviour import Behaviour, SimulatedTarget, seeded
from monitor.simulator.connection import Connection
from monitor.simulator.dialect import Ask, Dialect, Envelope
from monitor.simulator.faults import PLAYED, FaultKind, Misbehaviour
from monitor.simulator.http import Answer, Request
from monitor.simulator.pages import PAGES
from monitor.simulator.plan import Plan, plan_answer
from monitor.simulator.player import Player
from monitor.simulator.spoil import spoil
from monitor.simulator.stage import Stage
from monitor.simulator.truth import Draft

#: Stands for the model's name where requests for unknown models are counted.
_UNKNOWN = ""


class Provider:
    """Answers the requests that come in at one provider's door."""

    def __init__(
        self, name: str, targets: Sequence[SimulatedTarget], dialect: Dialect, stage: Stage
    ) -> None:
        self.name = name
        self.dialect = dialect
        self._behaviours = {target.model: target.behaviour for target in targets}
        self._stage = stage
        self._numbers: Counter[str] = Counter()

    @property
    def models(self) -> tuple[str, ...]:
        """The names of its models."""
        return tuple(self._behaviours)

    async def handle(self, request: Request, connection: Connection) -> None:
        """Serve one request."""
        asked = self.dialect.read(request)
        if isinstance(asked, Ask):
            await self._complete(asked, request, connection)
            return
        answer = asked if isinstance(asked, Answer) else self._list(request)
        connection.answer(answer, (("x-request-id", self._request_id("-", 0)),))

    def _list(self, request: Request) -> Answer:
        if not self._is_known(request):
            return self.dialect.error(FaultKind.UNAUTHORIZED, "")
        return self.dialect.models(self.models)

    async def _complete(self, ask: Ask, request: Request, connection: Connection) -> None:
        draft = self._draft(ask, request)
        player = Player(
            connection, self.dialect, self._envelope(ask, draft), draft, self._stage.clock
        )
        try:
            await self._perform(ask, request, draft, player)
            draft.played_out = True
        finally:
            self._stage.log.add(draft, self._stage.clock.monotonic_ns())

    async def _perform(self, ask: Ask, request: Request, draft: Draft, player: Player) -> None:
        if refusal := self._refusal(ask, request):
            await player.answer(self.dialect.error(refusal, ask.model), 0)
            return
        behaviour = self._behaviours[ask.model]
        fault = self._fault(behaviour, draft)
        draft.fault = fault.kind if fault else None
        if fault and fault.kind not in PLAYED:
            await self._misbehave(fault, ask, player)
            return
        plan = self._plan(ask, behaviour, fault, draft)
        await (player.stream(plan) if ask.stream else player.whole(plan))

    async def _misbehave(self, fault: Misbehaviour, ask: Ask, player: Player) -> None:
        """Do a fault that leaves nothing of the script."""
        match fault.kind:
            case FaultKind.SILENT:
                await player.hold()
            case FaultKind.SLOW_HEADERS:
                await player.dribble(fault.delay)
            case kind if kind in PAGES:
                await player.answer(PAGES[kind], fault.delay)
            case kind:
                await player.answer(self._error(kind, fault, ask.model), fault.delay)

    def _error(self, kind: FaultKind, fault: Misbehaviour, model: str) -> Answer:
        answer = self.dialect.error(kind, model)
        if kind is FaultKind.RATE_LIMITED:
            wait = ("retry-after", str(fault.retry_after_seconds))
            return replace(answer, headers=(*answer.headers, wait))
        return answer

    def _refusal(self, ask: Ask, request: Request) -> FaultKind | None:
        """The error of a request that no well-behaved server would answer either."""
        behaviour = self._behaviours.get(ask.model)
        if not self._is_known(request, behaviour):
            return FaultKind.UNAUTHORIZED
        return FaultKind.MODEL_MISSING if behaviour is None else None

    def _is_known(self, request: Request, behaviour: Behaviour | None = None) -> bool:
        """Say whether the credential is accepted: by that target, or by any of them."""
        key = self.dialect.key_of(request)
        asked = [behaviour] if behaviour else self._behaviours.values()
        return any(one.accepted_key in (None, key) for one in asked)

    def _fault(self, behaviour: Behaviour, draft: Draft) -> Misbehaviour | None:
        at_ns = draft.request_received_ns
        ordered = self._stage.orders.take(draft.provider, draft.model, at_ns)
        return ordered or behaviour.fault_for(
            draft.number, self._stage.elapsed_seconds(at_ns), names=self._names(draft)
        )

    def _plan(
        self, ask: Ask, behaviour: Behaviour, fault: Misbehaviour | None, draft: Draft
    ) -> Plan:
        plan = plan_answer(
            behaviour.script,
            limit=ask.limit,
            wants_usage=ask.wants_usage,
            input_tokens=ask.input_tokens,
            rng=seeded(*self._names(draft), "jitter"),
        )
        if fault is None:
            return plan
        return spoil(plan, fault, gap_seconds=behaviour.script.gap_seconds)

    def _draft(self, ask: Ask, request: Request) -> Draft:
        counted = ask.model if ask.model in self._behaviours else _UNKNOWN
        self._numbers[counted] += 1
        number = self._numbers[counted]
        return Draft(
            request_id=self._request_id(ask.model, number),
            provider=self.name,
            model=ask.model,
            number=number,
            prompt=ask.prompt,
            request_received_ns=request.received_ns,
        )

    def _envelope(self, ask: Ask, draft: Draft) -> Envelope:
        behaviour = self._behaviours.get(ask.model, Behaviour())
        return Envelope(
            request_id=draft.request_id,
            created=int(self._stage.clock.now().timestamp()),
            model=ask.model,
            reports_usage=ask.wants_usage and behaviour.script.sends_usage,
            input_tokens=ask.input_tokens,
            cached_tokens=min(behaviour.script.cached_tokens, ask.input_tokens),
        )

    def _names(self, draft: Draft) -> tuple[object, ...]:
        """What the chance of a request is drawn by."""
        return (self._stage.seed, draft.provider, draft.model, draft.number)

    def _request_id(self, model: str, number: int) -> str:
        return f"{quote(self.name)}/{quote(model)}/{number}"
