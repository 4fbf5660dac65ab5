"""Progress of a fleet: a line for each running machine on a terminal, a plain line for each that ends elsewhere."""

import shutil
import sys
import time

from emulated.fleet import RunningJob, Watcher

_WORDS = {0: "pass", 1: "fail", 2: "wrong input", 3: "not conclusive"}


def word_for(status: int) -> str:
    """An exit status as a word."""
    return _WORDS.get(status, f"status {status}")


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


class PlainProgress(Watcher):
    """For logs: one line when a machine has ended."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0

    def ended(self, running: RunningJob, status: int) -> None:
        self._done += 1
        line = f"[{self._done}/{self._total}] {running.job.machine.name}: {word_for(status)}, {running.seconds:.0f} s"
        print(line, file=sys.stderr, flush=True)


class TerminalProgress(PlainProgress):
    """For people: what runs now, and how long it may still take, below what has ended."""

    def __init__(self, total: int, at_once: int) -> None:
        super().__init__(total)
        self._at_once = at_once
        self._lines = 0
        self._started = time.monotonic()

    def _erase(self) -> None:
        if self._lines:
            print(f"\x1b[{self._lines}A\x1b[J", end="", file=sys.stderr)
            self._lines = 0

    def ended(self, running: RunningJob, status: int) -> None:
        self._erase()
        super().ended(running, status)

    def _time_left(self) -> str:
        if self._done == 0:
            return "time left not known yet"
        passed = time.monotonic() - self._started
        return f"about {_minutes(passed * (self._total - self._done) / self._done)} left"

    def refresh(self, running: list[RunningJob]) -> None:
        self._erase()
        if not running:
            return
        width = shutil.get_terminal_size().columns - 1
        lines = [f"{each.job.machine.name:24} {_minutes(each.seconds)}  {each.last_line()}" for each in running]
        lines.append(f"{self._done} of {self._total} done, {self._time_left()}")
        for line in lines:
            print("".join(letter if letter.isprintable() else " " for letter in line)[:width], file=sys.stderr)
        sys.stderr.flush()
        self._lines = len(lines)


def progress_for(total: int, at_once: int) -> Watcher:
    """The display that fits where standard error goes."""
    return TerminalProgress(total, at_once) if sys.stderr.isatty() else PlainProgress(total)
