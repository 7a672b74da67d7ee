"""What `grafana/` ships, read as data."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.debian import program

REPOSITORY = Path(__file__).parents[2]
SHIPPED = REPOSITORY / "grafana"
RULES = sorted((SHIPPED / "prometheus/rules").glob("*.yml"))
CASES = sorted((Path(__file__).parent / "rules").glob("*.test.yml"))


def read(path: Path) -> Any:
    """Read a YAML file."""
    return yaml.safe_load(path.read_text())


@cache
def rules() -> list[dict[str, Any]]:
    """All rules of Prometheus, recording and alerting."""
    return [rule for path in RULES for group in read(path)["groups"] for rule in group["rules"]]


def alerts() -> dict[str, dict[str, Any]]:
    """The alerts by name."""
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def promtool() -> str:
    """Prometheus' tool."""
    return program("promtool", package="prometheus")


def amtool() -> str:
    """Alertmanager's tool."""
    return program("amtool", package="prometheus-alertmanager")
