"""Configurations of other programs, read into ours: begin with `gateway`."""

from monitor.config.importing.gateway import Imported, import_litellm

__all__ = ["Imported", "import_litellm"]
