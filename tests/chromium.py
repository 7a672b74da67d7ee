"""A real browser, Debian's Chromium without a window, driven over a pair of pipes.

It speaks the DevTools protocol: a message is JSON and ends with a zero byte. When we end, however
we end, the pipes close and the browser ends by itself.
"""

import base64
import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from tests.waiting import wait_until

#: Puts the pipes where the browser looks for them, and becomes the browser.
_LAUNCH = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(each), fcntl.F_DUPFD, 10) for each in sys.argv[1:3]]
os.dup2(ends[0], 3)
os.dup2(ends[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
_FLAGS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
)
_PATIENCE_SECONDS = 60.0
_KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, "Home": 36, "ArrowLeft": 37, "ArrowRight": 39}
_SHIFT = 8


class BrowserError(RuntimeError):
    """The browser refused, or a script in it failed."""


class Browser:
    """A browser that runs; made by `open_browser`."""

    def __init__(self, program: str, folder: Path) -> None:
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        flags = [*_FLAGS, f"--user-data-dir={folder}"]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")  # it refuses to have one as root
        pipes = (theirs_in, theirs_out)
        command = [sys.executable, "-c", _LAUNCH, *map(str, pipes), program, *flags]
        with (folder / "chromium.log").open("wb") as log:
            self._process = subprocess.Popen(command, pass_fds=pipes, stdout=log, stderr=log)
        for each in pipes:
            os.close(each)
        self._bytes, self._number = b"", 0
        self._pages: dict[str, Page] = {}

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Have the browser do something and give its answer.

        Raises:
            BrowserError: It refused.
            TimeoutError: It did not answer.
        """
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = memoryview(json.dumps(message).encode() + b"\0")
        while data:
            data = data[os.write(self._out, data) :]
        while True:
            told = self._next()
            if told.get("id") == number:
                break
            self._hand_on(told)
        if "error" in told:
            raise BrowserError(f"{method}: {told['error']}")
        result: dict[str, Any] = told["result"]
        return result

    @contextmanager
    def page(self, *, width: int = 1440, height: int = 900, **wishes: Any) -> Iterator["Page"]:
        """Open a page that shares nothing with others; see `Page.prepare` for the wishes."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)
        opened = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        page = self._pages[opened["sessionId"]] = Page(self, opened["sessionId"])
        page.prepare(width=width, height=height, **wishes)
        try:
            yield page
        finally:
            del self._pages[opened["sessionId"]]
            self.call("Target.disposeBrowserContext", browserContextId=context)

    def close(self) -> None:
        """End the browser."""
        os.close(self._out)
        os.close(self._in)
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _next(self) -> dict[str, Any]:
        end = monotonic() + _PATIENCE_SECONDS
        while b"\0" not in self._bytes:
            ready, _, _ = select.select([self._in], [], [], max(end - monotonic(), 0))
            if not ready:
                raise TimeoutError("the browser does not answer")
            data = os.read(self._in, 1 << 20)
            if not data:
                raise BrowserError("the browser is gone")
            self._bytes += data
        message, _, self._bytes = self._bytes.partition(b"\0")
        told: dict[str, Any] = json.loads(message)
        return told

    def _hand_on(self, told: dict[str, Any]) -> None:
        page = self._pages.get(told.get("sessionId", ""))
        if page and "method" in told:
            page.hear(told["method"], told["params"])


class Page:
    """An open page.

    Attributes:
        asked: The URLs that it asked for.
        complaints: What its console, its policy and its scripts complained of.
        loads: How often it was loaded whole.
    """

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.loads = 0

    def prepare(
        self, *, width: int, height: int, is_dark: bool = False, has_script: bool = True
    ) -> None:
        """Say how large the page is shown, and to whom."""
        for part in ("Page", "Network", "Log", "Runtime", "Audits"):
            self._do(f"{part}.enable")
        self.resize(width, height)
        self.dress(is_dark=is_dark)
        self._do("Emulation.setFocusEmulationEnabled", enabled=True)
        if not has_script:
            self._do("Emulation.setScriptExecutionDisabled", value=True)

    def resize(self, width: int, height: int) -> None:
        """Give the page another size, in CSS pixels."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self._do("Emulation.setDeviceMetricsOverride", **size)

    def dress(self, *, is_dark: bool) -> None:
        """Say whether whoever looks wants it dark."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self._do("Emulation.setEmulatedMedia", features=[scheme])

    def go(self, url: str) -> None:
        """Load a page and wait until it is there with all that it names."""
        before = self.loads
        told = self._do("Page.navigate", url=url)
        if "errorText" in told:
            raise BrowserError(f"{url}: {told['errorText']}")
        wait_until(lambda: self._do("Page.getFrameTree") and self.loads > before)

    def tell(self, expression: str) -> Any:
        """Give what an expression of JavaScript comes to; a promise is waited for.

        Raises:
            BrowserError: It failed.
        """
        wishes = {"returnByValue": True, "awaitPromise": True}
        told = self._do("Runtime.evaluate", expression=expression, **wishes)
        if "exceptionDetails" in told:
            raise BrowserError(str(told["exceptionDetails"])[:2000])
        return told["result"].get("value")

    def until(self, expression: str, seconds: float = 30.0) -> float:
        """Wait until an expression holds; give the seconds that it took."""
        begun = monotonic()
        wait_until(lambda: self.tell(expression), seconds)
        return monotonic() - begun

    def press(self, key: str, *, shift: bool = False) -> None:
        """Press a key and let it go."""
        how = {"key": key, "code": key, "modifiers": _SHIFT if shift else 0}
        how["windowsVirtualKeyCode"] = _KEYS[key]
        self._do("Input.dispatchKeyEvent", type="rawKeyDown", **how)
        self._do("Input.dispatchKeyEvent", type="keyUp", **how)

    def picture(self, width: int, height: int) -> bytes:
        """Take a picture of the top of the page, as PNG; so much of it as is told."""
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        told = self._do("Page.captureScreenshot", format="png", clip=clip)
        return base64.b64decode(told["data"])

    def hear(self, event: str, told: dict[str, Any]) -> None:
        """Note what happened on the page."""
        if event == "Page.loadEventFired":
            self.loads += 1
        elif event == "Network.requestWillBeSent":
            self.asked.append(told["request"]["url"])
        elif event in ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"):
            self.complaints.append(json.dumps(told))
        elif event == "Audits.issueAdded":
            self.complaints.append(json.dumps(told["issue"]))

    def _do(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._browser.call(method, self._session, **parameters)


@contextmanager
def open_browser(program: str, folder: Path) -> Iterator[Browser]:
    """Start a browser that keeps what it must in a folder."""
    browser = Browser(program, folder)
    try:
        yield browser
    finally:
        browser.close()
