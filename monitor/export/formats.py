"""The formats that a scraper can ask for; prometheus-client knows them, and writes the headers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from monitor.export.series import Family

_OPEN_METRICS = "application/openmetrics-text"
_EOF = b"# EOF\n"


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Attributes:
        content_type: Names it to the scraper.
        end: What the text ends in.
    """

    content_type: str
    end: bytes
    _encode: Callable[[Collector], bytes]

    @property
    def has_exemplars(self) -> bool:
        """It can say which run a bucket counted last."""
        return self.end == _EOF

    def write(self, collector: Collector) -> bytes:
        """Write all families of a collector, without the end."""
        return self._encode(collector).removesuffix(self.end)

    def header(self, family: Family[Any]) -> bytes:
        """Write what stands above the lines of a family."""
        return self.write(_Bare(family))


def negotiate(accept: str) -> Format:
    """Choose the format by the Accept header; the plain one if that makes no sense.

    Names that need no escaping are told unescaped: of the schemes that a scraper can ask for,
    `dots` alone would change ours (`__` for `_`), and every line with them.
    """
    try:
        encode, content_type = choose_encoder(accept.replace("escaping=dots", ""))
    except TypeError:  # a version that is no number
        encode, content_type = choose_encoder("")
    end = _EOF if content_type.startswith(_OPEN_METRICS) else b""
    return Format(content_type, end, encode)


class _Bare(Collector):
    """A family without its samples."""

    def __init__(self, family: Family[Any]) -> None:
        self._family = family

    def collect(self) -> Iterator[Metric]:
        family = self._family
        yield Metric(family.name, family.text, family.type)
