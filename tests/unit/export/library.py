"""What prometheus-client itself makes of our families: the reference for our text."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from monitor.export.families import FAMILIES, PUBLISHED
from monitor.export.series import Family
from monitor.model.snapshot import TargetView
from monitor.model.target import Target
from monitor.probes.listing import Listed


class _Families(Collector):
    def __init__(
        self, families: tuple[Family[Any], ...], sources: Iterable[tuple[Target, object]]
    ) -> None:
        self._families, self._sources = families, tuple(sources)

    def collect(self) -> Iterator[Metric]:
        for family in self._families:
            metric = Metric(family.name, family.text, family.type)
            for target, source in self._sources:
                own = {"target": target.key, "provider": target.provider, "model": target.model}
                for (suffix, *values), number in family.rows(source):
                    labels = own | dict(zip(family.labels, values, strict=False))
                    metric.add_sample(family.name + suffix, labels, number)
            yield metric


def by_the_library(
    views: Iterable[TargetView],
    published: Mapping[str, Listed] | None = None,
    accept: str = "",
) -> bytes:
    """Write all series of the targets, and of what gateways list of them."""
    views = tuple(views)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families(FAMILIES, ((view.target, view) for view in views)))
    if published is not None:
        listed = [
            (view.target, published[view.target.key])
            for view in views
            if view.target.key in published
        ]
        registry.register(_Families(PUBLISHED, listed))
    encode, _ = choose_encoder(accept)
    return encode(registry)
