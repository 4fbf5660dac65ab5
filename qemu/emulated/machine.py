"""What an emulated machine is: nodes, how far apart they are, and what its run may cost.

Only data. `machine_file` reads it from a file, `command_line` tells it to QEMU.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Node:
    """A NUMA node; without CPUs it is a memory expander, without memory it has only CPUs."""

    cpus: int
    memory: int  # bytes
    socket: int
    absent: bool = False  # firmware names it, and nothing is there: its id is a gap
    hot_added: bool = False  # its memory is added while the kernel runs, and can be taken offline as a whole


@dataclass(frozen=True)
class Performance:
    """What firmware declares in its HMAT: a row for each node with CPUs (initiator), a column for each node (target)."""

    latency: tuple[tuple[int, ...], ...]  # nanoseconds
    bandwidth: tuple[tuple[int, ...], ...]  # megabytes a second


@dataclass(frozen=True)
class Device:
    """A PCI device on a node."""

    node: int
    kind: str  # "network" or "block"


@dataclass(frozen=True)
class Limits:
    """What a run may cost the host."""

    seconds: int
    memory: int  # bytes that must be available before the machine is started


@dataclass(frozen=True)
class Machine:
    """A whole machine."""

    name: str
    title: str
    nodes: tuple[Node, ...]
    distances: tuple[tuple[int, ...], ...] | None  # None: firmware says nothing
    performance: Performance | None
    devices: tuple[Device, ...]
    kernel_arguments: str
    limits: Limits

    @property
    def cpus(self) -> int:
        """CPUs of all nodes."""
        return sum(node.cpus for node in self.nodes)

    @property
    def memory(self) -> int:
        """Bytes of all nodes."""
        return sum(node.memory for node in self.nodes)

    @property
    def initiators(self) -> list[int]:
        """The nodes that have CPUs."""
        return [number for number, node in enumerate(self.nodes) if node.cpus > 0]
