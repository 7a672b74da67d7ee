"""Logging: structlog, one canonical line per run, secrets never."""

import contextlib
import os
import queue
import sys
import threading
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, TextIO, cast

import structlog

from monitor.model.result import Result
from monitor.model.target import Secret

_HIDDEN = "***"
#: Shorter strings would blot out ordinary words.
_MIN_SECRET = 6
#: A value longer than this is cut, after it was redacted.
_MAX_VALUE = 4000


class LineWriter:
    """Writes lines from a thread, so that a terminal that stands still stops nobody.

    What cannot be taken is dropped and counted; nothing is ever raised.
    """

    def __init__(self, stream: TextIO, *, capacity: int = 10_000) -> None:
        self._stream = stream
        self._lines: queue.Queue[str | None] = queue.Queue(capacity)
        self._dropped = 0
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def write(self, text: str) -> None:
        """Take text to be written soon."""
        try:
            self._lines.put_nowait(text)
        except queue.Full:
            self._dropped += 1

    def flush(self) -> None:
        """Nothing waits for the stream."""

    @property
    def dropped(self) -> int:
        """How many lines were lost."""
        return self._dropped

    def close(self, timeout_seconds: float = 1.0) -> None:
        """Write what waits, as far as it goes in that time."""
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(None)
        self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while (text := self._lines.get()) is not None:
            try:
                self._write(text)
            except (OSError, ValueError):  # a closed pipe, a full disk, a closed file
                self._dropped += 1

    def _write(self, text: str) -> None:
        try:
            descriptor = self._stream.fileno()
        except (OSError, ValueError):
            self._stream.write(text)
            return
        # Past Python's buffer, whose lock a write that hangs would hold until after the exit.
        data = text.encode("utf-8", "replace")
        while data:
            data = data[os.write(descriptor, data) :]


class Redactor:
    """Blots every known secret out of what is logged, wherever it stands."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._values: tuple[str, ...] = ()
        self.learn(secrets)

    def learn(self, secrets: Iterable[Secret]) -> None:
        """Blot these out from now on, too; what was known stays known."""
        values = {value for secret in secrets if len(value := secret.reveal()) >= _MIN_SECRET}
        # The longest first: one that begins like another would leave the other's tail.
        self._values = tuple(sorted(values.union(self._values), key=len, reverse=True))

    def __call__(
        self, _logger: Any, _method: str, event: MutableMapping[str, Any]
    ) -> Mapping[str, Any]:
        """Redact one event, as a structlog processor."""
        return {key: self._clean(value) for key, value in event.items()}

    def _clean(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: self._clean(each) for key, each in value.items()}
        if isinstance(value, list | tuple | set):
            return [self._clean(each) for each in value]
        if isinstance(value, str):
            for secret in self._values:
                value = value.replace(secret, _HIDDEN)
            return value[:_MAX_VALUE]
        return value


def set_up(
    secrets: Iterable[Secret] = (),
    *,
    as_json: bool,
    stream: TextIO = sys.stderr,
    level: str = "info",
) -> LineWriter:
    """Send log events to *stream*: JSON for machines, aligned text for a terminal.

    Args:
        secrets: Never written.
        as_json: One JSON object a line.
        stream: Where to.
        level: `info` tells every run, `warning` only failed ones and changes for the worse.

    Returns:
        What writes them; close it at the end.
    """
    writer = LineWriter(stream)
    renderer: Any = structlog.processors.JSONRenderer()
    if not as_json:
        renderer = structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), pad_event_to=10, sort_keys=False
        )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            Redactor(secrets),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", writer)),
        cache_logger_on_first_use=False,
    )
    return writer


def redact(secrets: Iterable[Secret]) -> None:
    """Have these secrets blotted out from now on, too, wherever `set_up` sends events."""
    for processor in structlog.get_config()["processors"]:
        if isinstance(processor, Redactor):
            processor.learn(secrets)


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
