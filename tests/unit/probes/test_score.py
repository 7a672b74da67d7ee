"""The script that scores the classifier counts what it says it counts."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.score import main, report, score

BUSY = '{"error": {"message": "The server is too busy"}}'


def row(expect: str, *also: str, name: str = "r") -> dict[str, Any]:
    return {
        "id": name,
        "provider": "acme",
        "dialect": "other",
        "status": 503,
        "headers": {"content-type": "application/json"},
        "body": BUSY,
        "in_stream": False,
        "expect": expect,
        "also_ok": list(also),
    }


@pytest.mark.parametrize(
    ("expect", "also", "agrees", "is_confused"),
    [
        ("overloaded", (), True, False),
        ("server_error", ("overloaded",), True, False),
        ("server_error", (), False, False),
        ("invalid_request", (), False, True),
        ("invalid_request", ("server_error",), False, False),
    ],
)
def test_a_row_agrees_and_keeps_its_fault(
    expect: str, also: tuple[str, ...], agrees: bool, is_confused: bool
) -> None:
    (judged,) = score([row(expect, *also)])

    assert (judged.agrees, judged.is_confused) == (agrees, is_confused)


def test_below_97_per_cent_is_not_good_enough() -> None:
    right = [row("overloaded") for _ in range(97)]
    wrong = [row("server_error", name=f"wrong-{at}") for at in range(4)]

    text, is_good = report(score(right + wrong[:3]))
    _, is_still_good = report(score(right + wrong))

    assert "agreement 97/100 = 97.0%" in text
    assert "wrong-2: overloaded (provider, busy-text), not server_error" in text
    assert is_good
    assert not is_still_good


def test_nothing_is_no_agreement() -> None:
    assert report([])[1] is False


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([row("overloaded")], 0),
        ([row("overloaded") for _ in range(99)] + [row("invalid_request")], 1),
    ],
    ids=["all right", "one confusion"],
)
def test_the_exit_status_tells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: list[dict[str, Any]], status: int
) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")

    assert main([str(file)]) == status
    assert "confusions of fault" in capsys.readouterr().out


def test_without_a_file_it_says_how_it_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err
