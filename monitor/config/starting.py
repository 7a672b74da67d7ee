"""A first configuration file, written from what is there: keys, or what LiteLLM is told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from monitor.config.errors import ConfigError, Problem
from monitor.config.importing import import_litellm
from monitor.config.presets import PRESETS, Preset

#: Beside the file, by `monitor config schema > monitor.schema.json`.
SCHEMA_NAME = "monitor.schema.json"
_HEAD = """\
# yaml-language-server: $schema={schema}
#
# What monitor probes. Keys are taken from the environment: none stands here.
# `monitor check-config` says what is wrong with this file, and what it costs a day.
# `monitor config schema > {schema}` lets editors complete and check it.
# A change is taken into force while the monitor runs.

listen: 127.0.0.1:9464            # metrics, API and pages; others can reach it only with a token
# token: ${{MONITOR_TOKEN}}
# public: true                    # without the token: states and uptime, nothing private
database: sqlite:///monitor.db    # or postgresql://user:${{DB_PASSWORD}}@host/monitor
# budget: {{usd_per_day: 5}}        # near it runs get rarer, and once it is spent they stop

defaults:
  interval_seconds: 60            # from run to run, of each target
# throughput: true                # tokens per second too, every quarter of an hour

# maintenance:                    # runs go on, nobody is woken
#   - {{providers: [openai], weekly: "Sun 02:00-04:00", zone: Europe/Berlin, reason: backups}}
"""
#: A plain scalar needs no quotes; anything else is quoted as JSON, which is YAML.
_PLAIN = re.compile(r"[A-Za-z][\w./@-]*")


@dataclass(frozen=True, slots=True)
class Started:
    """A first file.

    Attributes:
        text: What stands in it.
        probed: What it probes, in words.
        left_out: What was not taken over, and why.
    """

    text: str
    probed: str
    left_out: tuple[str, ...] = ()


def from_keys(environ: Mapping[str, str]) -> Started:
    """Write a file that probes every provider whose usual key is set; none is repeated.

    Without any key, what would be probed with one stands there as a comment.
    """
    known = [preset for preset in PRESETS.values() if preset.env]
    found = [preset for preset in known if environ.get(preset.env or "")]
    ready = [preset for preset in found if preset.default_model and not preset.places]
    left_out = tuple(_wants_more(preset) for preset in found if preset not in ready)
    blocks = [_commented(_block(preset)) for preset in found if preset not in ready]
    if not ready:
        blocks.append(_commented(_block(PRESETS["openai"])))
    text = _head() + "providers:\n" + "".join((*map(_block, ready), *blocks))
    told = ", ".join(preset.name for preset in ready)
    return Started(text, told or "nobody yet: no key of a known provider was found", left_out)


def from_litellm(text: str, name: str) -> Started:
    """Write a file that probes the deployments of a LiteLLM proxy's configuration.

    Args:
        text: That configuration.
        name: The name of its file.

    Raises:
        ConfigError: It is none, or nothing of it can be probed.
    """
    imported = import_litellm(text, name)
    if not imported.targets:
        problems = [Problem("", None, note) for note in imported.notes]
        raise ConfigError(name, [Problem("", None, "has no target for us"), *problems])
    return Started(_head() + imported.text, f"{imported.targets} targets", imported.notes)


def _head() -> str:
    return _HEAD.format(schema=SCHEMA_NAME)


def _block(preset: Preset) -> str:
    """Write a provider as its preset has it."""
    model = _word(preset.default_model or "MODEL")
    places = "".join(f"    {place}: {place.upper()}\n" for place in preset.places)
    return (
        f"  {preset.name}:\n    api_key: ${{{preset.env}}}\n{places}    models:\n"
        f"      {model}:{'  # the default of this provider' if preset.default_model else ''}\n"
    )


def _word(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else f'"{text}"'


def _commented(block: str) -> str:
    return "".join(f"# {line}\n" for line in block.splitlines())


def _wants_more(preset: Preset) -> str:
    wanted = [*preset.places, *([] if preset.default_model else ["models"])]
    return f"{preset.env} is set, but {preset.name} wants more: {', '.join(wanted)}"
