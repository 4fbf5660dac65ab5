"""Which accelerator emulates the CPUs: KVM where it works, else TCG, QEMU's own translator.

That /dev/kvm exists and opens says little: inside a virtual machine it may fail, or hang, at the first instruction of a
kernel. So KVM is tried with what it is needed for: our kernel is started with nothing but init, and has a
few seconds to say its first word and a few more to reach init. The answer is kept for this kernel, this QEMU and this
start of the host.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from emulated.cache import cache_folder, digest, write_whole
from emulated.command_line import QEMU
from emulated.errors import CannotRun
from emulated.guest import Evidence, Guest
from emulated.initramfs import bare_archive
from emulated.kernel import Kernel
from emulated.machine import Limits, Machine, Node
from emulated.outcome import why_lost

DEVICE = Path("/dev/kvm")
TRIAL_SECONDS = 8

_TRIAL = Machine(
    name="kvm-trial",
    title="The least machine, to see whether KVM boots",
    nodes=(Node(cpus=1, memory=256 << 20, socket=0),),
    distances=None,
    performance=None,
    devices=(),
    kernel_arguments="",
    limits=Limits(seconds=TRIAL_SECONDS, memory=0),
)


@dataclass(frozen=True)
class Accelerator:
    """The accelerator to use, and why it is not KVM when it is not."""

    name: str  # "kvm" or "tcg"
    why_not_kvm: str  # empty when nobody asked, or when it is KVM

    def __str__(self) -> str:
        return f"{self.name}, since {self.why_not_kvm}" if self.why_not_kvm else self.name


def qemu_version() -> str:
    """QEMU's version, as it says itself."""
    try:
        said = subprocess.run([QEMU, "--version"], capture_output=True, text=True, check=False).stdout
    except FileNotFoundError as error:
        raise CannotRun(f"{QEMU} is not installed: it is in the package qemu-system-x86") from error
    words = said.split()
    if len(words) < 4 or words[:3] != ["QEMU", "emulator", "version"]:
        raise CannotRun(f"{QEMU} --version does not say a version: {said.strip()!r}")
    return words[3]


def _try_kvm(kernel: Kernel, init: Path) -> str:
    """Boots a kernel under KVM; an empty text when that works, else why not."""
    with Guest(_TRIAL, "kvm", str(kernel.path), bare_archive(init).content()) as guest:
        evidence: Evidence = guest.listen(lambda frame: None, boot_seconds=TRIAL_SECONDS)
    if evidence.booted_after is not None:
        return ""
    if evidence.overtime:
        return f"no kernel boots under KVM within {TRIAL_SECONDS} s"
    return f"no kernel boots under KVM: {why_lost(_TRIAL, evidence).detail}"


def _remembered_or_tried(kernel: Kernel, init: Path, version: str) -> str:
    host_start = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    key = digest(f"{kernel.path} {version} {host_start} {os.getuid()}".encode())
    memory = cache_folder("accelerators") / key
    try:
        return memory.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        pass
    why_not = _try_kvm(kernel, init)
    write_whole(memory, why_not.encode())
    return why_not


def choose_accelerator(asked: str, kernel: Kernel, init: Path, version: str) -> Accelerator:
    """The accelerator for "auto", "kvm" or "tcg"; CannotRun when KVM is asked for by name and does not work."""
    if asked == "tcg":
        return Accelerator("tcg", "")
    if not DEVICE.exists():
        why_not = f"there is no {DEVICE}"
    elif not os.access(DEVICE, os.R_OK | os.W_OK):
        why_not = f"{DEVICE} may not be opened by this user (the group kvm may)"
    elif asked == "kvm":
        why_not = _try_kvm(kernel, init)
    else:
        why_not = _remembered_or_tried(kernel, init, version)
    if why_not and asked == "kvm":
        raise CannotRun(f"{why_not}; --accel auto or tcg does without KVM")
    return Accelerator("tcg", why_not) if why_not else Accelerator("kvm", "")
