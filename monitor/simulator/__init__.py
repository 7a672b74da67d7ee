"""Simulated LLM providers on loopback, which misbehave on command and tell the truth after.

An independent witness: it speaks the providers' dialects by its own code, does what its
scripts say at the instants they say, and keeps a record of when it really did. Nothing here
knows the prober.
"""

from monitor.simulator.behaviour import (
    Always,
    Behaviour,
    During,
    EveryNth,
    Rule,
    SimulatedTarget,
    WithProbability,
)
from monitor.simulator.faults import MEANINGS, FaultKind, Misbehaviour
from monitor.simulator.fleet import DEMO_FLEET
from monitor.simulator.plan import Channel
from monitor.simulator.script import Script
from monitor.simulator.simulator import Simulator
from monitor.simulator.thread import RunningSimulator, run_in_thread
from monitor.simulator.truth import ChunkStamp, Truth

__all__ = [
    "DEMO_FLEET",
    "MEANINGS",
    "Always",
    "Behaviour",
    "Channel",
    "ChunkStamp",
    "During",
    "EveryNth",
    "FaultKind",
    "Misbehaviour",
    "Rule",
    "RunningSimulator",
    "Script",
    "SimulatedTarget",
    "Simulator",
    "Truth",
    "WithProbability",
    "run_in_thread",
]
