"""Whom we trust: the one SSL context of the process."""

import ssl
from pathlib import Path

import certifi


def trust() -> ssl.SSLContext:
    """Make an SSL context (17-38 ms of blocking CPU): the system's authorities, HTTP/1.1.

    A bare container has none; then those that come with Python's certifi.
    """
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    paths = ssl.get_default_verify_paths()
    folder = Path(paths.capath) if paths.capath else None
    if not paths.cafile and not (folder and folder.is_dir() and any(folder.iterdir())):
        context.load_verify_locations(certifi.where())
    return context
