"""A daemon in process that reads its configuration from a file, and the file."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Select

from monitor.app.daemon import Daemon
from monitor.config.source import Source
from monitor.model.configuration import Configuration
from monitor.model.snapshot import TargetView
from monitor.store.engine import open_reader
from tests.databases import impatient
from tests.gateway import Gateway
from tests.waiting import until

OLD_KEY, NEW_KEY = "sk-planted-old-6f1d9c7be0", "sk-planted-new-51c07aa9d2"
PATIENCE_SECONDS = 20.0


class Written:
    """A configuration file with two targets at a gateway, the key in a file of its own."""

    def __init__(self, gateway: Gateway, database: str, folder: Path) -> None:
        self.file = folder / "monitor.yaml"
        self.key = folder / "key.secret"
        self.key.write_text(OLD_KEY)
        self.content: dict[str, Any] = {
            "database": impatient(database),
            "vantage": "here",
            "listen": "127.0.0.1:0",
            "spool": {"path": str(folder / "spool")},
            "defaults": {
                "interval_seconds": 1,
                "jitter_seconds": 0.05,
                "deadlines": {"connect_seconds": 0.5, "total_seconds": 0.8},
            },
            "providers": {
                name: {
                    "base_url": gateway.base_url,
                    "dialect": "openai_chat",
                    "api_key": "file:key.secret",
                    "models": {"model": None},
                }
                for name in ("own", "other")
            },
        }
        self.write()

    def write(self) -> None:
        """Put the content in the file's place, as most editors do."""
        new = self.file.with_suffix(".new")
        new.write_text(yaml.safe_dump(self.content))
        new.replace(self.file)

    def source(self) -> Source:
        return Source(self.file, {})


@asynccontextmanager
async def running(written: Written) -> AsyncIterator[Daemon]:
    """A daemon that serves; it stops with the block."""
    source = written.source()
    seen = source.look()
    daemon = Daemon(source.load(), source=(source, seen))
    serving = asyncio.Event()
    life = asyncio.create_task(daemon.run(lambda _: serving.set()))
    await serving.wait()
    try:
        yield daemon
        assert not life.done()
    finally:
        daemon.stop()
        await life


async def reload(daemon: Daemon) -> Configuration:
    """Have the file read as by SIGHUP, and wait until that is over."""
    before = status(daemon)
    assert daemon._reloader
    daemon._reloader.ask()
    await until(lambda: status(daemon) is not before, PATIENCE_SECONDS)
    return status(daemon)


def status(daemon: Daemon) -> Configuration:
    return daemon._parts.in_force.status


def views(daemon: Daemon) -> dict[str, TargetView]:
    return {view.target.key: view for view in daemon._parts.recorder.snapshot.targets}


def metric(daemon: Daemon, series: str) -> float:
    told = daemon._parts.metrics.render("")[0].decode()
    (line,) = [each for each in told.splitlines() if each.startswith(f"llmprobe_{series} ")]
    return float(line.split()[-1])


def rows(database: str, query: Select[Any]) -> list[tuple[Any, ...]]:
    engine = open_reader(database)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(query)]
    engine.dispose()
    return found
