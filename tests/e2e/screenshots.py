"""Takes the pictures of the pages that the documents show: `make screenshots`.

They are of the simulated fleet, with an outage going on and with a past that is made up.
"""

import subprocess
import tempfile
from pathlib import Path

from monitor.model.clock import SystemClock
from tests.chromium import Browser, open_browser
from tests.e2e.demo_past import fill
from tests.e2e.process import MonitorProcess
from tests.e2e.servers import require_package
from tests.e2e.venvs import cached_venv
from tests.waiting import wait_until

#: It answers nothing but the emblem, so the pictures show its outage.
DOWN = "borealis/chat-large"
IMAGES = Path(__file__).parents[2] / "docs/images"
_PAGES = {"fleet": "/", "model": "/models/sim/chat-large", "target": f"/targets/{DOWN}"}
_PHONE = (360, 780)
_DESK = (1440, 1340)
#: A palette of the commonest colours, and of others far from them, takes a third of the bytes.
_PILLOW = "pillow==13.0.0"
_PACK = """
import sys
from PIL import Image
for path in sys.argv[1:]:
    with Image.open(path) as whole:
        whole = whole.convert("RGB")
    found = sorted(whole.getcolors(1 << 24), reverse=True)
    kept = [colour for _, colour in found[:64]]
    for _, colour in found[64:]:
        far = min(sum((a - b) ** 2 for a, b in zip(colour, each)) for each in kept)
        if far > 90 and len(kept) < 256:
            kept.append(colour)
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in kept for part in colour])
    whole.quantize(palette=palette, dither=Image.Dither.NONE).save(path, optimize=True)
"""


def take(images: Path) -> list[Path]:
    """Take all pictures; give their paths.

    Args:
        images: The folder where they go.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        fill(f"sqlite:///{folder}/monitor-demo.db", SystemClock().now())
        with (
            MonitorProcess(folder, "--demo") as demo,
            open_browser(require_package("chromium"), folder) as browser,
        ):
            wait_until(lambda: demo.states()[DOWN] == "down", seconds=120)
            wait_until(lambda: has_medians(demo), seconds=180)
            wait_until(lambda: 'class="outage open"' in demo.get("/"))
            taken = list(_take_each(browser, demo, images))
    pack = [str(cached_venv(_PILLOW) / "python"), "-c", _PACK, *map(str, taken)]
    subprocess.run(pack, check=True, timeout=120)
    return taken


def has_medians(demo: MonitorProcess) -> bool:
    """Say whether all that answer did so often enough for a median of the last hour."""
    windows = [each["windows"]["1h"] for each in demo.targets().values() if each["state"] == "up"]
    return all(each["ttft_median_seconds"] for each in windows)


def _take_each(browser: Browser, demo: MonitorProcess, images: Path) -> list[Path]:
    taken = []
    for is_dark, look in ((False, "light"), (True, "dark")):
        for name, path in _PAGES.items():
            taken.append(images / f"{name}-{look}.png")
            url = f"http://{demo.address}{path}"
            taken[-1].write_bytes(_picture(browser, url, _DESK, is_dark=is_dark))
    taken.append(images / "fleet-phone.png")
    taken[-1].write_bytes(_picture(browser, f"http://{demo.address}/", _PHONE, is_dark=False))
    return taken


def _picture(browser: Browser, url: str, size: tuple[int, int], *, is_dark: bool) -> bytes:
    width, most = size
    with browser.page(width=width, is_dark=is_dark) as page:
        page.go(url)
        height = page.tell("document.documentElement.scrollHeight")
        page.resize(width, height)  # so there is no scroll bar
        return page.picture(width, min(height, most))


if __name__ == "__main__":
    for each in take(IMAGES):
        print(f"{each.name}: {each.stat().st_size:,} bytes")  # noqa: T201 - it tells whoever asked
