"""The shipped rules and routes with shorter waits: a test sees in seconds what takes minutes.

Only waits differ: how often a rule is reckoned, how long it must hold, how long messages are held
back. What an alert asks for and says stays as shipped.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from tests.grafana.shipped import RULES, SHIPPED, read

#: So many times as fast.
FACTOR = 40
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


def shorter(wait: str) -> str:
    """Shorten a wait, as Prometheus writes it: `2m` is `3000ms`."""
    parts = re.findall(r"(\d+)(ms|[smhd])", wait)
    seconds = sum(int(number) * _SECONDS[unit] for number, unit in parts)
    return f"{round(1000 * seconds / FACTOR)}ms"


def hastened_rules(folder: Path) -> list[Path]:
    """Write the rules with shorter waits into a folder."""
    return [_hastened(path, folder / path.name) for path in RULES]


def _hastened(path: Path, copy: Path) -> Path:
    said = read(path)
    for group in said["groups"]:
        group["interval"] = "1s"
        for rule in group["rules"]:
            for wait in {"for", "keep_firing_for"} & rule.keys():
                rule[wait] = shorter(rule[wait])
    copy.write_text(yaml.safe_dump(said, allow_unicode=True))
    return copy


def hastened_routes(folder: Path, webhook: str) -> Path:
    """Write Alertmanager's configuration with shorter waits; each receiver tells a webhook."""
    said = read(SHIPPED / "alertmanager/alertmanager.yml")
    for route in (said["route"], *said["route"]["routes"]):
        _hasten(route)
    said["receivers"] = [
        {"name": each["name"], "webhook_configs": [{"url": f"{webhook}/{each['name']}"}]}
        for each in said["receivers"]
    ]
    path = folder / "alertmanager.yml"
    path.write_text(yaml.safe_dump(said))
    return path


def _hasten(route: dict[str, Any]) -> None:
    for wait in {"group_wait", "group_interval"} & route.keys():
        route[wait] = shorter(route[wait])
