"""The two ways in which a command of this part ends early, and the one place that turns them into an exit status.

Every error is made where it happens, with the facts in it, as one line; on the way up nobody rewords it. The exit statuses
are those of the whole `numaproof` command: 2 for what the user can mend in the command or a file, 3 for
what could not be run.
"""

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn


class Problem(Exception):
    """An error that ends the command; its text is the one line that the user sees."""

    status = 3


class BadInput(Problem):
    """The command line or a file it names is wrong."""

    status = 2


class CannotRun(Problem):
    """The machine could not be run, or was lost before its command had ended."""

    status = 3


class Interrupted(BaseException):
    """A signal asked the command to end; raised in the main thread, so that every `finally` runs."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _interrupt(number: int, _frame: FrameType | None) -> None:
    for again in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(again, signal.SIG_IGN)
    raise Interrupted(number)


def die_by_signal(number: int) -> NoReturn:
    """Ends as the signal would have ended us, so that a shell or a parent sees why."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    sys.exit(128 + number)


def run_as_command(verb: str, main: Callable[[list[str]], int]) -> NoReturn:
    """Runs a verb's main function and ends the process with its exit status, or with the error's."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        status = main(sys.argv[1:])
        sys.stdout.flush()
    except Problem as problem:
        print(f"numaproof {verb}: {problem}", file=sys.stderr)
        status = problem.status
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        die_by_signal(signal.SIGPIPE)
    except Interrupted as interrupted:
        die_by_signal(interrupted.number)
    sys.exit(status)
