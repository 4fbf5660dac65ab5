"""What the verbs share: options in one line of error, and the command that is to run inside."""

import argparse
import os
from pathlib import Path
from typing import NoReturn

from emulated.errors import BadInput, CannotRun
from emulated.initramfs import Command

MACHINES = Path(__file__).resolve().parent.parent / "machines"


class Parser(argparse.ArgumentParser):
    """Errors in one line, as the whole command has them; no option by its first letters."""

    def __init__(self, verb: str, usage: str, description: str, epilog: str = "") -> None:
        super().__init__(
            prog=f"numaproof {verb}",
            usage=f"numaproof {verb} {usage}",
            description=description,
            epilog=epilog,
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        raise BadInput(f"{message}; see {self.prog} --help")

    def add_emulation_options(self) -> None:
        """How to emulate, and from what."""
        self.add_argument(
            "--accel", choices=("auto", "kvm", "tcg"), default="auto", help="how to emulate the CPUs; default: auto"
        )
        self.add_argument("--kernel", metavar="FILE", help="the Linux kernel to boot; default: one of this machine's")
        self.add_argument("--out", metavar="DIR", help="the result folder; default: one named by time")


def split_arguments(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Ours and, after `--`, those of the command inside."""
    if "--" not in arguments:
        return arguments, []
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]


def inner_command(arguments: list[str]) -> Command:
    """The command that these arguments make, with the files of this build that it needs."""
    program = Path(os.environ.get("NUMAPROOF_BINARY", ""))
    if not program.is_file():
        raise CannotRun("NUMAPROOF_BINARY must name the numaproof command; run this as a verb of numaproof")
    library = os.environ.get("NUMAPROOF_LIBRARY")
    if not arguments:
        raise BadInput("nothing to run: give the command's arguments after --, as in: -- conform")
    if any(argument == "--out" or argument.startswith("--out=") for argument in arguments):
        raise BadInput("--out belongs before --: the folder is one of this machine, not of the emulated one")
    init = program.resolve().parent.parent / "libexec" / "numaproof" / "guest-init"
    if not init.is_file():
        raise CannotRun(f"the guest's init is not there: {init}")
    return Command(program, Path(library) if library else None, init, arguments, Path.cwd())
