#!/usr/bin/python3
"""Kills emulated machines at random moments: kill_guests.py COMMAND COUNT [SEED]

COMMAND is build/bin/numaproof. Each run starts a machine that would pass, lets a random part of its usual time go by, and
kills QEMU or the launcher by a random signal. Whatever was killed, and when:

- the run is no pass: its exit status is not 0, and a killed QEMU leaves no result.json; a killed launcher ends by the signal;
- within seconds no process of it is left;
- no file is left in the folder for temporary files, in /dev/shm, or half written among the results.

Meanwhile the launcher is stopped: whether it was done, and whether QEMU ended by the signal or just by itself, is then certain,
and nobody's word. A run in which there was nothing to kill any more does not count, and another is tried.

The seed is printed, and makes the same choices again. The exit status is 0 when all of that held in every run.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_MACHINE = 'title = "To be killed"\n[[node]]\ncpus = 2\nmemory = "256M"\n'
_INNER = ("conform", "--clause", "SET-*")
_SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGSEGV)
_ENDING_SECONDS = 60
_ENDED_BY_INIT = 85 << 8  # how QEMU ends when nobody kills it, as waitpid has it


@dataclass(frozen=True)
class Processes:
    """The processes of one run, told by the name of its machine, which is in all their command lines."""

    marker: str

    def found(self) -> list[tuple[int, str]]:
        """Number and program of each; zombies have no command line."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                line = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if self.marker.encode() in line:
                found.append((int(folder.name), Path(os.fsdecode(line.split(b"\0")[0])).name))
        return found

    def qemu(self) -> int | None:
        """QEMU; the launcher is the process that was started, and now and then a copy of it that is going to be QEMU."""
        for number, program in self.found():
            if program.startswith("qemu"):
                return number
        return None

    def all_gone(self) -> bool:
        """Whether they end within a time that is long for a kill."""
        deadline = time.monotonic() + _ENDING_SECONDS
        while self.found():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True


def _take_signals() -> None:
    """What ends the launcher ends it, also where this is run under nohup or in the background."""
    ends = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in ends:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ends)


class Trial:
    """One machine, killed or not."""

    def __init__(self, command: str, folder: Path, number: int) -> None:
        self.name = f"to-be-killed-{os.getpid()}-{number}"
        self.out = folder / "out"
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        machine = folder / f"{self.name}.toml"
        machine.write_text(_MACHINE)
        options = ["--machine", str(machine), "--accel", "tcg", "--out", str(self.out)]
        self._command = [command, "vm", *options, "--", *_INNER]
        self.processes = Processes(self.name)

    def start(self) -> "subprocess.Popen[bytes]":
        """The run, as a user would start it."""
        return subprocess.Popen(
            self._command,
            preexec_fn=_take_signals,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"TMPDIR": str(self.temporary)},
        )

    def leftovers(self) -> list[str]:
        """Whatever should not be there after the run."""
        left = [] if self.processes.all_gone() else [f"processes {self.processes.found()}"]
        left += [str(path) for path in self.temporary.iterdir()]
        left += [str(path) for path in Path("/dev/shm").iterdir() if "numaproof" in path.name]
        for path in self.out.rglob("*.json") if self.out.exists() else ():
            try:
                json.loads(path.read_text())
            except ValueError:
                left.append(f"{path}, which is not whole")
        left += [str(path) for path in self.out.rglob(".*")] if self.out.exists() else []
        return left


def _signal_process(number: int, what: signal.Signals) -> bool:
    """False when there is no such process any more."""
    try:
        os.kill(number, what)
    except ProcessLookupError:
        return False
    return True


