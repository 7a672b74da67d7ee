"""A daemon goes on over stops and kills of its process, on either database; and two share one."""

import re
import signal
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select

from monitor.simulator import (
    Behaviour,
    RunningSimulator,
    Script,
    SimulatedTarget,
    Simulator,
    run_in_thread,
)
from monitor.store import tables
from monitor.store.engine import open_reader
from tests.databases import fresh_database
from tests.e2e.process import MonitorProcess
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e

#: Completions and listings of every target, whatever they ended in.
_RUNS = re.compile(r"^llmprobe_(?:probes|probes_excluded)_total\{.*\} ([\d.]+)$", re.MULTILINE)
_IS_RUN = re.compile(r"llmprobe_(?:probes|probes_excluded)_total\{")
_GROWING = re.compile(
    r"^(llmprobe_\w+_(?:total|bucket|count|sum)\{.*target=.*\}) (\S+)$", re.MULTILINE
)


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    behaviour = Behaviour(script=Script(first_token_seconds=0.01, gap_seconds=0.001))
    target = SimulatedTarget(provider="good", model="small", group="sim/small", behaviour=behaviour)
    with run_in_thread(Simulator([target])) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, simulator: RunningSimulator, empty_database: str) -> Path:
    return configured(tmp_path, simulator, empty_database, "here")


def configured(folder: Path, simulator: RunningSimulator, url: str, vantage: str) -> Path:
    """Let a daemon in a folder probe the simulator each second."""
    provider = {
        "base_url": simulator.base_url("good"),
        "dialect": "openai_chat",
        "api_key": "${PLANTED}",
        "models": {"small": {"group": "sim/small"}},
    }
    defaults = {"interval_seconds": 1, "jitter_seconds": 0}
    settings = {"vantage": vantage, "database": url, "defaults": defaults}
    (folder / "monitor.yaml").write_text(
        yaml.safe_dump(settings | {"providers": {"good": provider}})
    )
    return folder


def start(folder: Path) -> MonitorProcess:
    return MonitorProcess(folder, environ={"PLANTED": "sk-planted-key-4f1d9c7be0"})


def shown(daemon: MonitorProcess) -> int:
    return round(sum(float(count) for count in _RUNS.findall(daemon.get("/metrics"))))


def valid(daemon: MonitorProcess) -> int:
    return int(daemon.targets()["good/small"]["windows"]["5m"]["valid"])


def stored(url: str) -> Counter[str]:
    """Count the scheduled runs that were stored, by vantage."""
    engine, result = open_reader(url), tables.result.c
    with engine.connect() as connection:
        found = connection.execute(select(result.vantage).where(result.confirm == 0))
        count = Counter(found.scalars())
    engine.dispose()
    return count


def has_shown(daemon: MonitorProcess, runs: int) -> bool:
    return shown(daemon) >= runs


def scraped(daemon: MonitorProcess) -> dict[str, float]:
    """All that only grows of a target, as a scrape sees it, by series."""
    return {series: float(value) for series, value in _GROWING.findall(daemon.get("/metrics"))}


def increase(scrapes: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """How much each series grew, as Prometheus reckons it: less than before is a new beginning."""
    grown: dict[str, float] = defaultdict(float)
    for before, after in pairwise(scrapes):
        for series, value in after.items():
            last = before.get(series, 0.0)
            grown[series] += value if value < last else value - last
    return grown


def test_over_a_stop_and_a_kill_no_scrape_sees_a_counter_step_back_or_a_run_counted_twice(
    folder: Path, empty_database: str
) -> None:
    scrapes: list[dict[str, float]] = []
    for number, end in enumerate((signal.SIGTERM, signal.SIGKILL, signal.SIGTERM), 1):
        with start(folder) as daemon:
            scrapes.append(scraped(daemon))
            wait_until(partial(has_shown, daemon, 3 * number))
            # Up to the last instant: of what is shown nothing may be lost, however it ends.
            scrapes += [scraped(daemon) for _ in range(10)]
            daemon.signal(end)
            assert daemon.wait() == (0 if end is signal.SIGTERM else -signal.SIGKILL)
    with start(folder) as daemon:
        scrapes.append(scraped(daemon))
        scheduled = stored(empty_database)["here"]

    first, last = scrapes[0], scrapes[-1]
    grown = {series: last[series] - first.get(series, 0.0) for series in last}
    assert increase(scrapes) == pytest.approx(grown)
    assert {series for series in first if series not in last} == set()
    runs = sum(value for series, value in last.items() if _IS_RUN.match(series))
    assert scheduled >= runs >= 9


def test_a_restart_resumes_what_was_believed_and_measured(
    folder: Path, empty_database: str
) -> None:
    with start(folder) as first:
        wait_until(lambda: first.states()["good/small"] == "up")
        wait_until(lambda: valid(first) >= 4)
        before = valid(first)
        first.signal(signal.SIGTERM)
        assert first.wait() == 0
    kept = stored(empty_database)["here"]

    with start(folder) as second:
        assert second.states()["good/small"] == "up"
        assert valid(second) >= before
        (serving,) = (each for each in second.events if each["event"] == "serving")
        second.signal(signal.SIGTERM)
        assert second.wait() == 0

    assert serving["resumed_results"] >= before
    assert stored(empty_database)["here"] >= kept
    assert "Traceback" not in first.log + second.log


def test_two_vantages_share_a_server_and_no_figure(
    tmp_path: Path, simulator: RunningSimulator
) -> None:
    with ExitStack() as opened:
        url = opened.enter_context(fresh_database("postgresql", tmp_path, migrated=False))
        folders = [tmp_path / vantage for vantage in ("fra", "iad")]
        for folder in folders:
            folder.mkdir()
            configured(folder, simulator, url, folder.name)
        # Neither waits for the other to have made the tables.
        daemons = [start(folder) for folder in folders]
        for daemon in daemons:
            opened.enter_context(daemon)
        fra, iad = daemons
        wait_until(lambda: min(valid(fra), valid(iad)) >= 3)
        fra.signal(signal.SIGTERM)
        assert fra.wait() == 0
        before = stored(url)
        wait_until(lambda: stored(url)["iad"] > before["iad"] + 1)
        iad.signal(signal.SIGTERM)
        assert iad.wait() == 0

        after = stored(url)
        assert after["fra"] == before["fra"] >= 3
        engine = open_reader(url)
        with engine.connect() as connection:
            known = connection.execute(select(tables.target.c.key, tables.target.c.retired_at))
            assert known.all() == [("good/small", None)]
        engine.dispose()
