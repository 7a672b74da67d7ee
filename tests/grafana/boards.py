"""The shipped dashboards, read as data."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.grafana.shipped import SHIPPED

FILES = sorted((SHIPPED / "dashboards").glob("*.json"))
BOARDS: dict[str, dict[str, Any]] = {path.stem: json.loads(path.read_text()) for path in FILES}


@dataclass(frozen=True)
class Query:
    """One query of a panel."""

    board: str
    panel: str
    ref: str
    expr: str
    is_instant: bool

    def __str__(self) -> str:
        return f"{self.board}: {self.panel} ({self.ref})"


def panels(board: str) -> list[dict[str, Any]]:
    """The panels of a board that show something."""
    return [panel for panel in BOARDS[board]["panels"] if panel["type"] != "row"]


def variables(board: str) -> dict[str, dict[str, Any]]:
    """What can be chosen on a board, by name."""
    return {each["name"]: each for each in BOARDS[board]["templating"]["list"]}


def all_panels() -> list[tuple[str, dict[str, Any]]]:
    """Each panel with its board's name."""
    return [(board, panel) for board in BOARDS for panel in panels(board)]


def queries() -> Iterator[Query]:
    """All queries of all panels."""
    for board, panel in all_panels():
        for asked in panel["targets"]:
            yield Query(board, panel["title"], asked["refId"], asked["expr"], asked["instant"])
