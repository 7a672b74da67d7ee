from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.config.load import load_text
from monitor.config.secrets import Sources
from monitor.config.settings import Settings

#: The environment that the files in `tests/config` refer to; no value may ever show up.
ENVIRON = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "sk-planted-aws",
    "AZURE_OPENAI_API_KEY": "sk-planted-azure",
    "DB_PASSWORD": "sk-planted-p%40ss",
    "EMPTY": "",
    "MONITOR_TOKEN": "sk-planted-token",
    "OPENAI_API_KEY": "sk-planted-openai",
    "OPENROUTER_API_KEY": "sk-planted-openrouter",
    "REASONING": "true",
    "XAI_API_KEY": "sk-planted-xai",
}

Load = Callable[[str], Settings]


@pytest.fixture(scope="session")
def environ() -> dict[str, str]:
    return ENVIRON


@pytest.fixture(scope="session")
def files() -> Path:
    return Path(__file__).parents[2] / "config"


@pytest.fixture(scope="session")
def load(files: Path) -> Load:
    """Load a text as if it stood beside the example files."""

    def load_it(text: str) -> Settings:
        return load_text(text, sources=Sources(ENVIRON, files), name="m.yaml")

    return load_it
