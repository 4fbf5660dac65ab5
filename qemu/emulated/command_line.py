"""A machine in QEMU's words.

The numbers that guest and launcher must agree on are here: the port that ends the machine, the place of the shared memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

from emulated.machine import Machine, Node, Performance

QEMU = "qemu-system-x86_64"
ENDED_BY_INIT = 85  # QEMU's exit status when init switched the machine off, see guest/system.c
MAILBOX_SIZE = 256 << 20
_MAILBOX_ADDRESS = "08.0"  # see guest/mailbox.c

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


@dataclass(frozen=True)
class Files:
    """Paths and descriptors that a QEMU process is given; the descriptors are inherited."""

    kernel: str
    initramfs: int
    mailbox: int
    console: int
    channel: int


def _topology(nodes: tuple[Node, ...]) -> str:
    """Sockets, dies and cores so that no cache is shared between nodes.

    A node is a die. QEMU builds only even machines: when nodes differ in CPUs, or sockets in nodes, each node is as many
    sockets as it takes, for a cache that spans nodes makes the kernel warn and drop its scheduling domain.
    """
    cpus = sum(node.cpus for node in nodes)
    cores = gcd(*(node.cpus for node in nodes))
    dies = [sum(node.cpus // cores for node in nodes if node.socket == socket) for socket in {n.socket for n in nodes}]
    even = len({count for count in dies if count > 0}) == 1
    per_socket = max(dies) if even else 1
    return f"{cpus},sockets={cpus // (cores * per_socket)},dies={per_socket},cores={cores},threads=1"


def _node_arguments(machine: Machine) -> list[str]:
    arguments = []
    first_cpu = 0
    initiators = machine.initiators
    for number, node in enumerate(machine.nodes):
        description = f"node,nodeid={number}"
        if node.memory:
            arguments += ["-object", f"memory-backend-ram,id=node{number},size={node.memory}"]
            description += f",memdev=node{number}"
        if node.cpus:
            description += f",cpus={first_cpu}-{first_cpu + node.cpus - 1}"
            first_cpu += node.cpus
        if machine.performance:
            nearest = number if node.cpus else _nearest(machine.performance, number, initiators)
            description += f",initiator={nearest}"
        arguments += ["-numa", description]
    return arguments


def _nearest(performance: Performance, target: int, initiators: list[int]) -> int:
    return min(initiators, key=lambda node: performance.latency[initiators.index(node)][target])


def _distance_arguments(distances: tuple[tuple[int, ...], ...] | None) -> list[str]:
    arguments = []
    for origin, row in enumerate(distances or ()):
        for target, distance in enumerate(row):
            arguments += ["-numa", f"dist,src={origin},dst={target},val={distance}"]
    return arguments


def _performance_arguments(performance: Performance | None, initiators: list[int]) -> list[str]:
    if performance is None:
        return []
    arguments = []
    for row, initiator in enumerate(initiators):
        for target, latency in enumerate(performance.latency[row]):
            pair = f"hmat-lb,initiator={initiator},target={target},hierarchy=memory"
            arguments += ["-numa", f"{pair},data-type=access-latency,latency={latency}"]
            arguments += ["-numa", f"{pair},data-type=access-bandwidth,bandwidth={performance.bandwidth[row][target]}M"]
    return arguments


def qemu_command(
    machine: Machine,
    accelerator: str,
    files: Files,
    extra_kernel_arguments: str = "",
    extra_arguments: Sequence[str] = (),
) -> list[str]:
    """The whole command; nothing in it depends on the user's QEMU configuration."""
    hmat = ",hmat=on" if machine.performance else ""
    for_emulation = "" if accelerator == "kvm" else _EMULATED_KERNEL_ARGUMENTS
    kernel_arguments = f"{_KERNEL_ARGUMENTS} {for_emulation} {extra_kernel_arguments} {machine.kernel_arguments}"
    mailbox = f"memory-backend-file,id=mailbox,mem-path=/proc/self/fd/{files.mailbox},size={MAILBOX_SIZE},share=on"
    return [
        *(QEMU, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
        *("-name", f"numaproof-{machine.name}", "-machine", f"q35{hmat}", "-accel", accelerator),
        *("-cpu", _CPU if accelerator == "kvm" else _EMULATED_CPU),
        *("-smp", _topology(machine.nodes), "-m", f"{machine.memory // (1 << 20)}M"),
        *_node_arguments(machine),
        *_distance_arguments(machine.distances),
        *_performance_arguments(machine.performance, machine.initiators),
        *("-chardev", f"socket,id=console,fd={files.console}", "-serial", "chardev:console"),
        *("-chardev", f"socket,id=channel,fd={files.channel}", "-serial", "chardev:channel"),
        *("-device", "isa-debug-exit,iobase=0x501,iosize=1"),
        *("-object", mailbox, "-device", f"ivshmem-plain,memdev=mailbox,addr={_MAILBOX_ADDRESS}"),
        *extra_arguments,
        *("-kernel", files.kernel, "-initrd", f"/proc/self/fd/{files.initramfs}"),
        *("-append", " ".join(kernel_arguments.split())),
    ]
