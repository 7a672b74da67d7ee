"""The parts that go out to the providers."""

from monitor.app.observers import Observers
from monitor.config.settings import Settings
from monitor.model.clock import Clock
from monitor.model.health import State
from monitor.probes.lag import LoopLag
from monitor.probes.network.knock import Knocks
from monitor.probes.own_network import OwnNetwork
from monitor.probes.prober import Prober
from monitor.probes.transport import HttpTransport
from monitor.recorder.recorder import Recorder


def make_prober(
    settings: Settings,
    clock: Clock,
    transport: HttpTransport,
    lag: LoopLag,
    recorder: Recorder,
    observers: Observers,
) -> tuple[OwnNetwork, Prober]:
    """Make what runs the probes, and what it asks whether our own network works."""
    network = OwnNetwork(
        Knocks(transport.knock, clock),
        (probe.target for probe in settings.probes),
        canary=settings.canary,
        is_down=lambda target: recorder.health(target).state is State.DOWN,
        on_change=observers.network_changed,
    )
    prober = Prober(
        transport,
        clock,
        vantage=settings.vantage,
        lag=lag,
        secrets=settings.secrets,
        network=network,
        on_reads=observers.heard,
    )
    return network, prober
