"""Pure: foreign words made harmless for a terminal, a spreadsheet and a document."""

import re
import unicodedata

_CUT = "…"
#: More of foreign words than anybody reads.
_LONGEST = 2000
#: What a spreadsheet takes for the begin of a formula, in whatever width it is written.
_FORMULA = re.compile(r"^[\s'\"]*[=+\-@|%＝＋－＠]")
#: No text stands at the begin of a line, where more would be marks.
_MARKDOWN = re.compile(r"([\\`*_{}\[\]!|~@]|:(?=//)|(?<=www)\.)")
#: What would begin a new line, or push what follows out of sight.
_GAP = re.compile(r" *[\t\n\v\f\r\x85\u2028\u2029]\s*| {4,}")
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"})


def inert(text: object, limit: int = _LONGEST) -> str:
    r"""Give text on one line that can neither command a terminal nor turn what stands beside it.

    Control characters, marks that turn the direction and others that cannot be seen are shown by
    their numbers.

    Args:
        text: Foreign words.
        limit: The most characters.

    >>> inert("\x1b[2Jup\u202e\n\nnwod")
    '\\x1b[2Jup\\u202e nwod'
    """
    words = str(text)
    cut = _GAP.sub(" ", words[: limit + 1]).strip()
    shown = "".join(map(_shown, cut))
    if len(shown) <= limit and len(words) <= limit:
        return shown
    return shown[: limit - 1] + _CUT


def cell(value: object) -> object:
    """Give what a spreadsheet shows and does not reckon; numbers stay numbers.

    >>> cell("=cmd|'/c calc'!A0"), cell(0.5), cell(None)
    ("'=cmd|'/c calc'!A0", 0.5, '')
    """
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    words = inert(value)
    return f"'{words}" if _FORMULA.match(words) else words


def markdown(text: object) -> str:
    r"""Give text that Markdown, and HTML in it, takes for text.

    >>> markdown("a|b <b>*x*</b>")
    'a\\|b &lt;b&gt;\\*x\\*&lt;/b&gt;'
    """
    words = inert(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(r"\\\1", words)


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _UNSEEN:
        return character
    number = ord(character)
    if number < 0x100:  # noqa: PLR2004 - two digits do
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"  # noqa: PLR2004
