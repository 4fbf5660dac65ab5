"""A machine in QEMU's words.

The numbers that guest and launcher must agree on are here: the port that ends the machine, the place of the shared memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from emulated.machine import Device, Machine
from emulated.node_arguments import (
    cpu_arguments,
    distance_arguments,
    memory_arguments,
    node_arguments,
    performance_arguments,
)
from emulated.ticks import counter_khz

QEMU = "qemu-system-x86_64"
ENDED_BY_INIT = 85  # QEMU's exit status when init switched the machine off, see guest/system.c
MAILBOX_SIZE = 256 << 20
_MAILBOX_ADDRESS = "08.0"  # see guest/mailbox.c
_FIRST_BUS = 64  # of the first bridge to a node
_BUSES_OF_A_BRIDGE = 8

_KERNEL_ARGUMENTS = (
    "console=ttyS0 quiet panic=-1 numaproof.guest=1"
    # Time from the CPU's counter, which emulation keeps in step; the kernel would distrust it and read a slow device instead.
    " tsc=reliable"
    # On a busy host the kernel's trial of the timer interrupt fails now and then, and it gives up: "8254 timer not connected
    # to IO-APIC" (seen with Linux 6.1 under TCG).
    " no_timer_check"
    # Work of the kernel at boot that proves nothing here: self-tests of ciphers, patches against attacks.
    " cryptomgr.notests mitigations=off"
)

# String instructions are the fastest way to clear memory on hardware, and the slowest under emulation, which runs them a
# step at a time: without them the C library clears ten times faster and the kernel three times (QEMU 7.2, Linux 6.1).
# What the kernel calls rep_good is its own conclusion from the vendor, which no CPU flag takes back.
_CPU = "max"
_EMULATED_CPU = "max,-erms,-fsrm"
_EMULATED_KERNEL_ARGUMENTS = "clearcpuid=rep_good"

# What is added while the kernel runs is used, and in a way that lets it be taken away again.
_HOT_ADDED_ARGUMENTS = "memhp_default_state=online_movable"


@dataclass(frozen=True)
class Files:
    """Paths and descriptors that a QEMU process is given; the descriptors are inherited."""

    kernel: str
    initramfs: int
    mailbox: int
    console: int
    channel: int


def _device_arguments(devices: tuple[Device, ...]) -> list[str]:
    """Each device behind a bridge that firmware puts on its node; not hot-pluggable, which costs seconds of boot."""
    arguments = []
    for number, device in enumerate(devices):
        bus = _FIRST_BUS + number * _BUSES_OF_A_BRIDGE
        arguments += ["-device", f"pxb-pcie,id=bridge{number},bus_nr={bus},bus=pcie.0,numa_node={device.node}"]
        port = f"id=port{number},bus=bridge{number},chassis={number + 1},hotplug=off"
        arguments += ["-device", f"pcie-root-port,{port}"]
        if device.kind == "block":
            arguments += ["-blockdev", f"driver=null-co,node-name=disk{number},read-zeroes=on,size={16 << 20}"]
            arguments += ["-device", f"nvme,bus=port{number},drive=disk{number},serial={number}"]
        else:
            arguments += ["-device", f"e1000e,bus=port{number},romfile="]
    return arguments


def _emulated_kernel_arguments() -> str:
    khz = counter_khz()
    return _EMULATED_KERNEL_ARGUMENTS + (f" tsc_early_khz={khz}" if khz else "")


def qemu_command(machine: Machine, accelerator: str, files: Files, more: Sequence[str] = ()) -> list[str]:
    """The whole command; nothing in it depends on the user's QEMU configuration."""
    hmat = ",hmat=on" if machine.performance else ""
    hot_added = _HOT_ADDED_ARGUMENTS if any(node.hot_added for node in machine.nodes) else ""
    for_emulation = "" if accelerator == "kvm" else _emulated_kernel_arguments()
    kernel_arguments = f"{_KERNEL_ARGUMENTS} {for_emulation} {hot_added} {machine.kernel_arguments}"
    mailbox = f"memory-backend-file,id=mailbox,mem-path=/proc/self/fd/{files.mailbox},size={MAILBOX_SIZE},share=on"
    return [
        *(QEMU, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
        *("-name", f"numaproof-{machine.name}", "-machine", f"q35{hmat}", "-accel", accelerator),
        *("-cpu", _CPU if accelerator == "kvm" else _EMULATED_CPU),
        *cpu_arguments(machine),
        *memory_arguments(machine),
        *node_arguments(machine),
        *distance_arguments(machine.distances),
        *performance_arguments(machine.performance, machine.initiators),
        *_device_arguments(machine.devices),
        *("-chardev", f"socket,id=console,fd={files.console}", "-serial", "chardev:console"),
        *("-chardev", f"socket,id=channel,fd={files.channel}", "-serial", "chardev:channel"),
        *("-device", "isa-debug-exit,iobase=0x501,iosize=1"),
        *("-object", mailbox, "-device", f"ivshmem-plain,memdev=mailbox,bus=pcie.0,addr={_MAILBOX_ADDRESS}"),
        *more,
        *("-kernel", files.kernel, "-initrd", f"/proc/self/fd/{files.initramfs}"),
        *("-append", " ".join(kernel_arguments.split())),
    ]
