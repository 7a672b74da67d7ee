"""Programs of Debian's packages, unpacked beside the system: none is installed or started."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.alone import alone

_CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "llm-provider-monitor"


@cache
def program(name: str, *, package: str) -> str:
    """Find a program on the PATH, or unpack Debian's package of it; else the test is skipped.

    Where the tests must be complete (CI=true), a missing program is a failure.
    """
    found = shutil.which(name) or _unpacked(name, package)
    if found:
        return found
    reason = f"{name} is not installed (Debian, Ubuntu: apt-get install {package})"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _unpacked(name: str, package: str) -> str | None:
    place = _CACHE / "debian" / package
    with alone(package):
        if not (place / ".done").exists() and not _unpack(package, place):
            return None
    return shutil.which(name, path=str(place / "usr/bin"))


def _unpack(package: str, place: Path) -> bool:
    """Download a package and unpack it; without the lists of packages, fetch them first."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return False
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    download = ("apt-get", "-qq", "download", package)
    if not (_succeeds(*download, folder=place) or _downloads_anew(download, place)):
        return False
    archive = next(place.glob("*.deb"))
    if not _succeeds("dpkg-deb", "--extract", archive.name, ".", folder=place):
        return False
    archive.unlink()
    (place / ".done").touch()
    return True


def _downloads_anew(download: tuple[str, ...], place: Path) -> bool:
    is_allowed = os.geteuid() == 0
    return (
        is_allowed
        and _succeeds("apt-get", "-qq", "update", folder=place)
        and _succeeds(*download, folder=place)
    )


def _succeeds(*command: str, folder: Path) -> bool:
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, timeout=600)
    return done.returncode == 0
