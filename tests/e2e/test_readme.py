"""The README is true: every command in it is run, every sample is loaded."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.config.load import load_file
from tests.e2e.process import CLEAN, MonitorProcess
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e

REPOSITORY = Path(__file__).parents[2]
README = (REPOSITORY / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[str]:
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.strip()]
    return [re.sub(r"\s+#.*", "", line) for line in lines]


#: What its samples ask of the environment.
KEYS = dict.fromkeys(re.findall(r"\$\{(\w+)\}", README), "sk-none") | {"NAME": "x"}

#: How each command ends: by itself (with that exit code), or by Ctrl-C once it serves.
ENDS = {
    "monitor check-config --config monitor.yaml": 0,
    "monitor probe aurora/chat-small --demo": 0,
    "monitor db upgrade": 0,
    "monitor config schema": 0,
}
#: Asks a daemon, or its database: with what it says, or writes into a file.
OF_THE_DEMO = {
    "monitor status": "aurora/",
    "monitor report --database sqlite:///monitor-demo.db --provider borealis --format html "
    "--output report.html": "<title>Service levels of borealis</title>",
    "monitor db info --database sqlite:///monitor-demo.db": "MB on disk",
}
SERVES = {"monitor run --demo", "monitor simulate"}
#: Run by the tests below, or what runs these very tests.
ELSEWHERE = {"make run", "make test", "make check", "make coverage", "make bench"}


def is_known(command: str) -> bool:
    return command in ENDS | dict.fromkeys(SERVES | ELSEWHERE) | OF_THE_DEMO or command.startswith(
        ("curl ", "monitor classify ")
    )


def test_it_stays_short() -> None:
    assert len(README.splitlines()) <= 200


def test_no_command_is_untried() -> None:
    assert [each for each in commands() if not is_known(each)] == []
    assert ENDS.keys() | SERVES | OF_THE_DEMO.keys() <= set(commands())


def in_folder(command: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    binaries = str(Path(sys.executable).parent)
    return subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=folder,
        env=CLEAN | KEYS | {"PATH": f"{binaries}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "monitor.yaml").write_text(blocks("yaml")[0])
    return tmp_path


@pytest.mark.parametrize("command", sorted(ENDS))
def test_a_command_that_ends_does_what_it_says(command: str, folder: Path) -> None:
    done = in_folder(command, folder)

    assert done.returncode == ENDS[command], done.stderr
    assert done.stdout.strip()


def test_the_classify_example_names_the_emblem(folder: Path) -> None:
    (command,) = [each for each in commands() if each.startswith("monitor classify")]

    done = in_folder(command, folder)

    assert done.returncode == 1
    assert re.search(r"outcome +overloaded", done.stdout)
    assert re.search(r"fault +provider", done.stdout)


def test_the_demo_answers_the_curls(tmp_path: Path) -> None:
    with MonitorProcess(tmp_path, "--demo") as demo:
        wait_until(lambda: demo.runs(outcome="overloaded"), seconds=60)
        curls = [each for each in commands() if each.startswith("curl ")]
        assert len(curls) == 2
        for command in curls:
            wait_until(
                lambda c=command: in_folder(  # type: ignore[misc]
                    c.replace("127.0.0.1:9464", demo.address), tmp_path
                ).stdout.strip()
            )


def test_the_demo_is_shown_and_reported_on(tmp_path: Path) -> None:
    with MonitorProcess(tmp_path, "--demo") as demo:
        wait_until(lambda: demo.runs(outcome="ok"), seconds=60)
        here = f" --url http://{demo.address}"
        for command, words in OF_THE_DEMO.items():
            asked = command + here if command == "monitor status" else command
            wait_until(lambda c=asked, w=words: w in said(c, tmp_path))  # type: ignore[misc]


def said(command: str, folder: Path) -> str:
    """Give what a command says, or what it writes into the file that it names last."""
    done = in_folder(command, folder)
    file = folder / command.rsplit(maxsplit=1)[-1]
    return file.read_text() if "--output" in command and file.exists() else done.stdout


@pytest.mark.parametrize("verb", sorted(SERVES))
def test_a_command_that_serves_ends_on_ctrl_c(verb: str, tmp_path: Path) -> None:
    arguments = verb.removeprefix("monitor ").split()
    arguments += ["--listen", "127.0.0.1:0"] if "run" in arguments else []
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "monitor", *arguments],
        cwd=tmp_path,
        env=CLEAN,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    seen = ""
    for line in process.stdout:
        seen += line
        if "serving on" in line or line.startswith("truth"):
            break
    process.send_signal(signal.SIGINT)

    rest, _ = process.communicate(timeout=15)
    assert process.returncode == 0, seen + rest


def test_the_sample_configuration_is_sound(folder: Path) -> None:
    settings = load_file(folder / "monitor.yaml", KEYS)

    assert [each.key for each in settings.probes] == [
        "openai/gpt-4o-mini#completion",
        "anthropic/claude-haiku-5-5#completion",
        "anthropic/claude-haiku-5-5#throughput",
        "my-vllm/qwen3-32b#completion",
    ]
    assert [each.model for each in settings.discoveries] == ["openai/gpt-4o-mini"]


@pytest.mark.timeout(400)
def test_make_run_reaches_a_serving_daemon_from_nothing(tmp_path: Path) -> None:
    """Installation included; the environment is a new one."""
    options = f"--demo --listen 127.0.0.1:0 --database sqlite:///{tmp_path}/demo.db"
    process = subprocess.Popen(
        ["/usr/bin/env", "make", "run", f"VENV={tmp_path}/venv", f"ARGS={options}"],
        cwd=REPOSITORY,
        env=CLEAN,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "serving on" in line:
            break
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate(timeout=20)

    assert "serving on" in lines[-1], "".join(lines)


@pytest.mark.parametrize("goal", ["test", "check", "bench"])
def test_the_other_goals_of_make_are_there(goal: str) -> None:
    """They cannot be run from here: the first is what runs this."""
    command = ["/usr/bin/env", "make", "--dry-run", goal]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)

    assert ".venv/bin/" in done.stdout


def test_every_linked_file_is_there() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)", README)

    assert links
    assert [each for each in links if not (REPOSITORY / each).exists()] == []
