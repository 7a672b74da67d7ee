"""Environments of Python and Node for what must not share ours, made once and kept."""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from tests.alone import alone

#: The proxy, and all that it wants; later versions could not be installed at the time.
LITELLM = "litellm[proxy]==1.106.2"

_CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "llm-provider-monitor"


def cached_venv(*requirements: str) -> Path:
    """Make an environment with *requirements*, or find the one made before; give its bin folder.

    Raises:
        subprocess.CalledProcessError: The requirements cannot be installed.
    """
    name = hashlib.sha256(repr((sys.version_info[:2], requirements)).encode()).hexdigest()[:16]
    place = _CACHE / "venvs" / name
    done = place / ".done"
    with alone(name):
        if not done.exists():
            venv.create(place, with_pip=True, clear=True)
            install(place / "bin", *requirements)
            done.touch()
    return place / "bin"


def cached_npm(*packages: str) -> Path:
    """Install *packages* of npm, or find them installed before; give their bin folder.

    Raises:
        subprocess.CalledProcessError: The packages cannot be installed.
    """
    name = hashlib.sha256(repr(packages).encode()).hexdigest()[:16]
    place = _CACHE / "npm" / name
    done = place / ".done"
    command = ["npm", "install", "--prefix", str(place), "--no-audit", "--no-fund", *packages]
    with alone(name):
        if not done.exists():
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
            subprocess.run(command, check=True, timeout=900, stdout=subprocess.DEVNULL)
            done.touch()
    return place / "node_modules" / ".bin"


def install(binaries: Path, *what: str) -> None:
    """Install into an environment.

    Raises:
        subprocess.CalledProcessError: It cannot be installed.
    """
    command = [str(binaries / "python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*command, "--disable-pip-version-check", *what], check=True, timeout=900)
