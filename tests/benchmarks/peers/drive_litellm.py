"""Drives LiteLLM's health check, with the parameters of its proxy.

It asks for a whole answer and tells no times; the proxy shows the time that the check took.
"""

import asyncio
import os
import time
from importlib import import_module

from tests.benchmarks.peers.driving import drive, read_order

_MAX_TOKENS = 16


async def main() -> None:
    """Do as ordered."""
    order = read_order()
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    litellm = import_module("litellm")

    async def probe(model: str) -> float | None:
        begin = time.time()  # noqa: TID251 - the clock of LiteLLM's proxy
        answer = await litellm.ahealth_check(
            {
                "model": f"openai/{model}",
                "api_base": f"{order.origin}/v1",
                "api_key": "bench-key",
                "messages": [{"role": "user", "content": "What's 1 + 1?"}],
                "max_tokens": _MAX_TOKENS,
            },
            mode="chat",
        )
        seconds = time.time() - begin  # noqa: TID251 - as above
        return None if "error" in answer else seconds

    await drive("litellm", order, probe)


if __name__ == "__main__":
    asyncio.run(main())
