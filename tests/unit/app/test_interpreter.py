"""All threads take memory from one heap."""

import platform
import subprocess
import sys

import pytest

#: Threads that hold memory of the C library's at the same time; it then tells its heaps.
PROGRAM = """
import ctypes, threading
from monitor.app.interpreter import keep_one_heap

if {keeps_one}:
    keep_one_heap()
all_hold = threading.Barrier(4)

def hold():
    held = [bytes(10_000) for _ in range(10)]
    all_hold.wait()

threads = [threading.Thread(target=hold) for _ in range(4)]
for each in threads:
    each.start()
for each in threads:
    each.join()
libc = ctypes.CDLL(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other libraries have one heap")
@pytest.mark.parametrize(
    ("keeps_one", "is_one"), [(True, True), (False, False)], ids=["asked for", "unless asked for"]
)
def test_threads_share_one_heap(*, keeps_one: bool, is_one: bool) -> None:
    command = [sys.executable, "-c", PROGRAM.format(keeps_one=keeps_one)]
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout

    assert (told.count("<heap nr=") == 1) is is_one
