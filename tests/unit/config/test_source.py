"""A look at the configuration tells whether anything of it changed."""

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.config.settings import SpoolSettings
from monitor.config.source import Source, in_force, waiting
from monitor.model.target import Secret

KEY = "sk-planted-key-123456"
TEXT = """
providers:
  acme:
    base_url: http://127.0.0.1:1/v1
    dialect: openai_chat
    api_key: file:${WHICH}.secret
    models: {large: null}
"""


@pytest.fixture
def source(tmp_path: Path) -> Source:
    (tmp_path / "monitor.yaml").write_text(TEXT)
    (tmp_path / "a.secret").write_text(KEY)
    return Source(tmp_path / "monitor.yaml", {"WHICH": "a"})


def test_what_stays_the_same_looks_the_same_however_it_is_written(source: Source) -> None:
    before = source.look()
    new = source.file.with_suffix(".new")
    new.write_text(TEXT)
    new.replace(source.file)

    assert source.look() == before
    assert KEY.encode() not in before


@pytest.mark.parametrize("name", ["monitor.yaml", "a.secret"])
@pytest.mark.parametrize("change", ["edited", "emptied", "gone"])
def test_any_change_of_any_of_its_files_is_seen(source: Source, name: str, change: str) -> None:
    before, file = source.look(), source.file.parent / name
    if change == "gone":
        file.unlink()
    else:
        file.write_text(file.read_text() + "# more\n" if change == "edited" else "")

    assert source.look() != before
    assert source.look() == source.look()


def test_a_secret_that_was_missing_is_seen_when_it_comes(source: Source) -> None:
    secret = source.file.parent / "a.secret"
    secret.unlink()
    before = source.look()
    secret.write_text(KEY)

    assert source.look() != before


@pytest.mark.parametrize(
    "text", [b"a: [", b"\xff\xfe\x00", b""], ids=["no YAML", "no text", "none"]
)
def test_what_cannot_be_used_can_be_looked_at(source: Source, text: bytes) -> None:
    source.file.write_bytes(text)

    assert source.look() == source.look()


def test_what_takes_a_start_stays_as_it_was_and_is_told(source: Source) -> None:
    running = source.load()
    fresh = replace(
        running,
        database="sqlite:///other.db",
        spool=SpoolSettings(path="elsewhere"),
        token=Secret(KEY),
        canary="127.0.0.1:1",
    )

    assert waiting(running, fresh) == ("database", "spool", "token")
    assert in_force(running, fresh) == replace(running, canary="127.0.0.1:1")


def test_the_command_line_still_beats_the_file(source: Source) -> None:
    source.listen = "127.0.0.1:7"

    assert source.load().listen == "127.0.0.1:7"
