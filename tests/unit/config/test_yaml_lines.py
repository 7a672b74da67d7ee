import pytest

from monitor.config.errors import Place
from monitor.config.yaml_lines import NotYaml, Tree, parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("True", True),
        ("false", False),
        ("12", 12),
        ("-0123", -123),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("2.", 2.0),
        ("1e3", 1000.0),
        ("-.inf", float("-inf")),
        ("12:30", "12:30"),
        ("2026-01-01", "2026-01-01"),
        ("~", None),
        ("null", None),
        ("'12'", "12"),
        ("!!str 12", "12"),
        ("{a: , b: []}", {"a": None, "b": []}),
        ("{1: 2, true: 3, null: 4}", {"1": 2, "true": 3, "null": 4}),
        ("", None),
    ],
)
def test_a_scalar_is_what_yaml_1_2_says(text: str, value: object) -> None:
    assert parse(text).value == value


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ((), 1),
        (("a",), 1),
        (("a", "b"), 3),
        (("a", "c"), 4),
        (("a", "c", 1), 6),
        (("a", "c", 1, "missing", "deeper"), 6),
        (("a", "missing"), 1),
    ],
)
def test_a_place_has_the_line_of_its_key_or_of_what_should_hold_it(place: Place, line: int) -> None:
    tree = parse("a:\n  # note\n  b: x\n  c:\n    - 1\n    - {d: 2}\n")

    assert tree.line_of(place) == line


def test_a_tree_without_lines_has_none_to_give() -> None:
    assert Tree(1).line_of(("a",)) is None


def test_own_keys_win_over_merged_ones_and_the_first_merge_over_the_next() -> None:
    tree = parse("x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz: {<<: [*x, *y], a: 3}")

    assert tree.value == {
        "x": {"a": 1, "b": 1},
        "y": {"b": 2, "c": 2},
        "z": {"a": 3, "b": 1, "c": 2},
    }


def test_a_merge_may_merge_in_turn() -> None:
    tree = parse("x: &x {a: 1}\ny: &y {<<: *x, b: 2}\nz: {<<: *y}")

    assert isinstance(tree.value, dict)
    assert tree.value["z"] == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("text", "place", "message", "line"),
    [
        ("a: 1\nb: 2\na: 3", ("a",), "is given twice; the first stands in line 1", 3),
        ("? {a: 1}\n: 2", (), "keys must be text", 1),
        ("a: !!int x", ("a",), "is not a number that can be read", 1),
        ("a: !!set {b}", ("a",), "has a YAML tag that is not supported", 1),
        ("\na: &a\n  b: *a", ("a", "b"), "refers to itself", 3),
        ('a: "\\ud800"', ("a",), "is not valid Unicode", 1),
        ('"\\ud800": 1', (), "keys must be text", 1),
        ("\n<<: 1", ("<<",), "must refer to a mapping", 2),
        (f"a: {'9' * 5000}", ("a",), "is not a number that can be read", 1),
    ],
)
def test_what_is_no_configuration_is_found(
    text: str, place: Place, message: str, line: int
) -> None:
    tree = parse(text)

    (finding,) = tree.findings
    assert (finding.place, finding.message) == (place, message)
    assert (finding.line or tree.line_of(finding.place)) == line


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("a: 1\nb: @x", 2, "cannot start any token"),
        ("a:\n\tb: 1", 2, "cannot start any token"),
        ("\n\na: \x07", 3, "a character that YAML does not allow"),
        ("[" * 5000, None, "nested too deeply"),
        ('a: "\\UFFFFFFFF"', None, "malformed"),
        ("a: " + "[" * 40 + "]" * 40, 1, "too large"),
        ("\n- [1\n- 2", 3, "while parsing a flow sequence that began in line 2"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(text: str, line: int | None, part: str) -> None:
    with pytest.raises(NotYaml) as caught:
        parse(text)

    assert caught.value.problem.line == line
    assert part in caught.value.problem.message


def test_aliases_cannot_make_a_small_file_endless() -> None:
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 9))

    with pytest.raises(NotYaml, match="too large"):
        parse(f"l0: &l0 [x]\n{levels}")
