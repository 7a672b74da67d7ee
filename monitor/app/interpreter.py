"""How the interpreter is shared: the probing loop reads soon, and stands still seldom."""

import contextlib
import ctypes
import gc
import sys

#: A thread that wants the interpreter waits so long for one that does not let go (by default 5 ms).
_TURN_SECONDS = 0.001
#: A full garbage collection at most after so many of the middle generation (by default 10).
_FULL_AFTER = 100
#: By this number glibc's mallopt knows the most heaps (M_ARENA_MAX).
_MOST_HEAPS = -8


def keep_one_heap() -> None:
    """Have all threads take memory from one heap, where the C library is glibc.

    Only one of them runs at a time anyway, and each heap keeps what it has free for itself: with
    2,000 targets, 15 MB of 290.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(_MOST_HEAPS, 1)


def share_in_short_turns() -> None:
    """Let the probing loop have the interpreter sooner while a scrape or a snapshot is made."""
    sys.setswitchinterval(_TURN_SECONDS)


def spare_what_stands() -> None:
    """Keep full garbage collections short and rare; the probing loop stands still in them.

    What stands when the daemon serves stands until its end, and hardly anything that comes
    afterwards is in a cycle. Else 2,000 targets cost 0.2 s twice a minute, 10,000 half a second
    every seven seconds.
    """
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, _FULL_AFTER)
