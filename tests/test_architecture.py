"""The shape of the code: small files, small functions, every part in its place."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
FILES = sorted(
    path
    for folder in ("monitor", "migrations", "grafana", "tests")
    for path in (REPOSITORY / folder).rglob("*.py")
)
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40
DRAWERS = {"utils", "helpers", "common", "manager", "misc", "tools"}


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Give each function of a file with its length, without its docstring."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            docstring = ast.get_docstring(node, clean=False)
            spared = (first.end_lineno or 0) - first.lineno + 1 if docstring else 0
            yield node.name, (node.end_lineno or 0) - node.lineno + 1 - spared


def relative(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_files_and_functions_end_in_time(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MAX_FILE_LINES
    assert [each for each in functions(path) if each[1] > MAX_FUNCTION_LINES] == []


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_no_file_is_a_drawer(path: Path) -> None:
    assert path.stem not in DRAWERS


def test_the_top_level_holds_what_it_should() -> None:
    wanted = {"pyproject.toml", "README.md", "monitor", "migrations", "tests", "alembic.ini"}

    assert wanted <= {path.name for path in REPOSITORY.iterdir()}
