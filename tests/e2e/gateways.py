"""Two LiteLLM proxies in front of the same two providers: one follows the monitor, one does not."""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from tests.e2e.servers import serving
from tests.e2e.venvs import LITELLM, cached_venv

#: The second model is there for what happens while the first is well.
MODEL, OTHER = "chat", "spare"
WITH, WITHOUT = "with", "without"
#: What LiteLLM calls the deployments: most have their target's key, one a name of its own.
DEPLOYMENTS = {
    ("acme", MODEL): f"acme/{MODEL}",
    ("bolt", MODEL): "3f9c0e",
    ("acme", OTHER): f"acme/{OTHER}",
    ("bolt", OTHER): f"bolt/{OTHER}",
}
CALLBACKS = {"callbacks": ["monitor.litellm.health_filter"]}
_ENVIRON = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_TELEMETRY": "False",
    # Users here have no keys; it listens on loopback, and is gone in a minute.
    "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",
}
_REPOSITORY = Path(__file__).parents[2]


@contextmanager
def both_ways(folder: Path, base_urls: Mapping[str, str], monitor: str) -> Iterator[dict[str, int]]:
    """Start both; give their ports.

    Args:
        folder: For their files.
        base_urls: Of the providers.
        monitor: Its address, whether it runs yet or not.
    """
    told = {"LLMPROBE_URL": monitor, "PYTHONPATH": str(_REPOSITORY)}
    config = proxy_config(base_urls)
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        origins = pool.map(
            stack.enter_context,
            (
                _proxy(folder / WITH, config | {"litellm_settings": CALLBACKS}, told),
                _proxy(folder / WITHOUT, config, {}),
            ),
        )
        ports = [urlsplit(origin).port or 0 for origin in origins]
        yield dict(zip((WITH, WITHOUT), ports, strict=True))


def proxy_config(base_urls: Mapping[str, str]) -> dict[str, Any]:
    """LiteLLM's `config.yaml`; it retries nothing, so that every failure is seen."""
    return {
        "model_list": [
            {
                "model_name": model,
                "litellm_params": {
                    "model": f"openai/{model}",
                    "api_base": base_urls[provider],
                    "api_key": "sim-key",
                },
                "model_info": {"id": deployment},
            }
            for (provider, model), deployment in DEPLOYMENTS.items()
        ],
        "router_settings": {"num_retries": 0},
    }


def _proxy(
    folder: Path, config: Mapping[str, Any], environ: Mapping[str, str]
) -> AbstractContextManager[str]:
    folder.mkdir()
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    litellm = str(cached_venv(LITELLM) / "litellm")
    command = [litellm, "--config", "config.yaml", "--host", "127.0.0.1", "--port"]
    path = os.pathsep.join(filter(None, (environ.get("PYTHONPATH"), os.environ.get("PYTHONPATH"))))
    return serving(
        lambda port: [*command, str(port)],
        folder,
        health="/health/liveliness",
        environ={**_ENVIRON, **environ, "PYTHONPATH": path},
    )
