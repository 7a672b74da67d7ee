"""Signature Version 4, held against a second account of it that is all standard library."""

import hashlib
import hmac
import sys
from datetime import timedelta
from urllib.parse import quote, urlsplit

import pytest

from monitor.model.target import Secret, Signing
from monitor.probes.exchange import WireRequest
from monitor.probes.extras import MissingExtraError
from monitor.probes.signing import signed
from tests.fakes import START

SIGNING = Signing(
    access_key_id="AKIDEXAMPLE",
    secret_access_key=Secret("planted/secret+key"),
    region="eu-west-3",
)
REQUEST = WireRequest(
    method="POST",
    url="https://bedrock-runtime.eu-west-3.amazonaws.com/model/a.b-v1%3A0/converse?x=1&a=%20",
    headers=(("Content-Type", Secret("application/json")), ("authorization", Secret("Bearer x"))),
    body=b'{"messages": []}',
)


def shown(request: WireRequest) -> dict[str, str]:
    return {name: value.reveal() for name, value in request.headers}


def digest(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), hashlib.sha256)


def expected_signature(request: WireRequest, secret: str, scope: str) -> str:
    """The signature by the steps of AWS's reference, over all headers but itself."""
    headers = shown(request)
    del headers["authorization"]
    headers["host"] = urlsplit(request.url).netloc
    names = sorted(headers)
    canonical = [
        request.method,
        quote(urlsplit(request.url).path, safe="/~"),
        "&".join(sorted(urlsplit(request.url).query.split("&"))),
        *(f"{name}:{headers[name]}" for name in names),
        "",
        ";".join(names),
        hashlib.sha256(request.body).hexdigest(),
    ]
    hashed = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hashed])
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = digest(key, part)
    return digest(key, text).hex()


@pytest.mark.parametrize("token", [None, Secret("session-token")], ids=["lasting", "temporary"])
def test_the_signature_is_the_one_that_aws_describes(token: Secret | None) -> None:
    signing = Signing(
        access_key_id=SIGNING.access_key_id,
        secret_access_key=SIGNING.secret_access_key,
        session_token=token,
        region=SIGNING.region,
    )

    request = signed(REQUEST, signing, now=START)

    headers = shown(request)
    scope = "20260301/eu-west-3/bedrock/aws4_request"
    assert headers["x-amz-date"] == "20260301T120000Z"
    assert headers.get("x-amz-security-token") == (token.reveal() if token else None)
    assert headers["authorization"].startswith(
        f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, SignedHeaders=content-type;host;x-amz"
    )
    signature = expected_signature(request, SIGNING.secret_access_key.reveal(), scope)
    assert headers["authorization"].endswith(f"Signature={signature}")
    assert (request.url, request.body) == (REQUEST.url, REQUEST.body)


def test_the_secret_key_is_never_sent_nor_shown() -> None:
    request = signed(REQUEST, SIGNING, now=START)

    assert "planted" not in repr(request)
    assert "planted" not in repr(SIGNING)
    assert "planted" not in "".join(shown(request).values())


def test_every_signature_is_of_its_instant() -> None:
    first = signed(REQUEST, SIGNING, now=START)
    second = signed(REQUEST, SIGNING, now=START + timedelta(seconds=1))

    assert shown(first)["authorization"] != shown(second)["authorization"]


def test_without_botocore_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore.auth", None)

    with pytest.raises(MissingExtraError, match=r"\[bedrock\]"):
        signed(REQUEST, SIGNING, now=START)
