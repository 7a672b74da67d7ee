"""Pure: where pages are, and the ids of what stands on them."""

from hashlib import blake2s
from urllib.parse import quote


def target_href(key: str) -> str:
    """Give the path of a target's page.

    >>> target_href("acme/large@eu west")
    '/targets/acme/large@eu%20west'
    """
    # Dots alone a browser would take for folders.
    is_plain = not {"", ".", ".."} & set(key.split("/"))
    return f"/targets/{quote(key, safe='/@:+,=' if is_plain else '@:+,=', errors='replace')}"


def model_href(group: str) -> str:
    """Give the path of a group's page."""
    return f"/models/{quote(group, safe='/@:+,=', errors='replace')}"


def mark(name: str) -> str:
    """Make of any name a short one that may be an id in a page."""
    return blake2s(name.encode(errors="replace"), digest_size=5).hexdigest()
