"""Logging: structlog, one canonical line per run, secrets never."""

import logging
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, TextIO

import structlog

from monitor.model.result import Result
from monitor.model.target import Secret

_HIDDEN = "***"
#: Shorter strings would blot out ordinary words.
_MIN_SECRET = 6


class Redactor:
    """Blots every known secret out of what is logged, wherever it stands."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._values = tuple(
            value for secret in secrets if len(value := secret.reveal()) >= _MIN_SECRET
        )

    def __call__(
        self, _logger: Any, _method: str, event: MutableMapping[str, Any]
    ) -> Mapping[str, Any]:
        """Redact one event, as a structlog processor."""
        return {key: self._clean(value) for key, value in event.items()}

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            for secret in self._values:
                value = value.replace(secret, _HIDDEN)
        return value


def set_up(secrets: Iterable[Secret] = (), *, as_json: bool, stream: TextIO = sys.stderr) -> None:
    """Send log events to *stream*: JSON for machines, aligned text for a terminal."""
    renderer: Any = structlog.processors.JSONRenderer()
    if not as_json:
        renderer = structlog.dev.ConsoleRenderer(colors=stream.isatty(), pad_event_to=18)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            Redactor(secrets),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )


def run_line(result: Result, state: str) -> dict[str, Any]:
    """Give the canonical line of a run: what is not known is left out."""
    verdict, measured = result.verdict, result.measurement
    line = {
        "target": result.target,
        "kind": result.kind.value,
        "confirm": result.confirm or None,
        "outcome": verdict.outcome.value,
        "rule": verdict.rule if not verdict.is_good else None,
        "phase": verdict.phase.value if verdict.phase else None,
        "http_status": verdict.http_status,
        "message": verdict.message,
        "ttft_seconds": _rounded(measured.ttft_seconds),
        "duration_seconds": _rounded(measured.duration_seconds),
        "output_tokens": measured.output_tokens,
        "schedule_delay_seconds": _rounded(result.schedule_delay_seconds),
        "tainted": result.tainted or None,
        "state": state,
        "id": result.id,
    }
    return {key: value for key, value in line.items() if value is not None}


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 4)
