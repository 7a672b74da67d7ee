"""Providers as data: one row each; `docs/adding-a-provider.md` says how to add one."""

from monitor.config.presets.hosts import HOSTS
from monitor.config.presets.labs import LABS
from monitor.config.presets.own import OWN
from monitor.config.presets.preset import Preset

__all__ = ["PRESETS", "Preset"]

#: Every preset by its name.
PRESETS: dict[str, Preset] = {preset.name: preset for preset in (*LABS, *HOSTS, *OWN)}
