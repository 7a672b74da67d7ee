"""A PostgreSQL of the test's own, which it may stop, kill and crowd."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests import postgres
from tests.waiting import wait_until

_SETTINGS = ("listen_addresses=", "max_connections=10", "superuser_reserved_connections=3")


class OwnPostgres:
    """A server with one database, `monitor`, owned by a user of that name; it is durable."""

    def __init__(self, folder: Path, settings: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self._settings = _SETTINGS + settings
        self._programs = _programs()
        self._identity = postgres._identity()
        if self._identity:
            os.chown(folder, self._identity["user"], self._identity["group"])
        self._run("initdb", "-D", "data", "-U", "postgres", "--auth=trust", "-E", "UTF8")
        self.start()
        with self.connected("postgres") as connection:
            connection.execute("CREATE ROLE monitor LOGIN")
            connection.execute("CREATE DATABASE monitor OWNER monitor")

    @property
    def url(self) -> str:
        """The database, as the configuration names it."""
        return f"postgresql://monitor@/monitor?host={self.folder}"

    def start(self) -> None:
        """Start, and wait until it answers; what is left of a killed one may have to end first."""
        wait_until(self._try_to_start, seconds=60)

    def stop(self) -> None:
        """End in order; open connections are cut."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End as in a power cut."""
        self._end(signal.SIGKILL)

    @contextmanager
    def connected(self, name: str = "monitor") -> Iterator[psycopg.Connection]:
        """Connect as the administrator."""
        with psycopg.connect(
            host=str(self.folder), user="postgres", dbname=name, autocommit=True
        ) as connection:
            yield connection

    @contextmanager
    def crowded(self) -> Iterator[None]:
        """Let other clients have all connections."""
        with contextlib.ExitStack() as others, self.connected() as connection:
            connection.execute("ALTER ROLE monitor NOLOGIN")  # until the others are in
            connection.execute("CREATE ROLE guest LOGIN")
            self._cut(connection)
            with contextlib.suppress(psycopg.OperationalError):
                while True:
                    others.enter_context(
                        psycopg.connect(host=str(self.folder), user="guest", dbname="monitor")
                    )
            connection.execute("ALTER ROLE monitor LOGIN")
            yield
            others.close()
            connection.execute("DROP ROLE guest")

    @contextmanager
    def busy(self, table: str) -> Iterator[None]:
        """Let nobody else at a table."""
        with self.connected() as connection, connection.transaction():
            connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let the server stand still: no answer, no end, and no new connection either."""
        with self.connected() as connection:
            self._server.send_signal(signal.SIGSTOP)
            query = "SELECT pid FROM pg_stat_activity WHERE usename = 'monitor'"
            serving = [pid for (pid,) in connection.execute(query)]
        for pid in serving:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in (*serving, self._server.pid):
                os.kill(pid, signal.SIGCONT)

    def _cut(self, connection: psycopg.Connection) -> None:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'monitor'"
        )

    def _try_to_start(self) -> bool:
        command = [str(self._programs / "postgres"), "-D", "data", "-k", str(self.folder)]
        command += [word for setting in self._settings for word in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                command, cwd=self.folder, stdout=log, stderr=log, **self._identity
            )
        wait_until(lambda: self._is_ready() or self._server.poll() is not None, seconds=60)
        return self._server.poll() is None

    def _is_ready(self) -> bool:
        ask = [str(self._programs / "pg_isready"), "--quiet", "--host", str(self.folder)]
        return subprocess.run(ask, check=False, timeout=30).returncode == 0

    def _end(self, number: signal.Signals) -> None:
        self._server.send_signal(number)
        self._server.wait(timeout=60)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._programs / program), *arguments],
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            timeout=120,
            **self._identity,
        )


def _programs() -> Path:
    found = postgres._find()
    if found is None:
        postgres.server()  # installs them, or skips the test
        found = postgres._find()
    assert found
    return found


@contextmanager
def own_postgres(settings: tuple[str, ...] = ()) -> Iterator[OwnPostgres]:
    """Start one, with what *settings* of its own it shall have; it is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="monitor-chaos-"))
    server = None
    try:
        server = OwnPostgres(folder, settings)
        yield server
    finally:
        if server is not None:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)
