"""What became of a guest, from the evidence of its run: its command's exit status, or how the guest was lost, by name."""

import re
import signal

from emulated.command_line import ENDED_BY_INIT, QEMU
from emulated.errors import CannotRun
from emulated.guest import ANSWER_SECONDS, Evidence
from emulated.machine import Machine

STALLED = "stalled"

_PANIC = re.compile(r"Kernel panic - not syncing: ([^\r\n]*)")
# The kernel's watchdog blames what the CPU was at. Nothing stands still in the idle task but the machine itself; anything else
# may be a program, or a call of it, that spins. Programs may take the name of the idle task, but not its number, 0.
_STALL = re.compile(r"soft lockup - CPU#\d+ stuck for \d+s! \[swapper/\d+:0\]")
# What a machine that stood still cannot have brought about: a pass, and a word about the command line.
_STATUSES_THAT_STAND = (0, 2)


class LostGuest(CannotRun):
    """The guest did not come to its end; `cause` is a word for tables, `detail` a sentence."""

    def __init__(self, machine: Machine, cause: str, text: str) -> None:
        super().__init__(f"the machine {machine.name} was lost ({cause}): {text}")
        self.cause = cause
        self.detail = text


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last_line(log: bytes) -> str:
    lines = [line.strip() for line in log.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "nothing was said"


def _stalled(machine: Machine, stall: str, end: str) -> LostGuest:
    mend = "give the host less to do meanwhile, or run fewer machines at once"
    return LostGuest(machine, STALLED, f"it stood still with nothing to do ({stall}), and {end}; {mend}")


def _find_stall(evidence: Evidence) -> str | None:
    """What the guest's kernel said about a CPU that stood still while it was idle."""
    found = _STALL.search(evidence.console.decode(errors="replace"))
    return found[0] if found else None


def why_lost(machine: Machine, evidence: Evidence) -> LostGuest:
    """For a guest without the word "ended": the first cause that the evidence shows."""
    console = bytes(evidence.console)
    panic = _PANIC.search(console.decode(errors="replace"))
    if panic:
        cause = "out-of-memory" if "memory" in panic[1].lower() else "panic"
        return LostGuest(machine, cause, f"kernel panic: {panic[1]}")
    if evidence.trouble is not None:
        return LostGuest(machine, "guest", evidence.trouble)
    if evidence.overtime == "boot":
        text = f"its kernel did not reach init in time; the console's last line: {_last_line(console)}"
        return LostGuest(machine, "no-boot", text)
    stall = _find_stall(evidence)
    if stall is not None and evidence.overtime is not None:
        return _stalled(machine, stall, f"did not end within its time ({evidence.overtime})")
    if evidence.overtime == "hang":
        return LostGuest(machine, "hang", f"it did not answer for {ANSWER_SECONDS} s")
    if evidence.overtime == "limit":
        what = "the command still ran" if evidence.booted_after is not None else "it had not booted"
        limit = f"{what} after {machine.limits.seconds} s; seconds in [limits] of a machine file allows more"
        return LostGuest(machine, "time-limit", limit)
    if evidence.broken_line is not None:
        return LostGuest(machine, "lost-line", evidence.broken_line)
    status = evidence.qemu_status
    if status is not None and status < 0:
        text = f"{QEMU} was killed by {_signal_name(-status)}"
        return LostGuest(machine, "qemu-killed", text)
    if status in (0, ENDED_BY_INIT):
        return LostGuest(machine, "lost-line", "the machine went off without a word of the command's end")
    return LostGuest(machine, "qemu", f"{QEMU} ended with status {status}: {_last_line(evidence.qemu_words)}")


def exit_status(machine: Machine, evidence: Evidence) -> int:
    """
    The exit status of the command inside; LostGuest for a guest that did not end as init ends it, or that stood still: time
    limits inside mean nothing then, and what exceeded them is not to blame.
    """
    if evidence.ended is None or evidence.broken_line or evidence.overtime:
        raise why_lost(machine, evidence)
    what, _, number = evidence.ended.partition(" ")
    if what == "out-of-memory":
        raise LostGuest(machine, "out-of-memory", "the guest's kernel killed the command for want of memory")
    if what == "signal":
        raise LostGuest(machine, "killed", f"the command was killed by {_signal_name(int(number))} inside")
    if evidence.qemu_status != ENDED_BY_INIT or evidence.results is None:
        text = f"the command ended with {number}, but the machine did not switch itself off ({evidence.qemu_status})"
        raise LostGuest(machine, "lost-line", text)
    stall = _find_stall(evidence)
    if stall is not None and int(number) not in _STATUSES_THAT_STAND:
        raise _stalled(machine, stall, f"its command ended with status {number}")
    return int(number)
