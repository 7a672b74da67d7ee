"""The program, whose probing loop stands still between SIGUSR1 and SIGUSR2."""

import signal
from types import FrameType

from monitor.cli import main


def _stand_still(_number: int, _frame: FrameType | None) -> None:
    signal.sigwait({signal.SIGUSR2})


if __name__ == "__main__":
    # In no thread, or it would end the process: each thread gets this mask from the main one.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
    signal.signal(signal.SIGUSR1, _stand_still)
    main()
