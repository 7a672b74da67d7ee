"""A simulated target and the probe that runs against it."""

from typing import Any

from monitor.model.target import Deadlines, Probe, Secret
from monitor.simulator import Behaviour, Script, SimulatedTarget, Simulator
from tests.factories import make_probe

QUICK = Script(first_token_seconds=0.03, gap_seconds=0.002, tokens=40)
#: Short, but longer than a busy machine stands still.
SHORT = Deadlines(
    connect_seconds=2.0, first_token_seconds=1.6, stall_seconds=1.0, total_seconds=4.0
)


def fleet(script: Script = QUICK, **behaviour: Any) -> tuple[SimulatedTarget, ...]:
    """One target, `sim/quick`."""
    return (
        SimulatedTarget(
            provider="sim",
            model="quick",
            group="sim/quick",
            behaviour=Behaviour(script=script, **behaviour),
        ),
    )


def probe_of(simulator: Simulator, **settings: Any) -> Probe:
    """The probe of `sim/quick`, with deadlines that suit a test."""
    given = {
        "base_url": simulator.base_url("sim"),
        "headers": (("authorization", Secret("Bearer sim-key")),),
        "deadlines": SHORT,
    }
    return make_probe("sim/quick", **(given | settings))
