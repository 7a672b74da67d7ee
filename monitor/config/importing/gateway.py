"""LiteLLM's `config.yaml` into a configuration of ours, and what it does not take over.

Whatever it gives can be used: each entry is read by our own loader before it is taken over. What
is written out as a secret is neither in the configuration nor in what is told.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from monitor.config.errors import ConfigError, Finding, Place, Problem, show
from monitor.config.importing.arranging import arrange, write
from monitor.config.importing.entry import Draft, draft, group_names
from monitor.config.importing.parameters import Parameters, Unusable, Variables
from monitor.config.load import load_text
from monitor.config.secrets import Sources
from monitor.config.yaml_lines import NotYaml, Tree, parse

_HEAD = "# Made from a LiteLLM configuration by `monitor import litellm`.\n"
_REFERENCE = re.compile(r"(?<!\$)\$\{(\w+)")
#: What stands in for variables while an entry is tried: it fits wherever one may stand.
_ANY, _ANY_URL = "unresolved", "https://host.example"
_OF_USE = ("model_list", "credential_list")
_ADVICE = {
    "environment_variables": "set them where the monitor runs, too",
    "include": "import those files, too",
}


@dataclass(frozen=True, slots=True)
class Imported:
    """What a configuration of LiteLLM's comes to.

    Attributes:
        text: A `monitor.yaml`; empty if no target was taken over.
        notes: What was not taken over and what is to be done, one a line, in the file's order.
        targets: How many targets it has.
    """

    text: str
    notes: tuple[str, ...]
    targets: int


def import_litellm(text: str, name: str = "config.yaml") -> Imported:
    """Read LiteLLM's configuration *text*, which came from the file *name*.

    Raises:
        ConfigError: It is no configuration of LiteLLM's at all.
    """
    try:
        tree = parse(text)
    except NotYaml as error:
        raise ConfigError(name, [error.problem]) from None
    entries = tree.value.get("model_list") if isinstance(tree.value, dict) else None
    if not isinstance(tree.value, dict) or not isinstance(entries, list):
        raise ConfigError(name, [Problem("", 1, "has no model_list, as LiteLLM's proxy wants it")])
    variables = Variables(text)
    drafts, findings = _drafts(entries, _credentials(tree.value), variables)
    arranged = arrange(drafts)
    written = write(arranged.providers) if drafts else ""
    findings += [*arranged.findings, *variables.findings(written), *_sections(tree.value)]
    return Imported(
        text=_head(written) + written if drafts else "",
        notes=_notes([*tree.findings, *findings], tree, name),
        targets=len(drafts),
    )


def _drafts(
    entries: list[object], credentials: dict[str, Any], variables: Variables
) -> tuple[list[Draft], list[Finding]]:
    drafts: list[Draft] = []
    findings: list[Finding] = []
    groups = group_names([_name(entry) for entry in entries])
    for index, entry in enumerate(entries):
        place: Place = ("model_list", index)
        try:
            made = _draft(entry, place, groups, credentials, variables)
            _try(made)
        except Unusable as error:
            findings.append(Finding(place, error.finding.message, error.finding.hint))
        except ValueError as error:
            findings.append(Finding(place, f"has a value that cannot be used: {error}"))
        else:
            drafts.append(made)
            findings.extend(_remarks(made))
    return drafts, findings


def _name(entry: object) -> str:
    name = entry.get("model_name") if isinstance(entry, dict) else None
    return name if isinstance(name, str) else ""


def _draft(
    entry: object,
    place: Place,
    groups: dict[str, str],
    credentials: dict[str, Any],
    variables: Variables,
) -> Draft:
    name = _name(entry)
    params = entry.get("litellm_params") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not name or not isinstance(params, dict):
        raise Unusable("has no model_name or no litellm_params")
    shared = credentials.get(str(params.get("litellm_credential_name")), {})
    said = Parameters(shared | params, (*place, "litellm_params"), variables)
    if said.take("litellm_credential_name") is not None and not shared:
        raise Unusable("names a credential that is not in the file")
    info = entry.get("model_info")
    about = info if isinstance(info, dict) else {}
    return draft(name, groups[name], said, Parameters(about, (*place, "model_info"), variables))


def _credentials(document: dict[str, Any]) -> dict[str, Any]:
    """Give what entries may share, by its name."""
    listed = document.get("credential_list")
    rows = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    return {
        str(row.get("credential_name")): row["credential_values"]
        for row in rows
        if isinstance(row.get("credential_values"), dict)
    }


def _try(made: Draft) -> None:
    """Read the draft as a configuration of its own.

    Raises:
        Unusable: It cannot be used.
    """
    text = write(arrange([made]).providers)
    environ = dict.fromkeys(_REFERENCE.findall(text), _ANY)
    address = str(made.reached.settings.get("base_url", ""))
    environ |= dict.fromkeys(_REFERENCE.findall(address), _ANY_URL)
    try:
        load_text(text, sources=Sources(environ), name="")
    except ConfigError as error:
        problem = error.problems[0]
        key = problem.path.rpartition(".")[2]
        raise Unusable(f"would not be sound here: {key} {problem.message}", problem.hint) from None


def _remarks(made: Draft) -> Iterator[Finding]:
    for remark in made.reached.remarks:
        yield Finding(made.place, remark)
    if made.left:
        yield Finding(made.place, f"not taken over: {', '.join(_safe(made.left))}")


def _safe(names: tuple[str, ...]) -> list[str]:
    return sorted(show((name,)) for name in names)


def _sections(document: dict[str, Any]) -> Iterator[Finding]:
    for section in document:
        if section not in _OF_USE:
            yield Finding((section,), "is not taken over", _ADVICE.get(section))


def _head(written: str) -> str:
    names = dict.fromkeys(_REFERENCE.findall(written))
    wanted = f"# It asks for these variables: {', '.join(names)}\n" if names else ""
    return _HEAD + wanted


def _notes(findings: list[Finding], tree: Tree, name: str) -> tuple[str, ...]:
    problems = [
        Problem(show(each.place), each.line or tree.line_of(each.place), each.message, each.hint)
        for each in dict.fromkeys(findings)
    ]
    problems.sort(key=lambda problem: problem.line or 0)
    return tuple(problem.text(name) for problem in problems)
