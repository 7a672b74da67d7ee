"""AWS Signature Version 4, by botocore, which is imported when the first request is signed.

A signature needs the final bytes and the time, so requests are signed right before they leave.
"""

from datetime import datetime

from monitor.model.target import Secret, Signing
from monitor.probes.exchange import WireRequest
from monitor.probes.extras import library

_ALGORITHM = "AWS4-HMAC-SHA256"


def signed(request: WireRequest, signing: Signing, *, now: datetime) -> WireRequest:
    """Give *request* with its signature; an `authorization` that it had is dropped.

    Args:
        request: What will be sent, with every header that matters.
        signing: Who signs, and for what.
        now: An aware UTC instant; AWS refuses one that is more than minutes off its own.

    Raises:
        MissingExtraError: botocore is not installed.
    """
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    headers = {name.lower(): value for name, value in request.headers}
    headers.pop("authorization", None)
    headers["x-amz-date"] = Secret(stamp)
    if signing.session_token:
        headers["x-amz-security-token"] = signing.session_token
    authorization = Secret(_authorization(request, headers, signing, stamp))
    return WireRequest(
        method=request.method,
        url=request.url,
        headers=(*headers.items(), ("authorization", authorization)),
        body=request.body,
    )


def _authorization(
    request: WireRequest, headers: dict[str, Secret], signing: Signing, stamp: str
) -> str:
    # Step by step rather than by `add_auth`, which would take the time from the machine.
    auth = library("botocore.auth", "bedrock")
    credentials = library("botocore.credentials", "bedrock").Credentials(
        signing.access_key_id, signing.secret_access_key.reveal()
    )
    signer = auth.SigV4Auth(credentials, signing.service, signing.region)
    asked = library("botocore.awsrequest", "bedrock").AWSRequest(
        method=request.method,
        url=request.url,
        headers={name: value.reveal() for name, value in headers.items()},
        data=request.body,
    )
    asked.context["timestamp"] = stamp
    text = signer.string_to_sign(asked, signer.canonical_request(asked))
    names = signer.signed_headers(signer.headers_to_sign(asked))
    signature = signer.signature(text, asked)
    credential = signer.scope(asked)
    return f"{_ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}"
