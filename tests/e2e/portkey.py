"""The Portkey gateway, and callers that ask it again and again; one as `docs/routing` tells."""

import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.e2e.venvs import cached_npm

PAGE = (Path(__file__).parents[2] / "docs/routing/portkey.md").read_text()
GATEWAY = "@portkey-ai/gateway@1.15.2"
KEY = "sim-key"
MODEL = "large"
_PAUSE_SECONDS = 0.05


def gateway_command(port: int) -> list[str]:
    return [str(cached_npm(GATEWAY) / "gateway"), "--headless", f"--port={port}"]


def of_the_page() -> dict[str, Any]:
    """What the page's example defines."""
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    known: dict[str, Any] = {}
    exec(example, known)  # noqa: S102 - it is ours
    return known


def own_config(urls: dict[str, str]) -> dict[str, Any]:
    """A config that knows nothing of health: half of the requests for each of two."""
    targets = [{"provider": "openai", "custom_host": url, "api_key": KEY} for url in urls.values()]
    return {"strategy": {"mode": "loadbalance"}, "targets": targets}


def ask(gateway: str, header: str, words: str) -> bool:
    """Ask for a completion; tell whether there was one."""
    body = {"model": MODEL, "messages": [{"role": "user", "content": words}], "max_tokens": 16}
    headers = {"content-type": "application/json", "x-portkey-config": header}
    request = Request(  # noqa: S310 - loopback
        f"{gateway}/v1/chat/completions", json.dumps(body).encode(), headers
    )
    try:
        with urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
            return bool(json.load(answer)["choices"])
    except HTTPError as error:
        error.close()
        return False


@dataclass
class Caller:
    """Asks until the end of the block, with the config of the moment.

    Attributes:
        gateway: Whom.
        name: What it says, so that the providers know who asks.
        header: Gives the config.
        asked: When each request began (monotonic nanoseconds), and whether it was answered.
    """

    gateway: str
    name: str
    header: Callable[[], str]
    asked: list[tuple[int, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._loop, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def failures(self, begin_ns: int, end_ns: int) -> tuple[int, int]:
        """Count the requests that began in a time, and those of them that failed."""
        good = [was_good for at, was_good in self.asked if begin_ns <= at < end_ns]
        return good.count(False), len(good)

    def _loop(self) -> None:
        while not self._stopped.wait(_PAUSE_SECONDS):
            begun_ns = time.monotonic_ns()
            self.asked.append((begun_ns, ask(self.gateway, self.header(), self.name)))
