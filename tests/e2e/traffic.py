"""Users of a model, who ask again and again in several ways, and note what became of it."""

import http.client
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

_PATH = "/v1/chat/completions"
_PAUSE_SECONDS = 0.06
_PATIENCE_SECONDS = 10


@dataclass(frozen=True)
class Asked:
    """A user's request.

    Attributes:
        way: Which of the ways it took; the prompt, too.
        begun_ns: When, by `perf_counter_ns`.
        status: What was answered; None if nothing was.
    """

    way: str
    begun_ns: int
    status: int | None


class Traffic:
    """One user a way, each asking some 15 times a second, one request after the other.

    Args:
        ports: Where each way begins, on this machine.
        model: What is asked for.
    """

    def __init__(self, ports: Mapping[str, int], model: str) -> None:
        self._model = model
        self.asked: list[Asked] = []
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._use, args=each, name=each[0]) for each in ports.items()
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def failed_ratio(self, way: str, since_ns: int, until_ns: int) -> float:
        """The share of the requests begun in that time that were not answered by a 200.

        Raises:
            AssertionError: There were hardly any.
        """
        statuses = [
            each.status
            for each in tuple(self.asked)
            if each.way == way and since_ns <= each.begun_ns < until_ns
        ]
        assert len(statuses) >= 10, f"{way}: {len(statuses)} requests say nothing"
        return sum(status != 200 for status in statuses) / len(statuses)

    def _use(self, way: str, port: int) -> None:
        while not self._ended.wait(_PAUSE_SECONDS):
            begun_ns = time.perf_counter_ns()
            self.asked.append(Asked(way, begun_ns, self._ask(way, port)))

    def _ask(self, way: str, port: int) -> int | None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_SECONDS)
        messages = [{"role": "user", "content": way}]
        body = json.dumps({"model": self._model, "messages": messages, "max_tokens": 16})
        try:
            connection.request("POST", _PATH, body, {"content-type": "application/json"})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return None
        else:
            return answer.status
        finally:
            connection.close()
