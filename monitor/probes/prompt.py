"""What the models are asked."""

from monitor.model.target import Kind

#: No digits and no words of failure: servers echo prompts in error bodies, and the rules of the
#: classifier must not meet them there.
_PROMPTS = {
    Kind.COMPLETION: "Name the colours of the rainbow, in order, in one sentence.",
    Kind.THROUGHPUT: "Tell the story of a river from its spring to the sea, in four paragraphs.",
}


def prompt(kind: Kind, nonce: str) -> str:
    """Write the prompt; the nonce at its head defeats prompt caches."""
    return f"[{nonce}] {_PROMPTS.get(kind, _PROMPTS[Kind.COMPLETION])}"


def letters(data: bytes) -> str:
    """Spell random bytes as letters, two for each byte.

    >>> letters(bytes([0, 255]))
    'aapp'
    """
    return "".join("abcdefghijklmnop"[byte >> 4] + "abcdefghijklmnop"[byte & 15] for byte in data)
