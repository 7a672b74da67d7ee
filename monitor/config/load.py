"""A file into settings, or into all that is wrong with it."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import ValidationError

from monitor.config.errors import ConfigError, Finding, Place, Problem, show
from monitor.config.maintenance import maintenance
from monitor.config.resolve import Resolution, resolve
from monitor.config.retention import retention
from monitor.config.routers import routers
from monitor.config.schema import Document, Spool
from monitor.config.secrets import Expansion, Sources, database_passwords, expand
from monitor.config.settings import Settings, SpoolSettings, TlsSettings
from monitor.config.wording import findings as told
from monitor.config.yaml_lines import NotYaml, Tree, parse
from monitor.model.detail import Detail
from monitor.model.target import Secret


def load_file(path: Path, environ: Mapping[str, str]) -> Settings:
    """Read the configuration in *path*, with references into *environ* and secret files.

    Raises:
        ConfigError: It cannot be read or used; all that is wrong is told at once.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise ConfigError(str(path), [Problem("", None, message)]) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(str(path), [Problem("", line, "is not UTF-8")]) from None
    sources = Sources(environ=environ, directory=path.parent)
    return load_text(text, sources=sources, name=str(path))


def load_text(text: str, *, sources: Sources, name: str) -> Settings:
    """Read the configuration *text*, which came from the file *name*.

    Raises:
        ConfigError: It cannot be used.
    """
    try:
        tree = parse(text)
    except NotYaml as error:
        raise ConfigError(name, [error.problem]) from None
    if tree.value is None:
        message = "is empty; it must at least name providers"
        raise ConfigError(name, [Problem("", 1, message)])
    expansion = expand(tree.value, sources)
    document, wrong = _validate(expansion.value)
    resolution = resolve(document, sources.environ) if document else Resolution()
    findings = _causes(tree.findings, expansion.findings, wrong, resolution.findings)
    if findings or document is None:
        raise ConfigError(name, _problems(findings, tree))
    return _settings(document, expansion, resolution, tree, name)


def _validate(value: object) -> tuple[Document | None, list[Finding]]:
    """Hold *value* against the grammar; give what is sound of it, so that all of it is checked."""
    try:
        return Document.model_validate(value), []
    except ValidationError as error:
        found = list(told(error))
    if not isinstance(value, dict) or any(_is_for_all(finding.place) for finding in found):
        return None, found
    rest: object = value
    for finding in found:
        rest = _without(rest, _part(finding.place))
    # What is found in the rest only follows from what was left out: no models, no providers.
    return _validate(rest)[0], found


def _is_for_all(place: Place) -> bool:
    """What is wrong here leaves nothing that could be checked on its own."""
    return place in ((), ("providers",)) or place[:1] == ("defaults",)


def _part(place: Place) -> Place:
    """Give the part that falls with *place*: a model, else a provider, else a top-level key."""
    if place[:1] != ("providers",):
        return place[:1]
    is_model = place[2:3] == ("models",) and len(place) > len(("providers", "name", "models"))
    return place[:4] if is_model else place[:2]


def _without(value: object, place: Place) -> object:
    """Give *value* without what stands at *place*."""
    if not isinstance(value, dict) or place[0] not in value:
        return value
    rest = {key: part for key, part in value.items() if key != place[0]}
    if len(place) == 1:
        return rest
    return rest | {place[0]: _without(value[place[0]], place[1:])}


def _causes(*stages: Iterable[Finding]) -> list[Finding]:
    """Join what the stages found, without what only follows from an earlier stage's findings."""
    causes: list[Finding] = []
    for stage in stages:
        told_of = {finding.place for finding in causes}
        causes += [finding for finding in stage if finding.place not in told_of]
    return causes


def _problems(findings: Iterable[Finding], tree: Tree) -> list[Problem]:
    """Give findings their lines; what several targets share is told once."""
    return [
        Problem(
            show(finding.place),
            finding.line or tree.line_of(finding.place),
            finding.message,
            finding.hint,
        )
        for finding in dict.fromkeys(findings)
    ]


def _settings(
    document: Document, expansion: Expansion, resolution: Resolution, tree: Tree, name: str
) -> Settings:
    literal = "is written out in the file"
    hint = "use ${NAME} or file:/path"
    warnings = [Finding(place, literal, hint) for place in expansion.literals]
    warnings += resolution.warnings
    secrets = (*expansion.secrets, *resolution.secrets, *database_passwords(document.database))
    return Settings(
        probes=tuple(resolution.probes),
        discoveries=tuple(resolution.discoveries),
        budget=resolution.budget,
        limits=resolution.limits,
        retention=retention(document),
        canary=document.network.canary if document.network else None,
        vantage=document.vantage,
        database=document.database,
        spool=_spool(document),
        listen=document.listen,
        tls=TlsSettings(**document.tls.model_dump()) if document.tls else None,
        public=document.public,
        maintenance=maintenance(document.maintenance or ()),
        detail=Detail(document.metrics.detail) if document.metrics else Detail.DEFAULT,
        routers=routers(document),
        token=Secret(document.token.get_secret_value()) if document.token else None,
        source=f"file {name}",
        secrets=tuple(dict.fromkeys(secrets)),
        warnings=tuple(problem.text(name) for problem in _problems(warnings, tree)),
    )


def _spool(document: Document) -> SpoolSettings:
    spool = document.spool or Spool()
    return SpoolSettings(path=spool.path, max_bytes=spool.max_bytes)
