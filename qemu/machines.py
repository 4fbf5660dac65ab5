"""numaproof machines: the emulated machines that come with the project."""

import json
import sys

from emulated.errors import run_as_command
from emulated.machine import Machine
from emulated.machine_file import read_machine
from emulated.table import table
from emulated.verb import MACHINES, Parser


def _as_values(machine: Machine) -> dict[str, object]:
    return {
        "name": machine.name,
        "title": machine.title,
        "nodes": [{"cpus": node.cpus, "memory_bytes": node.memory, "socket": node.socket} for node in machine.nodes],
        "distances": machine.distances,
        "hmat": vars(machine.performance) if machine.performance else None,
        "kernel_arguments": machine.kernel_arguments,
        "limits": vars(machine.limits),
        "file": str(MACHINES / f"{machine.name}.toml"),
    }


def main(arguments: list[str]) -> int:
    """Runs the verb."""
    parser = Parser("machines", usage="[--json]", description="List the emulated machines that `numaproof vm` knows.")
    parser.add_argument("--json", action="store_true", help="for programs: everything that the machine files say")
    options = parser.parse_args(arguments)
    machines = [read_machine(path) for path in sorted(MACHINES.glob("*.toml"))]
    if options.json:
        json.dump([_as_values(machine) for machine in machines], sys.stdout, indent=1)
        print()
        return 0
    rows = [[m.name, str(len(m.nodes)), str(m.cpus), f"{m.memory >> 20}M", m.title] for m in machines]
    print(table(["MACHINE", "NODES", "CPUS", "MEMORY", "WHAT IT IS"], rows))
    return 0


if __name__ == "__main__":
    run_as_command("machines", main)
