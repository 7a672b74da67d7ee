import pytest

from monitor.config.errors import ConfigError, Place, Problem, show


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (
            Problem("a.b", 12, "unknown key", "did you mean c?"),
            "m.yaml:12: a.b: unknown key; did you mean c?",
        ),
        (Problem("a", None, "is required"), "m.yaml: a: is required"),
        (Problem("", 3, "is not UTF-8"), "m.yaml:3: is not UTF-8"),
        (Problem("", None, "cannot be read"), "m.yaml: cannot be read"),
    ],
)
def test_a_problem_is_one_line(problem: Problem, text: str) -> None:
    assert problem.text("m.yaml") == text


def test_an_error_tells_its_problems_in_the_order_of_the_file() -> None:
    error = ConfigError(
        "m.yaml", [Problem("b", 2, "x"), Problem("c", 1, "y"), Problem("a", 2, "z")]
    )

    assert str(error) == "m.yaml:1: c: y\nm.yaml:2: b: x\nm.yaml:2: a: z"
    assert error.source == "m.yaml"
    assert [problem.path for problem in error.problems] == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ((), ""),
        (("providers", "a", "models", "gpt-4.1"), "providers.a.models.gpt-4.1"),
        (("targets", 1, "name"), "targets[1].name"),
        (("a\nb", ""), 'a\\nb.""'),
        (("x" * 100,), "x" * 80 + "..."),
    ],
)
def test_a_place_is_shown_as_a_path_that_cannot_break_the_line(place: Place, path: str) -> None:
    assert show(place) == path
