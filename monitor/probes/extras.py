"""Libraries that only some targets need, and that are installed by an extra of this package."""

from importlib import import_module
from typing import Any


class MissingExtraError(ImportError):
    """A target needs a library that is not installed; the message says how to install it."""


def library(module: str, extra: str) -> Any:
    """Import *module* when it is first needed.

    Raises:
        MissingExtraError: It is not installed; it comes with *extra*.
    """
    try:
        return import_module(module)
    except ImportError as error:
        remedy = f"pip install 'llm-provider-monitor[{extra}]'"
        raise MissingExtraError(f"{module} is not installed: {remedy}") from error
