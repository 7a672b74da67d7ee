"""Settings without a file: every provider whose usual API key is in the environment."""

from collections.abc import Mapping

from monitor.config.errors import ConfigError, Problem, show
from monitor.config.presets import PRESETS
from monitor.config.resolve import resolve
from monitor.config.schema import Document
from monitor.config.settings import Settings
from monitor.model.target import Secret

#: The variable that holds the token of the HTTP surfaces.
TOKEN = "MONITOR_TOKEN"
_SOURCE = "environment"


def from_environment(environ: Mapping[str, str]) -> Settings | None:
    """Probe the default model of each provider whose key is set; None if no key is.

    Raises:
        ConfigError: A key is set that cannot be sent, with a line break in it for example.
    """
    names = [
        preset.name
        for preset in PRESETS.values()
        if preset.default_model and not preset.places and environ.get(preset.env or "")
    ]
    if not names:
        return None
    resolution = resolve(Document(providers=dict.fromkeys(names)), environ)
    problems = [
        Problem(show(finding.place), None, finding.message, finding.hint)
        for finding in resolution.findings
    ]
    if problems:
        raise ConfigError(_SOURCE, problems)
    token = Secret(environ[TOKEN]) if environ.get(TOKEN) else None
    return Settings(
        probes=tuple(resolution.probes),
        token=token,
        source=_SOURCE,
        secrets=tuple(dict.fromkeys([*resolution.secrets, *([token] if token else [])])),
    )
