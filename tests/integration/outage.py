"""A store, and the ways there of one vantage or several, as the daemon builds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families as parse
from prometheus_client.samples import Sample
from sqlalchemy import select

from monitor.app.observers import Observers
from monitor.app.outlet import Outlet, open_spool
from monitor.config.settings import Settings, SpoolSettings
from monitor.export.metrics import Metrics
from monitor.model.health import Health, State
from monitor.model.triple import Triple
from monitor.store import tables
from monitor.store.engine import Engine, open_engine
from monitor.store.results import write_triples
from monitor.store.targets import sync_targets
from tests.factories import make_result, make_target
from tests.fakes import START, FakeClock

PATIENCE_SECONDS = 20.0


def triples(first: int, count: int, vantage: str = "here") -> list[Triple]:
    """Triples by number, each of half a page; what is believed tells the number."""
    return [
        Triple(
            result=make_result(minute=number, vantage=vantage, request_id="r" * 2000),
            health=Health(state=State.UP, consecutive_successes=number),
        )
        for number in range(first, first + count)
    ]


@dataclass
class Scene:
    """A store, and the ways there by vantage."""

    url: str
    engine: Engine
    outlets: dict[str, Outlet]
    metrics: Metrics

    def put(self, first: int, count: int) -> None:
        """Hand each vantage so many triples."""
        for vantage, outlet in self.outlets.items():
            for triple in triples(first, count, vantage):
                outlet.put(triple)

    def failures(self) -> dict[str, float]:
        """The failed writes by reason, as they are exported."""
        return {
            each.labels["reason"]: each.value
            for each in self._samples("store_write_errors_total")
            if each.value
        }

    def shown(self, name: str) -> float:
        """The value of a series without labels."""
        (sample,) = self._samples(name)
        return sample.value

    def stored(self, vantage: str = "here") -> list[str]:
        """The ids of all results of a vantage, in the order of their slots."""
        run = tables.result.c
        query = select(run.result_id).where(run.vantage == vantage).order_by(run.slot_at)
        with self.engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def is_calm(self) -> bool:
        """Nothing waits anywhere."""
        return not any(each.pending + each.spooled for each in self.outlets.values())

    @property
    def name(self) -> str:
        """The database's."""
        return self.url.partition("?")[0].rpartition("/")[2]

    def end(self) -> None:
        """End the ways, and let go of the store."""
        for outlet in self.outlets.values():
            outlet.stop(PATIENCE_SECONDS)
        self.engine.dispose()

    def _samples(self, name: str) -> list[Sample]:
        text = self.metrics.render("")[0].decode()
        samples = (each for family in parse(text) for each in family.samples)
        return [each for each in samples if each.name == f"llmprobe_{name}"]


def begin(url: str, folder: Path, vantages: Sequence[str] = ("here",)) -> Scene:
    """Open a store, and a way there for each vantage, with the spools in a folder."""
    engine, metrics = open_engine(url), Metrics(FakeClock())
    with engine.begin() as connection:
        ids = sync_targets(connection, [make_target()], START)

    def write(batch: Sequence[Triple]) -> None:
        with engine.begin() as connection:
            write_triples(connection, ids, batch)

    outlets = {}
    for vantage in vantages:
        spool = SpoolSettings(path=str(folder / "spool"))
        settings = Settings(probes=(), database=url, vantage=vantage, spool=spool)
        observers = Observers(metrics)
        outlets[vantage] = Outlet(write, open_spool(settings, observers), observers)
        outlets[vantage].start()
    return Scene(url, engine, outlets, metrics)
