"""A real PostgreSQL that the tests start by themselves, on first use, and that ends with them.

It listens on a socket in a folder of its own and writes nothing through to the disk. Each test
gets a database of its own, copied from a template.
"""

import atexit
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from monitor.store.engine import open_engine
from monitor.store.migrate import upgrade
from tests.alone import alone
from tests.waiting import wait_until

_MIGRATED = "migrated"
_SETTINGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "max_connections=60",
    "shared_buffers=64MB",
    "listen_addresses=",
)
#: Runs the server until the pipe to us closes, however we end; then nothing is left of it.
_WATCH = """
"$1/postgres" -D "$2/data" -k "$2" $3 >"$2/log" 2>&1 &
read -r _
kill -QUIT $!
wait
rm -rf "$2"
"""


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        folder: Where its data, its socket and its log are.
        watch: The process that ends it.
    """

    folder: Path
    watch: "subprocess.Popen[bytes]"
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def url(self, name: str) -> str:
        """Name a database of the server, as the configuration would."""
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def execute(self, statement: str, **names: str) -> list[tuple[Any, ...]]:
        """Run a statement of the administrator; *names* stand in braces in it. Give its rows."""
        words = {word: Identifier(name) for word, name in names.items()}
        with psycopg.connect(
            host=str(self.folder), user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            cursor = connection.execute(SQL(statement).format(**words))
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def database(self, *, migrated: bool) -> Iterator[str]:
        """Make a database and give its URL; it is gone afterwards, whoever still uses it."""
        name = f"test_{next(self._numbers)}"
        template = self._template() if migrated else "template0"
        self.execute("CREATE DATABASE {name} TEMPLATE {template}", name=name, template=template)
        yield self.url(name)
        self.execute("DROP DATABASE {name} WITH (FORCE)", name=name)

    @cache  # noqa: B019 - there is one server
    def _template(self) -> str:
        self.execute("CREATE DATABASE {name}", name=_MIGRATED)
        engine = open_engine(self.url(_MIGRATED))
        upgrade(engine)
        engine.dispose()
        return _MIGRATED

    def stop(self) -> None:
        """End the server and remove its folder."""
        self.watch.communicate()


@cache
def server() -> Server:
    """Start the server, or give the one that runs; without PostgreSQL the test is skipped.

    Where the tests must be complete (CI=true), a missing PostgreSQL is a failure.
    """
    with alone("postgresql"):
        binaries = _find() or _install()
    if binaries is None:
        reason = "PostgreSQL's server is not installed (Debian, Ubuntu: apt-get install postgresql)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return _start(binaries)


def _start(binaries: Path) -> Server:
    identity = _identity()
    folder = Path(tempfile.mkdtemp(prefix="monitor-pg-"))
    if identity:
        os.chown(folder, identity["user"], identity["group"])
    initdb = [str(binaries / "initdb"), "-D", str(folder / "data"), "-U", "postgres"]
    initdb += ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    subprocess.run(
        initdb, check=True, cwd=folder, stdout=subprocess.DEVNULL, timeout=120, **identity
    )
    settings = " ".join(f"-c {setting}" for setting in _SETTINGS)
    command = ["sh", "-c", _WATCH.replace("$3", settings), "sh", str(binaries), str(folder)]
    watch = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, **identity)
    started = Server(folder=folder, watch=watch)
    atexit.register(started.stop)
    wait_until(lambda: _is_ready(binaries, folder), seconds=60)
    return started


def _is_ready(binaries: Path, folder: Path) -> bool:
    ask = [str(binaries / "pg_isready"), "--quiet", "--host", str(folder)]
    return subprocess.run(ask, check=False, timeout=30).returncode == 0


def _identity() -> dict[str, Any]:
    """Say as whom the server runs: it refuses root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    other = names.get("postgres") or names["nobody"]
    return {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []}


def _find() -> Path | None:
    """Find the folder of the server's programs; the newest that the system has."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    packaged = [each.parent for each in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(packaged, key=lambda folder: float(folder.parent.name), default=None)


@cache
def _install() -> Path | None:
    """Install Debian's package, where we may."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    # Run level 1: the server that comes with the package stays off.
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    packages = ["postgresql"]
    for words in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        command = ["apt-get", "-qq", *words]
        if subprocess.run(
            command, check=False, env=environ, stdout=subprocess.DEVNULL, timeout=600
        ).returncode:
            return None
    return _find()
