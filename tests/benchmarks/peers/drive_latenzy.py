"""Drives the probe of latenzy; its figure is a TTFT from before the connection on."""

import asyncio
import os
from importlib import import_module

from tests.benchmarks.peers.driving import drive, read_order

_KEY_NAME = "BENCH_KEY"
_TIMEOUT_SECONDS = 60.0
_MAX_TOKENS = 16


async def main() -> None:
    """Do as ordered."""
    order = read_order()
    os.environ[_KEY_NAME] = "bench-key"
    config, prompts = import_module("latenzy.config"), import_module("latenzy.probe").PROMPTS
    settings = config.ProviderConfig(
        provider="openai", models=["m"], base_url=order.origin, api_key_env=_KEY_NAME
    )
    small = config.PromptClass.small
    async with import_module("httpx").AsyncClient() as client:
        latenzy = import_module("latenzy.providers.openai").OpenAIProbe(settings, client)

        async def probe(model: str) -> float | None:
            result = await latenzy.probe(
                model=model,
                prompt_class=small.value,
                prompt=prompts[small],
                max_output_tokens=_MAX_TOKENS,
                timeout=_TIMEOUT_SECONDS,
            )
            ttft: float | None = result.ttft_seconds
            return ttft

        await drive("latenzy", order, probe)


if __name__ == "__main__":
    asyncio.run(main())
