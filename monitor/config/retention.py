"""How long things are kept, as the operator set it."""

from collections.abc import Iterator

from monitor.config.errors import Finding
from monitor.config.schema import Document
from monitor.config.schema import Retention as Given
from monitor.model.retention import Retention


def retention(document: Document) -> Retention:
    """Give what *document* says, and what it does not say as usual."""
    return Retention(**(document.retention or Given()).model_dump())


def retention_findings(document: Document) -> Iterator[Finding]:
    """Tell what would go before that which is made of it."""
    kept = retention(document)
    if kept.hourly_days < kept.raw_days:
        yield Finding(
            ("retention", "hourly_days"),
            "must be at least raw_days",
            "a day is made of its hours as long as its results are kept",
        )
    if kept.daily_days is not None and kept.daily_days < kept.hourly_days:
        yield Finding(
            ("retention", "daily_days"),
            "must be at least hourly_days",
            "a window takes whole days from the daily rollups",
        )
