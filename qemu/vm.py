"""numaproof vm: run a numaproof command in an emulated machine.

Called by the `numaproof` command, which names itself and its library in the environment. The command's output appears as it is
printed; its result files and the console log end up in the result folder; its exit status becomes ours.
"""

import argparse
import sys
from pathlib import Path

from emulated import channel
from emulated.accelerator import Accelerator, choose_accelerator, qemu_version
from emulated.cache import write_whole
from emulated.channel import Frame
from emulated.counting import Counter, Wish, parse_cache
from emulated.errors import BadInput, CannotRun, run_as_command
from emulated.guest import BOOT_SECONDS, Evidence, Guest
from emulated.host import available_memory
from emulated.initramfs import Command, Label, command_archive
from emulated.kernel import find_kernel
from emulated.machine import Machine
from emulated.machine_file import find_machine
from emulated.outcome import STALLED, LostGuest, exit_status
from emulated.results import CONSOLE, STALLED_CONSOLE, RunRecord, result_folder, save_results
from emulated.verb import MACHINES, Parser, inner_command, split_arguments

# The kernel hangs before its first word in about one start of a hundred of four and more CPUs, on a busy host (Linux 6.1, QEMU
# 7.2); on the same host the next start works.
BOOTS = 3


def _parser() -> Parser:
    parser = Parser(
        "vm",
        usage="--machine NAME|FILE [OPTION]... -- ARGUMENT...",
        description="Run `numaproof ARGUMENT...` in an emulated machine and bring its results out.",
        epilog="The exit status is the command's; 2 for wrong input, 3 when the machine was lost.",
    )
    parser.add_argument("--machine", metavar="NAME|FILE", required=True, help="one of `numaproof machines`, or a file")
    parser.add_emulation_options()
    parser.add_argument("--count", action="store_true", help="count every access of user code by node, exactly")
    parser.add_argument("--delay", action="store_true", help="count, and make accesses cost what the machine declares")
    parser.add_argument("--cache", metavar="SETS,WAYS,LINE[,node]", help="count, behind a cache of this shape")
    return parser


def _wish(options: argparse.Namespace) -> Wish:
    cache = parse_cache(options.cache) if options.cache else None
    wish = Wish(options.count, options.delay, cache)
    if wish.anything and options.accel == "kvm":
        raise BadInput("--count, --delay and --cache need QEMU's own emulation: use them without --accel kvm")
    return wish


def _check_memory(machine: Machine) -> None:
    available = available_memory()
    if available < machine.limits.memory:
        need, have = machine.limits.memory >> 20, available >> 20
        raise CannotRun(f"the machine {machine.name} needs {need}M of memory here, and {have}M are available")


def _relay(frame: Frame) -> None:
    """Passes on what the command printed, as it comes."""
    stream = {channel.OUTPUT: sys.stdout.buffer, channel.ERROR: sys.stderr.buffer}.get(frame.kind)
    if stream is not None:
        stream.write(frame.payload)
        stream.flush()


def _run(
    machine: Machine, accelerator: Accelerator, kernel: str, initramfs: bytes, folder: Path, counter: Counter | None
) -> Evidence:
    """Runs the guest. One whose kernel never reached init has run nothing of the command, and is started again."""
    for boot in range(1, BOOTS + 1):
        with Guest(machine, accelerator.name, kernel, initramfs, counter=counter) as guest:
            try:
                evidence = guest.listen(_relay)
            finally:
                write_whole(folder / CONSOLE, bytes(guest.evidence.console))
        evidence.boots = boot
        if evidence.overtime != "boot" or boot == BOOTS:
            break
        print(f"numaproof vm: no boot within {BOOT_SECONDS} s, trying again", file=sys.stderr, flush=True)
    return evidence


def _stall_of(machine: Machine, evidence: Evidence) -> LostGuest | None:
    try:
        exit_status(machine, evidence)
    except LostGuest as lost:
        return lost if lost.cause == STALLED else None
    return None


def _run_once_more_after_a_stall(
    machine: Machine, accelerator: Accelerator, kernel: str, initramfs: bytes, folder: Path, counter: Counter | None
) -> Evidence:
    """
    Runs the guest, and a second time when it stood still. Of the first nothing counts: its results are not unpacked, and its
    accesses are forgotten. What it has printed cannot be taken back. Its console is kept beside the second's.
    """
    first = _run(machine, accelerator, kernel, initramfs, folder, counter)
    stall = _stall_of(machine, first)
    if stall is None:
        return first
    print(f"numaproof vm: {stall}", file=sys.stderr)
    print("numaproof vm: nothing of that counts, trying once more", file=sys.stderr, flush=True)
    write_whole(folder / STALLED_CONSOLE, bytes(first.console))
    if counter is not None:
        counter.begin_again()
    second = _run(machine, accelerator, kernel, initramfs, folder, counter)
    second.boots += first.boots
    again = _stall_of(machine, second)
    second.stalls = [each.detail for each in (stall, again) if each is not None]
    return second


def _make_counter(machine: Machine, wish: Wish, command: Command, version: str) -> Counter | None:
    libraries = [command.program.parent.parent / "lib"]
    if command.library is not None:
        libraries.insert(0, command.library.parent)
    return Counter(machine, wish, libraries, version) if wish.anything else None


def _judge(machine: Machine, evidence: Evidence, folder: Path) -> RunRecord:
    """The run's record; the results lie in the folder when it says that the command ended."""
    record = RunRecord(
        machine.name,
        seconds=evidence.seconds,
        boot_seconds=evidence.booted_after,
        boots=evidence.boots,
        stalls=evidence.stalls,
    )
    try:
        record.status = exit_status(machine, evidence)
        save_results(evidence.results or b"", folder)
    except LostGuest as lost:
        record.outcome, record.reason = lost.cause, str(lost)
    return record


def main(arguments: list[str]) -> int:
    """Runs the verb."""
    ours, inner = split_arguments(arguments)
    options = _parser().parse_args(ours)
    machine = find_machine(options.machine, MACHINES)
    wish = _wish(options)
    command: Command = inner_command(inner)
    folder = result_folder(options.out, "vm")
    version = qemu_version()
    kernel = find_kernel(options.kernel)
    accelerator = choose_accelerator("tcg" if wish.anything else options.accel, kernel, command.init, version)
    _check_memory(machine)
    print(f"emulated machine {machine.name}: {accelerator}; kernel {kernel.origin}", file=sys.stderr, flush=True)
    label = Label(machine.name, accelerator.name, version)
    counter = _make_counter(machine, wish, command, version)
    archive = command_archive(command, label, str(folder)).content()
    evidence = _run_once_more_after_a_stall(machine, accelerator, str(kernel.path), archive, folder, counter)
    if counter is not None:
        counter.save_totals(folder)
        counter.close()
    record = _judge(machine, evidence, folder)
    record.accelerator, record.qemu, record.kernel = str(accelerator), version, kernel.origin
    record.save(folder)
    if record.status is None:
        raise CannotRun(record.reason)
    return record.status


if __name__ == "__main__":
    run_as_command("vm", main)
