"""The real Prometheus: started on a free port of this machine, asked over its API."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import yaml

from tests.debian import program
from tests.e2e.servers import serving


class Prometheus:
    """A running Prometheus."""

    def __init__(self, origin: str) -> None:
        self._api = f"{origin}/api/v1"

    def ask(self, expr: str, at: float | None = None) -> list[dict[str, Any]]:
        """Evaluate an expression at an instant, now unless said otherwise; give its series."""
        found: list[dict[str, Any]] = self._get(
            "query", {"query": expr} | ({} if at is None else {"time": str(at)})
        )["result"]
        return found

    def ask_over(
        self, expr: str, start: float, end: float, step_seconds: float
    ) -> list[dict[str, Any]]:
        """Evaluate an expression at each step from *start* to *end*; give its series."""
        asked = {"query": expr, "start": str(start), "end": str(end), "step": str(step_seconds)}
        found: list[dict[str, Any]] = self._get("query_range", asked)["result"]
        return found

    def now(self) -> float:
        """The clock of Prometheus, in seconds since the epoch."""
        return float(self._get("query", {"query": "time()"})["result"][1])

    def rules(self) -> list[dict[str, Any]]:
        """All rules, with the alerts that they made and the error of the last evaluation."""
        groups = self._get("rules", {})["groups"]
        return [rule for group in groups for rule in group["rules"]]

    def _get(self, path: str, asked: Mapping[str, str]) -> Any:
        """Ask the API.

        Raises:
            urllib.error.HTTPError: Prometheus does not understand it, or cannot answer.
        """
        url = f"{self._api}/{path}?{urlencode(asked)}"
        with urlopen(url, timeout=30) as answer:  # noqa: S310 - loopback
            return json.load(answer)["data"]


@contextmanager
def prometheus(
    folder: Path,
    scraped: str,
    *,
    rules: Sequence[Path] = (),
    alertmanager: str | None = None,
) -> Iterator[Prometheus]:
    """Scrape a monitor each second, as the shipped configuration does otherwise.

    Args:
        folder: For its configuration and its data.
        scraped: Address of the monitor.
        rules: Files of rules.
        alertmanager: Address of an Alertmanager that is told of alerts.
    """
    binary = program("prometheus", package="prometheus")
    folder.mkdir(exist_ok=True)
    job = {
        "job_name": "llmprobe",
        "static_configs": [{"targets": [scraped], "labels": {"vantage": "here"}}],
    }
    told = [{"static_configs": [{"targets": [alertmanager]}]}] if alertmanager else []
    settings = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(path) for path in rules],
        "alerting": {"alertmanagers": told},
        "scrape_configs": [job],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(settings))

    def command(port: int) -> list[str]:
        options = {
            "config.file": str(folder / "prometheus.yml"),
            "storage.tsdb.path": str(folder / "data"),
            "web.listen-address": f"127.0.0.1:{port}",
            "enable-feature": "exemplar-storage",
            "rules.alert.resend-delay": "1s",
            "log.level": "warn",
        }
        return [binary, *(f"--{name}={value}" for name, value in options.items())]

    with serving(command, folder, health="/-/ready") as origin:
        yield Prometheus(origin)
