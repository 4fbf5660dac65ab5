"""What the tests of the launcher share: the way to its modules, and machines made up in a line."""

import sys
from pathlib import Path

QEMU_FOLDER = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(QEMU_FOLDER))

from emulated.machine import Limits, Machine, Node  # noqa: E402


def machine_of(
    *nodes: tuple[int, int],
    name: str = "made-up",
    seconds: int = 60,
    needs: int = 0,
    sockets: list[int] | None = None,
) -> Machine:
    """A machine of nodes given as (CPUs, MiB)."""
    return Machine(
        name=name,
        title="Made up",
        nodes=tuple(
            Node(cpus, memory << 20, sockets[number] if sockets else number)
            for number, (cpus, memory) in enumerate(nodes)
        ),
        distances=None,
        performance=None,
        devices=(),
        kernel_arguments="",
        limits=Limits(seconds=seconds, memory=needs),
    )
