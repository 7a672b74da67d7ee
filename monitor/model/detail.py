"""How much is told by metrics of each target."""

from enum import StrEnum


class Detail(StrEnum):
    """Which series a target has."""

    DEFAULT = "default"
    FULL = "full"
