"""numaproof vm: run a numaproof command in an emulated machine.

Called by the `numaproof` command, which names itself and its library in the environment. The command's output appears as it is
printed; its result files and the console log end up in the result folder; its exit status becomes ours.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import NoReturn

from emulated import channel
from emulated.accelerator import choose_accelerator, qemu_version
from emulated.channel import Frame
from emulated.errors import BadInput, CannotRun, run_as_command
from emulated.guest import Guest
from emulated.initramfs import Command, Label, command_archive
from emulated.kernel import find_kernel
from emulated.machine import Machine
from emulated.machine_file import find_machine
from emulated.outcome import exit_status
from emulated.cache import write_whole
from emulated.results import result_folder, save_results

MACHINES = Path(__file__).resolve().parent / "machines"


class Parser(argparse.ArgumentParser):
    """Errors in one line, as the whole command has them."""

    def error(self, message: str) -> NoReturn:
        raise BadInput(f"{message}; see {self.prog} --help")


def _parser() -> Parser:
    parser = Parser(
        prog="numaproof vm",
        usage="numaproof vm --machine NAME|FILE [OPTION]... -- ARGUMENT...",
        description="Run `numaproof ARGUMENT...` in an emulated machine and bring its results out.",
        epilog="The exit status is the command's; 2 for wrong input, 3 when the machine was lost.",
    )
    parser.add_argument(
        "--machine", metavar="NAME|FILE", required=True, help="a machine of `numaproof machines`, or a file"
    )
    parser.add_argument("--accel", choices=("auto", "kvm", "tcg"), default="auto", help="how to emulate; default: auto")
    parser.add_argument("--kernel", metavar="FILE", help="the Linux kernel to boot; default: one of this machine's")
    parser.add_argument("--out", metavar="DIR", help="the result folder; default: one named by time")
    return parser


def split_arguments(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Ours and, after `--`, those of the command inside."""
    if "--" not in arguments:
        return arguments, []
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]


def _inner_command(arguments: list[str]) -> Command:
    program = Path(os.environ.get("NUMAPROOF_BINARY", ""))
    if not program.is_file():
        raise CannotRun("NUMAPROOF_BINARY must name the numaproof command; run this as `numaproof vm`")
    library = os.environ.get("NUMAPROOF_LIBRARY")
    if not arguments:
        raise BadInput("nothing to run: give the command's arguments after --, as in: -- conform")
    if any(argument == "--out" or argument.startswith("--out=") for argument in arguments):
        raise BadInput("--out belongs before --: the folder is one of this machine, not of the emulated one")
    init = program.resolve().parent.parent / "libexec" / "numaproof" / "guest-init"
    if not init.is_file():
        raise CannotRun(f"the guest's init is not there: {init}")
    return Command(program, Path(library) if library else None, init, arguments, Path.cwd())


def _check_memory(machine: Machine) -> None:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            available = int(line.split()[1]) << 10
            if available < machine.limits.memory:
                need, have = machine.limits.memory >> 20, available >> 20
                raise CannotRun(f"the machine {machine.name} needs {need}M of memory here, and {have}M are available")


def _relay(frame: Frame) -> None:
    """Passes on what the command printed, as it comes."""
    stream = {channel.OUTPUT: sys.stdout.buffer, channel.ERROR: sys.stderr.buffer}.get(frame.kind)
    if stream is not None:
        stream.write(frame.payload)
        stream.flush()


def main(arguments: list[str]) -> int:
    """Runs the verb."""
    ours, inner = split_arguments(arguments)
    options = _parser().parse_args(ours)
    machine = find_machine(options.machine, MACHINES)
    command = _inner_command(inner)
    folder = result_folder(options.out, machine.name)
    version = qemu_version()
    kernel = find_kernel(options.kernel)
    accelerator = choose_accelerator(options.accel, kernel, command.init, version)
    _check_memory(machine)
    print(f"emulated machine {machine.name}: {accelerator}; kernel {kernel.origin}", file=sys.stderr, flush=True)
    label = Label(machine.name, accelerator.name, version)
    with Guest(machine, accelerator.name, str(kernel.path), command_archive(command, label).content()) as guest:
        try:
            evidence = guest.listen(_relay)
        finally:
            write_whole(folder / "console.log", bytes(guest.evidence.console))
    status = exit_status(machine, evidence)
    save_results(evidence.results or b"", folder)
    return status


if __name__ == "__main__":
    run_as_command("vm", main)
