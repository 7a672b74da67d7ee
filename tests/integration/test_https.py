"""A daemon of a file that asks for HTTPS, a token and all metrics, as Prometheus would ask it."""

import asyncio
import base64
import gzip
import ssl
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest
import trustme
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open

from monitor.app.daemon import Daemon
from monitor.config.load import load_file
from monitor.config.settings import Settings
from monitor.export.server import ServerError

TOKEN = "planted-token"
_FILE = """
listen: 127.0.0.1:0
database: sqlite:///{folder}/monitor.db
token: ${{TOKEN}}
tls: {{certificate: "{folder}/certificate.pem", private_key: "{folder}/key.pem"}}
metrics: {{detail: full}}
providers:
  own:
    base_url: http://127.0.0.1:9
    dialect: openai_chat
    throughput: {{interval_seconds: 3600}}
    models: {{small: {{}}}}
"""


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def settings(tmp_path: Path, authority: trustme.CA) -> Settings:
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "certificate.pem")
    file = tmp_path / "monitor.yaml"
    file.write_text(_FILE.format(folder=tmp_path))
    return load_file(file, {"TOKEN": TOKEN})


def ask(url: str, context: ssl.SSLContext | None, password: str = TOKEN) -> tuple[str, str]:
    """Scrape as Prometheus does with `basic_auth`; give the format and the text."""
    name = base64.b64encode(f"prometheus:{password}".encode()).decode()
    headers = {
        "accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5",
        "accept-encoding": "gzip",
        "authorization": f"Basic {name}",
    }
    request = Request(f"{url}/metrics", headers=headers)  # noqa: S310 - our own
    with urlopen(request, timeout=20, context=context) as answer:  # noqa: S310 - our own
        assert answer.headers["content-encoding"] == "gzip"
        return answer.headers["content-type"], gzip.decompress(answer.read()).decode()


async def test_a_scrape_by_https_with_a_password_is_answered_and_no_other(
    settings: Settings, authority: trustme.CA
) -> None:
    serving: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    daemon = Daemon(settings)
    life = asyncio.create_task(daemon.run(serving.set_result))
    url = await serving
    context = ssl.create_default_context()
    authority.configure_trust(context)
    try:
        content_type, text = await asyncio.to_thread(ask, url, context)
        with pytest.raises(HTTPError, match="401") as refused:
            await asyncio.to_thread(ask, url, context, "wrong")
        refused.value.close()
        with pytest.raises(URLError, match="certificate verify failed"):
            await asyncio.to_thread(ask, url, ssl.create_default_context())
        with pytest.raises((URLError, ConnectionError)):
            await asyncio.to_thread(ask, url.replace("https", "http"), None)
    finally:
        daemon.stop()
        await life

    assert url.startswith("https://127.0.0.1:")
    assert content_type.startswith("application/openmetrics-text")
    names = {family.name for family in parse_open(text)}  # type: ignore[no-untyped-call]
    assert {"llmprobe_up", "llmprobe_ttfat_seconds", "llmprobe_slots_missed"} <= names


def test_files_that_cannot_be_used_stop_the_start_before_anything_is_opened(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "key.pem").write_text("nonsense")

    with pytest.raises(ServerError, match=r"tls\.private_key"):
        Daemon(settings)

    assert not (tmp_path / "monitor.db").exists()
