"""Child processes that cannot outlive us."""

import ctypes
import os
import signal
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


def die_with(parent: int) -> Callable[[], None]:
    """For `preexec_fn`: the kernel kills the child when its parent goes, even by SIGKILL.

    The parent is asked for again afterwards, since it may have gone before the kernel was told. A function between fork and
    exec is safe only in a process of one thread; the launcher is one, and the kernel ties the signal to the
    thread that forked.
    """

    def arrange() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(127)

    return arrange
