"""Many machines, a few at once: as many as there are processors, and as the host's memory holds.

Each machine is run by a `vm.py` of its own, a process that looks after its guest and writes its folder; here is only decided
when it starts. A guest's emulated CPUs share the host's processors well enough, so that one machine counts as one
job, whatever its size; the largest begin first, since they take longest.
"""

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from emulated.host import available_memory
from emulated.machine import Machine
from emulated.processes import die_with

OUTPUT = "output.txt"
_REFRESH_SECONDS = 1.0
_ENDING_SECONDS = 10


@dataclass(frozen=True)
class Job:
    """A machine to run, and where to."""

    machine: Machine
    file: str  # the machine's name or path, as vm.py takes it
    folder: Path


@dataclass
class RunningJob:
    """A job that has begun."""

    job: Job
    process: "subprocess.Popen[bytes]"
    descriptor: int  # becomes readable when the process ends
    started: float

    @property
    def seconds(self) -> float:
        """How long it runs already."""
        return time.monotonic() - self.started

    def last_line(self) -> str:
        """The last line that it printed."""
        try:
            with (self.job.folder / OUTPUT).open("rb") as file:
                file.seek(-min(4096, os.fstat(file.fileno()).st_size), os.SEEK_END)
                lines = file.read().decode(errors="replace").split("\n")
        except OSError:
            return ""
        printed = [line.strip() for line in lines if line.strip()]
        return printed[-1] if printed else ""


class Watcher:
    """What the fleet tells while it runs; a progress display overrides what it wants to know."""

    def began(self, running: RunningJob) -> None:
        """A machine was started."""

    def ended(self, running: RunningJob, status: int) -> None:
        """A machine's run is over, with this exit status of its vm.py."""

    def refresh(self, running: list[RunningJob]) -> None:
        """Time has passed."""


def _start(job: Job, vm_arguments: Callable[[Job], list[str]]) -> RunningJob:
    job.folder.mkdir(parents=True, exist_ok=True)
    with (job.folder / OUTPUT).open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-EsB", *vm_arguments(job)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with(os.getpid()),
        )
    return RunningJob(job, process, os.pidfd_open(process.pid), time.monotonic())


def _end(running: RunningJob) -> int:
    os.close(running.descriptor)
    return running.process.wait()


@contextmanager
def _all_ended(running: list[RunningJob]) -> Iterator[None]:
    """Whatever happens in between, no machine is left running."""
    try:
        yield
    finally:
        for each in running:
            each.process.terminate()
        deadline = time.monotonic() + _ENDING_SECONDS
        for each in running:
            try:
                each.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                each.process.kill()
            _end(each)


def _fits(job: Job, running: list[RunningJob], memory: int) -> bool:
    """
    Whether the host has memory for one more: of what it had for all of ours, for those that run have not asked for all of theirs
    yet, and of what it has now, which others may have taken. A job that is alone begins: nothing of ours is worth waiting for,
    and its vm.py says what is missing.
    """
    need = job.machine.limits.memory
    used = sum(each.job.machine.limits.memory for each in running)
    return not running or (used + need <= memory and need <= available_memory())


def run_fleet(jobs: list[Job], at_once: int, vm_arguments: Callable[[Job], list[str]], watcher: Watcher) -> None:
    """Runs all jobs; returns when the last has ended."""
    waiting = sorted(jobs, key=lambda job: (-job.machine.cpus, job.machine.name))
    running: list[RunningJob] = []
    with _all_ended(running):
        while waiting or running:
            if not running:
                memory = available_memory()
            for job in list(waiting):
                if len(running) < at_once and _fits(job, running, memory):
                    waiting.remove(job)
                    running.append(_start(job, vm_arguments))
                    watcher.began(running[-1])
            ready, _, _ = select.select([each.descriptor for each in running], [], [], _REFRESH_SECONDS)
            for each in [each for each in running if each.descriptor in ready]:
                running.remove(each)
                watcher.ended(each, _end(each))
            watcher.refresh(running)
