"""The part of the grammar that says what the HTTP surfaces tell, and to whom."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from monitor.config import fields
from monitor.config.errors import Finding
from monitor.config.fields import Grammar
from monitor.model.detail import Detail


def _file(value: str) -> str:
    if not value or not value.isprintable():
        raise ValueError("must be the path of a file")
    return value


class Metrics(Grammar):
    """What `/metrics` shows."""

    detail: fields.Detail = Field(
        default=Detail.DEFAULT.value,
        description="How much of each target: `default`, about 110 series, or `full`, three times "
        "as many, with all windows, twice the buckets, and what [the list](metrics.md) marks so.",
    )


class Tls(Grammar):
    """HTTPS instead of HTTP."""

    certificate: Annotated[str, AfterValidator(_file)] = Field(
        description="The certificate, followed by those of its issuers: a file in PEM."
    )
    private_key: Annotated[str, AfterValidator(_file)] = Field(
        description="Its key, without a password: a file in PEM."
    )


def tls_findings(given: Tls | None) -> Iterator[Finding]:
    """Tell which of the files cannot be read; what is in them is seen at the start."""
    for name, path in given.model_dump().items() if given else ():
        try:
            with Path(path).open("rb"):
                pass
        except OSError as error:
            yield Finding(("tls", name), f"the file cannot be read: {error.strerror}")
