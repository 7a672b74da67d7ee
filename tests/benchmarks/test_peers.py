"""What other tools that probe LLMs cost and tell, against the same server in the same run."""

import json
import statistics
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest

from monitor.health.stats import quantile
from tests.benchmarks.clients import ByProber
from tests.benchmarks.effort import REPETITIONS, effort
from tests.benchmarks.load import Closed, play
from tests.benchmarks.peers.driving import Driven, Order
from tests.benchmarks.script import Script
from tests.benchmarks.server import Row, Server, show, truth_server
from tests.benchmarks.truth import Truth
from tests.e2e.venvs import cached_venv

pytestmark = pytest.mark.timeout(1800)

ROOT = Path(__file__).parents[2]
SCRIPT = Script()
#: latenzy allows 4 probes at a time by default and 32 at most.
STREAMS, RUNS_EACH = 20, effort(4)
RUNS = STREAMS * RUNS_EACH
OURS, LATENZY, LITELLM = "monitor", "latenzy", "LiteLLM health check"


@dataclass
class Told:
    """What a tool cost and told, repetition by repetition.

    Attributes:
        what: The figure that the tool tells.
        version: Of the tool.
        cpu_ms: A probe's share of the process's CPU time.
        errors_ms: Of the figure, against the truth of that figure.
        failed: Probes without a figure.
    """

    what: str
    version: str = "here"
    cpu_ms: list[float] = field(default_factory=list)
    errors_ms: list[float] = field(default_factory=list)
    failed: int = 0

    def row(self) -> Row:
        """The columns of a table."""
        ordered = sorted(map(abs, self.errors_ms))
        return {
            "version": self.version,
            "figure": self.what,
            "probes": len(ordered),
            "failed": self.failed,
            "CPU ms a probe": statistics.median(self.cpu_ms),
            "median error ms": quantile(ordered, 0.5, 1),
            "p95 error ms": quantile(ordered, 0.95, 1),
            "p99 error ms": quantile(ordered, 0.99, 1),
        }


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with truth_server(llm=SCRIPT) as running:
        yield running


def _ours(server: Server, told: Told) -> None:
    """Without the sampler of the loop's lag, which costs by the second and not by the probe."""
    load = Closed(STREAMS, RUNS_EACH, spread_seconds=SCRIPT.seconds)
    client = ByProber(server, "llm", samples_lag=False)
    play(client, Closed(1, 1, spread_seconds=0))
    played = play(client, load)
    truths = server.told().by_request
    told.cpu_ms.append(played.cpu_seconds * 1e3 / RUNS)
    for each in played.timed:
        if each.ttft_seconds is None:
            told.failed += 1
        else:
            truth = truths[each.request_id or ""]
            told.errors_ms.append((each.ttft_seconds - truth.ttft_seconds) * 1e3)


def _theirs(
    server: Server, told: Told, name: str, true_seconds: Callable[[Truth], float], *needs: str
) -> None:
    order = Order(server.origin("llm"), STREAMS, RUNS_EACH, SCRIPT.seconds)
    ran = subprocess.run(
        [str(cached_venv(*needs) / "python"), "-m", f"tests.benchmarks.peers.drive_{name}"],
        input=json.dumps(asdict(order)),
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
    )
    driven = Driven(**json.loads(ran.stdout.splitlines()[-1]))
    truths = server.told().by_model
    told.version = driven.version
    told.cpu_ms.append(driven.cpu_seconds * 1e3 / RUNS)
    for model, seconds in driven.figures.items():
        if seconds is None:
            told.failed += 1
        else:
            told.errors_ms.append((seconds - true_seconds(truths[model])) * 1e3)


def test_our_ttft_is_nearer_to_the_truth_than_that_of_other_tools(server: Server) -> None:
    told = {OURS: Told("TTFT"), LATENZY: Told("TTFT"), LITELLM: Told("time of the whole answer")}
    for _ in range(REPETITIONS):
        _ours(server, told[OURS])
        _theirs(server, told[LATENZY], "latenzy", lambda truth: truth.ttft_seconds, "latenzy")
        _theirs(
            server,
            told[LITELLM],
            "litellm",
            lambda truth: truth.duration_seconds,
            "litellm[proxy]",
        )
    rows = {name: {"tool": name, **each.row()} for name, each in told.items()}
    show("tools that probe LLMs, against one server", list(rows.values()))

    assert [row["failed"] for row in rows.values()] == [0, 0, 0]
    assert rows[OURS]["median error ms"] < rows[LATENZY]["median error ms"]
