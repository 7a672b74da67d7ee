"""Virtual environments for what must not share ours, made once and kept."""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

_CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "llm-provider-monitor"


def cached_venv(*requirements: str) -> Path:
    """Make an environment with *requirements*, or find the one made before; give its bin folder.

    Raises:
        subprocess.CalledProcessError: The requirements cannot be installed.
    """
    name = hashlib.sha256(repr((sys.version_info[:2], requirements)).encode()).hexdigest()[:16]
    place = _CACHE / "venvs" / name
    done = place / ".done"
    if not done.exists():
        venv.create(place, with_pip=True, clear=True)
        install(place / "bin", *requirements)
        done.touch()
    return place / "bin"


def install(binaries: Path, *what: str) -> None:
    """Install into an environment.

    Raises:
        subprocess.CalledProcessError: It cannot be installed.
    """
    command = [str(binaries / "python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*command, "--disable-pip-version-check", *what], check=True, timeout=900)
