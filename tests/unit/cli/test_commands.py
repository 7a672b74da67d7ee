"""The page about the verbs names all that there are, and nothing else."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from monitor.cli import app

PAGE = (Path(__file__).parents[3] / "docs/commands.md").read_text()


ANSWERING = (
    "status",
    "report",
    "probe",
    "check-config",
    "classify",
    "replay",
    "db info",
    "db prune",
    "db copy",
)


def verbs(group: TyperGroup, name: str = "monitor") -> Iterator[tuple[str, set[str]]]:
    """Give each verb with its options."""
    for own, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from verbs(command, f"{name} {own}")
        else:
            options = {
                text for each in command.params for text in (*each.opts, *each.secondary_opts)
            }
            yield f"{name} {own}", {each for each in options if each.startswith("--")}


def root() -> TyperGroup:
    command = get_command(app)
    assert isinstance(command, TyperGroup)
    return command


VERBS = dict(verbs(root()))


def test_every_verb_has_its_row_and_every_row_its_verb() -> None:
    assert set(re.findall(r"^\| `(monitor [^`]+)`", PAGE, re.MULTILINE)) == VERBS.keys()


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_is_named(verb: str) -> None:
    assert [each for each in sorted(VERBS[verb]) if f"`{each}" not in PAGE] == []


def test_no_option_is_made_up() -> None:
    known = set().union(*VERBS.values()) | {"--help"}

    assert set(re.findall(r"--[a-z][a-z-]+", PAGE)) <= known


@pytest.mark.parametrize(
    "verb",
    [
        "status",
        "report",
        "probe",
        "check-config",
        "classify",
        "replay",
        "db info",
        "db prune",
        "db copy",
    ],
)
def test_whatever_answers_can_answer_a_program(verb: str) -> None:
    assert "--json" in VERBS[f"monitor {verb}"]
