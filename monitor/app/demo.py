"""The simulated fleet: started when there are no keys to probe with, or on demand."""

from collections.abc import Mapping

from monitor.config.override import override
from monitor.config.settings import Settings
from monitor.model.target import (
    Deadlines,
    Kind,
    Prices,
    Probe,
    RequestSettings,
    Secret,
    Target,
)
from monitor.probes.budget import Budget
from monitor.simulator import (
    DEMO_FLEET,
    RunningSimulator,
    SimulatedTarget,
    Simulator,
    run_in_thread,
)

#: A database of its own, so that simulated figures never stand among real ones.
DEMO_DATABASE = "sqlite:///monitor-demo.db"
_INTERVAL_SECONDS = 10.0
_JITTER_SECONDS = 1.0
_DEADLINES = Deadlines(
    connect_seconds=2.0, first_token_seconds=5.0, stall_seconds=3.0, total_seconds=8.0
)
_THROUGHPUT_INTERVAL_SECONDS = 60.0
_THROUGHPUT_DEADLINES = Deadlines(
    connect_seconds=2.0, first_token_seconds=5.0, stall_seconds=3.0, total_seconds=45.0
)
_LONG_ANSWER = RequestSettings(max_output_tokens=256)
_DOLLARS_A_DAY = 5.0
_PRICES = Prices(input_usd_per_million=0.15, output_usd_per_million=0.6)


def start_demo(*, seed: int = 1) -> RunningSimulator:
    """Start the demo fleet in a thread of its own; it is a context that stops it."""
    return run_in_thread(Simulator(DEMO_FLEET, seed=seed))


def demo_settings(
    simulator: RunningSimulator,
    environ: Mapping[str, str],
    *,
    database: str | None = None,
    listen: str | None = None,
) -> Settings:
    """Make the configuration that probes a running simulator's demo fleet.

    Args:
        simulator: Serves the fleet.
        environ: May hold MONITOR_TOKEN, which the surfaces then ask for.
        database: Where to keep the results, if not in `monitor-demo.db`.
        listen: Where to serve.

    Raises:
        ConfigError: An override is wrong.
    """
    token = Secret(environ["MONITOR_TOKEN"]) if environ.get("MONITOR_TOKEN") else None
    settings = Settings(
        probes=tuple(probe for each in DEMO_FLEET for probe in _probes(simulator, each)),
        budget=Budget(overall=_DOLLARS_A_DAY),
        vantage="demo",
        database=DEMO_DATABASE,
        source="simulated fleet",
        token=token,
        secrets=(token,) if token else (),
    )
    return override(settings, database=database, listen=listen)


def _probes(simulator: RunningSimulator, simulated: SimulatedTarget) -> tuple[Probe, Probe]:
    target = Target(
        key=f"{simulated.provider}/{simulated.model}",
        provider=simulated.provider,
        model=simulated.model,
        group=simulated.group,
        dialect="openai_chat",
        base_url=simulator.base_url(simulated.provider),
        headers=(("authorization", Secret(f"Bearer {simulated.api_key}")),),
        prices=_PRICES,
        context_tokens=128_000,
        longest_output_tokens=16_384,
        simulated=True,
    )
    completion = Probe(
        target=target,
        interval_seconds=_INTERVAL_SECONDS,
        jitter_seconds=_JITTER_SECONDS,
        deadlines=_DEADLINES,
    )
    throughput = Probe(
        target=target,
        kind=Kind.THROUGHPUT,
        interval_seconds=_THROUGHPUT_INTERVAL_SECONDS,
        jitter_seconds=_JITTER_SECONDS,
        deadlines=_THROUGHPUT_DEADLINES,
        request=_LONG_ANSWER,
    )
    return completion, throughput
