"""The fleet that the demonstration probes: mostly well, and one of each common trouble."""

from monitor.simulator.behaviour import (
    Behaviour,
    During,
    EveryNth,
    Rule,
    SimulatedTarget,
    WithProbability,
)
from monitor.simulator.faults import FaultKind
from monitor.simulator.script import Script

_SMALL, _LARGE, _REASON = "sim/chat-small", "sim/chat-large", "sim/reason-large"

#: Long enough for a throughput probe; a completion probe stops it at its own ceiling.
_TOKENS = 400

_DEMO_KEY = "sim-key"
_WITHDRAWN_KEY = "sim-key-withdrawn"


def _script(
    first_token_seconds: float, tokens_per_second: float, *, reasoning_tokens: int = 0
) -> Script:
    """A model of that speed, which sends two tokens in a chunk if it is a fast one."""
    tokens_per_chunk = 2 if tokens_per_second > 100 else 1  # noqa: PLR2004 - any bound will do
    return Script(
        first_token_seconds=first_token_seconds,
        gap_seconds=tokens_per_chunk / tokens_per_second,
        tokens=_TOKENS,
        tokens_per_chunk=tokens_per_chunk,
        reasoning_tokens=reasoning_tokens,
        jitter_ratio=0.15,
    )


def _target(
    provider: str, group: str, script: Script, *rules: Rule, api_key: str = _DEMO_KEY
) -> SimulatedTarget:
    return SimulatedTarget(
        provider=provider,
        model=group.removeprefix("sim/"),
        group=group,
        behaviour=Behaviour(script=script, rules=rules, accepted_key=_DEMO_KEY),
        api_key=api_key,
    )


DEMO_FLEET: tuple[SimulatedTarget, ...] = (
    _target("aurora", _SMALL, _script(0.18, 180)),
    _target("aurora", _LARGE, _script(0.42, 75)),
    _target("aurora", _REASON, _script(0.65, 95, reasoning_tokens=8)),
    _target(
        "borealis",
        _SMALL,
        _script(0.25, 130),
        Rule(FaultKind.HTML_502, WithProbability(probability=0.05)),
    ),
    _target("borealis", _LARGE, _script(0.60, 60), Rule(FaultKind.EMBLEM)),
    _target("cirrus", _SMALL, _script(0.15, 200)),
    _target("cirrus", _LARGE, _script(0.38, 85), Rule(FaultKind.SERVER_ERROR, EveryNth(3))),
    _target("dynamo", _SMALL, _script(0.90, 30)),
    _target(
        "dynamo",
        _LARGE,
        _script(0.50, 55),
        Rule(
            FaultKind.OVERLOADED_529,
            During(from_seconds=60, to_seconds=110, period_seconds=240),
        ),
    ),
    _target(
        "ember",
        _REASON,
        _script(0.75, 80, reasoning_tokens=6),
        Rule(FaultKind.REFUSED, During(from_seconds=200, to_seconds=245, period_seconds=420)),
    ),
    _target("ember", _LARGE, _script(0.45, 70), api_key=_WITHDRAWN_KEY),
)
