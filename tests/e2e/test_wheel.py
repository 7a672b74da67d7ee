"""What is installed is what was built: the wheel, in an empty folder, with nothing else."""

import re
import signal
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from monitor.store.engine import open_engine
from monitor.store.migrate import current
from tests.e2e.process import CLEAN, MonitorProcess
from tests.e2e.venvs import install
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(out), str(REPOSITORY)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def binaries(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("venv")
    venv.create(place, with_pip=True)
    install(place / "bin", "--constraint", str(REPOSITORY / "constraints.txt"), str(wheel))
    return place / "bin"


def test_the_wheel_carries_the_migrations_and_no_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()

    assert any(name.startswith("monitor/migrations/versions/0001") for name in names)
    assert "monitor/py.typed" in names
    assert not any(name.startswith(("tests/", "migrations/")) for name in names)


def test_the_wheel_carries_all_that_pages_are_made_of(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())

    pages = REPOSITORY / "monitor" / "export" / "pages"
    for folder in ("templates", "static"):
        made_of = [path.relative_to(REPOSITORY) for path in (pages / folder).iterdir()]
        assert made_of
        assert names >= set(map(str, made_of))


def test_the_wheel_runs_the_demo_in_an_empty_folder(binaries: Path, tmp_path: Path) -> None:
    command = (str(binaries / "monitor"),)
    with MonitorProcess(tmp_path, "--demo", command=command) as demo:
        wait_until(lambda: "up" in demo.states().values())
        assert "Simulated fleet" in demo.get("/")
        demo.signal(signal.SIGTERM)
        assert demo.wait() == 0

    assert (tmp_path / "monitor-demo.db").exists()
    assert "Traceback" not in demo.log


def test_the_wheel_takes_its_tables_back(binaries: Path, tmp_path: Path) -> None:
    """As docs/operating.md says."""
    told = (REPOSITORY / "docs" / "operating.md").read_text()
    (commands,) = re.findall(r"^```sh\n(printf .+?)```$", told, re.DOTALL | re.MULTILINE)
    environ = CLEAN | {"PATH": f"{binaries}:{CLEAN['PATH']}"}

    for words in ("monitor db upgrade --database sqlite:///monitor.db", commands):
        subprocess.run(["/bin/sh", "-ec", words], check=True, cwd=tmp_path, env=environ, timeout=60)

    engine = open_engine(f"sqlite:///{tmp_path}/monitor.db")
    assert current(engine) == "0001"
    engine.dispose()


@pytest.mark.parametrize("verb", ["run", "probe", "check-config", "classify", "simulate", "db"])
def test_every_verb_explains_itself(binaries: Path, verb: str) -> None:
    command = [str(binaries / "monitor"), verb, "--help"]

    told = subprocess.run(command, check=True, capture_output=True, text=True, env=CLEAN)

    assert "Usage: monitor" in told.stdout
