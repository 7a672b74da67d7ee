"""Who may ask: with the token as a bearer, or as a password."""

import base64

import pytest

from tests.unit.export.pictures import full_snapshot
from tests.unit.export.test_api import client

TOKEN = "right: token"


def basic(words: str) -> str:
    return "Basic " + base64.b64encode(words.encode()).decode()


@pytest.mark.parametrize(
    "header",
    [f"Bearer {TOKEN}", f"bearer {TOKEN}", basic(f":{TOKEN}"), basic(f"prometheus:{TOKEN}")],
    ids=["a bearer", "in another spelling", "a password", "a password with a name"],
)
def test_the_token_opens(header: str) -> None:
    ask = client(full_snapshot(), token=TOKEN)

    assert ask.get("/metrics", headers={"authorization": header}).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        f"Bearer {TOKEN} ",
        TOKEN,
        f"Digest {TOKEN}",
        basic(TOKEN),
        basic(f"{TOKEN}:"),
        basic(""),
        "Basic ?",
        "Basic é",
    ],
)
def test_nothing_else_opens(header: str) -> None:
    ask = client(full_snapshot(), token=TOKEN)

    refused = ask.get("/metrics", headers={b"authorization": header.encode()})

    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer, Basic realm=")
    assert TOKEN not in refused.text