def _state(number: int) -> tuple[str, int]:
    """Of a process: its state as a letter, and how it ended once that is Z; X when it is gone."""
    try:
        values = Path("/proc", str(number), "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "X", 0
    return values[0], int(values[-1])


def _comes_to(number: int, states: str) -> bool:
    """Whether a process is in one of these states within a time that is long for it."""
    deadline = time.monotonic() + _ENDING_SECONDS
    while _state(number)[0] not in states:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


@contextlib.contextmanager
def _stopped(number: int) -> Iterator[bool]:
    """Stops a process for a while; false when it has ended instead."""
    there = _signal_process(number, signal.SIGSTOP) and _comes_to(number, "TZX")
    try:
        yield there and _state(number)[0] == "T"
    finally:
        _signal_process(number, signal.SIGCONT)


def _was_done(out: Path) -> bool:
    """Whether the launcher had nothing left to do: the record is its last word, and says that the machine ended well."""
    try:
        record = json.loads((out / "machine.json").read_text())
    except OSError:
        return False
    return bool(record["outcome"] == "ended" and record["status"] == 0)


def _kill(trial: Trial, run: "subprocess.Popen[bytes]", victim: str, how: signal.Signals) -> tuple[bool, list[str]]:
    """Whether there was something to kill, and what was wrong with its end."""
    if run.poll() is not None:
        return False, []
    with _stopped(run.pid) as is_stopped:
        if not is_stopped or _was_done(trial.out):
            return False, []
        if victim == "launcher":
            return _signal_process(run.pid, how), []
        qemu = trial.processes.qemu()
        if qemu is None or not _signal_process(qemu, how):
            return False, []
        # The launcher is stopped and cannot bury it.
        if not _comes_to(qemu, "Z"):
            return True, ["QEMU did not end"]
        return _state(qemu)[1] != _ENDED_BY_INIT, []


def _wait(run: "subprocess.Popen[bytes]", seconds: float) -> None:
    try:
        run.wait(seconds)
    except subprocess.TimeoutExpired:
        pass


def kill_one(command: str, number: int, usual: float, chance: random.Random) -> tuple[float | None, str, list[str]]:
    """When it was not killed, how long a run takes, by it or as usual; what was done, and what was wrong."""
    victim, how = chance.choice(("qemu", "launcher")), chance.choice(_SIGNALS)
    after = chance.uniform(0.05, usual)
    with tempfile.TemporaryDirectory(prefix="numaproof-kills-") as name:
        trial = Trial(command, Path(name), number)
        began = time.monotonic()
        with trial.start() as run:
            _wait(run, after)
            killed, wrong = _kill(trial, run, victim, how)
            _wait(run, _ENDING_SECONDS if killed else max(_ENDING_SECONDS, 4 * usual))
            took = time.monotonic() - began
            wrong += [] if run.poll() is not None else ["it did not end"]
            run.kill()
        wrong += trial.leftovers()
        if killed and run.returncode == 0:
            wrong.append("it passed")
        # Python itself takes an early SIGINT for an error of its start.
        if killed and victim == "launcher" and run.returncode not in ((-how, 1) if how == signal.SIGINT else (-how,)):
            wrong.append("the launcher did not end by the signal")
        if killed and victim == "qemu" and (trial.out / "result.json").exists():
            wrong.append("a machine that was killed left a result")
    done = f"{victim} {how.name} after {after:.2f} s" if killed else f"{victim} was not there after {after:.2f} s"
    if run.returncode != 0:
        took = usual
    return None if killed else took, f"{done}: exit status {run.returncode}", wrong


def _usual_seconds(command: str) -> float:
    with tempfile.TemporaryDirectory(prefix="numaproof-kills-") as name:
        began = time.monotonic()
        with Trial(command, Path(name), 0).start() as run:
            run.wait()
        if run.returncode != 0:
            sys.exit(f"kill_guests: a machine that nobody kills ends with status {run.returncode}")
        return time.monotonic() - began


def main(command: str, count: int, seed: int) -> int:
    """Kills until @count runs really were."""
    chance, killed, faults, number = random.Random(seed), 0, 0, 0
    usual = _usual_seconds(command)
    print(f"seed {seed}; a run that nobody kills takes {usual:.1f} s", flush=True)
    while killed < count:
        number += 1
        took, what, wrong = kill_one(command, number, usual, chance)
        killed += took is None
        # The first may have had a busy host: who waits for longer than a run takes kills nothing.
        usual = usual if took is None else min(usual, took)
        faults += bool(wrong)
        print(f"{number:4}  {what}{''.join(f'; WRONG: {each}' for each in wrong)}", flush=True)
    print(f"{killed} killed, {number - killed} were not there to be killed, {faults} wrong")
    return 1 if faults else 0


if __name__ == "__main__":
    if not 3 <= len(sys.argv) <= 4 or not all(word.isdigit() for word in sys.argv[2:]):
        sys.exit("usage: kill_guests.py COMMAND COUNT [SEED]")
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) == 4 else time.time_ns() % 10**9))
