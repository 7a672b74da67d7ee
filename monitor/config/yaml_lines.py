"""YAML into plain values that remember their lines.

The scalars are those of YAML 1.2 (`no` and `12:30` are text, not a boolean and a number), keys are
always text, and only the core types are known. Duplicate keys are errors; anchors and `<<` work.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from monitor.config.errors import Finding, Place, Problem

_TAG = "tag:yaml.org,2002:"
_MERGE = f"{_TAG}merge"
#: Aliases can make a small file into an endless one; no honest configuration comes near this.
_MOST_VALUES = 50_000
_DEEPEST = 30
#: What stands in for a value that could not be read, so that the rest can be checked.
UNREADABLE = "unreadable"

_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
#: What may be quoted from a text that may hold secrets: punctuation and kinds of token.
_HARMLESS = re.compile(r".{0,2}|<[a-z ]+>")
_SPECIAL = re.compile(r"alias|tag|anchor|directive|cannot start any token")


class NotYaml(Exception):  # noqa: N818 - names what the text is
    """The text is no YAML document, or no safe one.

    Attributes:
        problem: What is wrong, and in which line.
    """

    def __init__(self, line: int | None, message: str, hint: str | None = None) -> None:
        self.problem = Problem("", line, message, hint)
        super().__init__(self.problem)


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed document.

    Attributes:
        value: Dictionaries, lists and scalars.
        lines: The line of each place, 1-based; that of its key where it has one.
        findings: What was wrong with the keys and tags.
    """

    value: object
    lines: Mapping[Place, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def line_of(self, place: Place) -> int | None:
        """Give the line of *place*, or of what should have contained it."""
        for length in range(len(place), -1, -1):
            if (line := self.lines.get(place[:length])) is not None:
                return line
        return None


class _Loader(yaml.SafeLoader):
    """Composes nodes; what a plain scalar means follows YAML 1.2."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012 - PyYAML's own way


for _name, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("float", r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", "-+."),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(rf"^(?:{_pattern})$"), list(_first))

_SCALARS: dict[str, Callable[[str], object]] = {
    f"{_TAG}str": str,
    f"{_TAG}null": lambda _: None,
    f"{_TAG}bool": lambda text: text.lower() == "true",
    f"{_TAG}int": int,
    f"{_TAG}float": lambda text: float(re.sub(r"\.(inf|nan)", r"\1", text.lower())),
    _MERGE: str,
}


def parse(text: str) -> Tree:
    """Read one document.

    Raises:
        NotYaml: The syntax is wrong, or the nesting is absurd.
    """
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error, text) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise NotYaml(line, "not valid YAML: a character that YAML does not allow") from None
    except (RecursionError, ValueError, OverflowError):
        raise NotYaml(None, "not valid YAML: nested too deeply, or malformed") from None
    if node is None:
        return Tree(None, {(): 1})
    reader = _Reader()
    value = reader.read(node, (), _line(node))
    return Tree(value, reader.lines, tuple(reader.findings))


def _not_yaml(error: yaml.MarkedYAMLError, text: str) -> NotYaml:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else None
    said = f"{_context(error, mark)}{error.problem}"
    quoted = _QUOTED.sub(_without_text, said)
    return NotYaml(line, f"not valid YAML: {quoted}", _syntax_hint(said, text, line))


def _context(error: yaml.MarkedYAMLError, mark: yaml.Mark | None) -> str:
    """Say what was being read, and where that began if it was not in the line of *mark*."""
    if not error.context:
        return ""
    begun = error.context_mark
    if not error.context.startswith("while "):
        return f"{error.context} "
    if begun is None or mark is None or begun.line == mark.line:
        return f"{error.context}: "
    return f"{error.context} that began in line {begun.line + 1}: "


def _syntax_hint(said: str, text: str, line: int | None) -> str | None:
    lines = text.splitlines()
    if line is not None and line <= len(lines) and re.search(r"\{.*\$\{", lines[line - 1]):
        return "inside { } put ${NAME} in quotes"
    if _SPECIAL.search(said):
        return "a value that begins with a special character needs quotes"
    return None


def _without_text(match: re.Match[str]) -> str:
    """Leave out a quotation from the file, which may be a secret."""
    return match[0] if _HARMLESS.fullmatch(match[1] or match[2] or "") else "(text)"


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


class _Reader:
    """Walks the nodes once and collects values, lines and findings."""

    def __init__(self) -> None:
        self.lines: dict[Place, int] = {}
        self.findings: list[Finding] = []
        self._open: set[int] = set()
        self._count = 0

    def read(self, node: Node, place: Place, line: int) -> object:
        self._count += 1
        if self._count > _MOST_VALUES or len(place) > _DEEPEST:
            raise NotYaml(line, "too large: more values or levels than a configuration can have")
        self.lines[place] = line
        if id(node) in self._open:
            return self._unreadable(place, "refers to itself")
        self._open.add(id(node))
        try:
            return self._value(node, place)
        finally:
            self._open.discard(id(node))

    def _value(self, node: Node, place: Place) -> object:
        if isinstance(node, MappingNode) and node.tag == f"{_TAG}map":
            return self._mapping(node, place)
        if isinstance(node, SequenceNode) and node.tag == f"{_TAG}seq":
            items = enumerate(node.value)
            return [self.read(item, (*place, index), _line(item)) for index, item in items]
        if isinstance(node, ScalarNode) and node.tag in _SCALARS:
            return self._scalar(node, place)
        return self._unreadable(place, "has a YAML tag that is not supported")

    def _scalar(self, node: ScalarNode, place: Place) -> object:
        if not _is_unicode(node.value):
            return self._unreadable(place, "is not valid Unicode")
        try:
            return _SCALARS[node.tag](node.value)
        except ValueError:
            return self._unreadable(place, "is not a number that can be read")

    def _mapping(self, node: MappingNode, place: Place) -> dict[str, object]:
        values = self._merged(node, place)
        own: set[str] = set()
        for key, value in node.value:
            name = self._key(key, place)
            if name is None or key.tag == _MERGE:
                continue
            inner = (*place, name)
            if name in own:
                message = f"is given twice; the first stands in line {self.lines[inner]}"
                self.findings.append(Finding(inner, message, line=_line(key)))
            else:
                own.add(name)
                values[name] = self.read(value, inner, _line(key))
        return values

    def _merged(self, node: MappingNode, place: Place) -> dict[str, object]:
        """Read what `<<` brings in; of several, the first wins, and own keys win over all."""
        values: dict[str, object] = {}
        for key, value in node.value:
            if key.tag != _MERGE:
                continue
            for part in value.value if isinstance(value, SequenceNode) else [value]:
                merged = self.read(part, place, self.lines[place])
                if isinstance(merged, dict):
                    values = merged | values
                else:
                    message = "must refer to a mapping"
                    self.findings.append(Finding((*place, "<<"), message, line=_line(key)))
        return values

    def _key(self, key: Node, place: Place) -> str | None:
        if isinstance(key, ScalarNode) and _is_unicode(key.value):
            return str(key.value)
        self.findings.append(Finding(place, "keys must be text", line=_line(key)))
        return None

    def _unreadable(self, place: Place, message: str) -> str:
        self.findings.append(Finding(place, message))
        return UNREADABLE


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)
