"""Where tables are printed: as wide as the terminal, and with colours only where they are wanted.

`NO_COLOR`, `FORCE_COLOR`, `TERM=dumb` and `COLUMNS` are honoured. No markup is read: what is shown
may be a provider's words.
"""

import os
import sys
from typing import IO

from rich.console import Console

#: Of what is read by a program or kept in a file.
_WIDTH = 180


def console(file: IO[str] | None = None, *, width: int | None = None) -> Console:
    """Open a console on standard output, or on any other stream."""
    stream = sys.stdout if file is None else file
    is_free = not stream.isatty() and "COLUMNS" not in os.environ
    return Console(
        file=stream,
        width=width or (_WIDTH if is_free else None),
        markup=False,
        emoji=False,
        highlight=False,
    )
