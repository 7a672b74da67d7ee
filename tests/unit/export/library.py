"""What prometheus-client itself makes of our families: the reference for our text."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import Exemplar, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from monitor.export.families import PUBLISHED, families_of
from monitor.export.series import Family
from monitor.model.detail import Detail
from monitor.model.snapshot import TargetView
from monitor.model.target import Target
from monitor.probes.listing import Listed


class _Families(Collector):
    def __init__(
        self,
        families: tuple[Family[Any], ...],
        sources: Iterable[tuple[Target, object]],
        detail: Detail,
    ) -> None:
        self._families, self._sources = families, tuple(sources)
        self._detail = detail

    def collect(self) -> Iterator[Metric]:
        for family in self._families:
            metric = Metric(family.name, family.text, family.type)
            for target, source in self._sources:
                own = {"target": target.key, "provider": target.provider, "model": target.model}
                self._add(metric, family, own, source)
            yield metric

    def _add(
        self, metric: Metric, family: Family[Any], own: dict[str, str], source: object
    ) -> None:
        newest = family.exemplar(source) if family.exemplar else None
        for key, number in family.rows(source):
            if not family.has(key, self._detail):
                continue
            suffix, *values = key
            told = dict(zip(family.labels, values, strict=False))
            exemplar = None
            if newest and "le" in told and newest.value <= float(told["le"]):
                exemplar = Exemplar({"result_id": newest.result_id}, newest.value, newest.at)
                newest = None
            metric.add_sample(family.name + suffix, own | told, number, exemplar=exemplar)


def by_the_library(
    views: Iterable[TargetView],
    published: Mapping[str, Listed] | None = None,
    accept: str = "",
    detail: Detail = Detail.DEFAULT,
) -> bytes:
    """Write all series of the targets, and of what gateways list of them."""
    views = tuple(views)
    registry = CollectorRegistry(auto_describe=False)
    sources = ((view.target, view) for view in views)
    registry.register(_Families(families_of(detail), sources, detail))
    if published is not None:
        listed = [
            (view.target, published[view.target.key])
            for view in views
            if view.target.key in published
        ]
        registry.register(_Families(PUBLISHED, listed, detail))
    encode, _ = choose_encoder(accept)
    return encode(registry)
