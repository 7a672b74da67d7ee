"""Configurations of LiteLLM's, made and read."""

import re
from typing import Any

import yaml

from monitor.config.importing import Imported, import_litellm
from monitor.config.load import load_text
from monitor.config.secrets import Sources
from monitor.config.settings import Settings
from monitor.model.target import Target


def imported(*entries: Any, **sections: Any) -> Imported:
    return import_litellm(yaml.safe_dump({"model_list": list(entries), **sections}))


def entry(model: str, name: str = "chat", info: Any = None, **params: Any) -> dict[str, Any]:
    about = {} if info is None else {"model_info": info}
    return {"model_name": name, "litellm_params": {"model": model, **params}, **about}


def loaded(made: Imported) -> Settings:
    """What check-config reads, with each variable set."""
    environ = {
        name: "https://east.example/v1" if name.endswith("_BASE") else "value-0123456789"
        for name in re.findall(r"\$\{(\w+)", made.text)
    }
    return load_text(made.text, sources=Sources(environ), name="monitor.yaml")


def targets(made: Imported) -> list[Target]:
    return [probe.target for probe in loaded(made).probes]


def target(*entries: Any) -> Target:
    (one,) = targets(imported(*entries))
    return one


def said(made: Imported) -> str:
    return "\n".join(made.notes)
