"""Machines that nobody has here, as trees of /sys, each with what discovery must make of it beside it.

A machine is described once, in plain data. From it come the files that its kernel would show (written as the kernel
writes them) and, by code that shares nothing with the library, the expected text. The last machines are broken on
purpose: for those the expected text names the file at fault.

Usage: make_trees.py DIRECTORY. Writes DIRECTORY/NAME/sys/... and DIRECTORY/NAME/expected.
"""

import sys
from dataclasses import dataclass, field
from pathlib import Path

GIB = 1 << 30


def ranges(ids: list[int]) -> list[tuple[int, int]]:
    """The maximal runs of consecutive numbers in a set of ids."""
    runs: list[tuple[int, int]] = []
    for number in sorted(ids):
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def kernel_list(ids: list[int]) -> str:
    """A set of ids as the kernel lists it: 0-3,8."""
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges(ids))


def kernel_mask(ids: list[int]) -> str:
    """A set of ids as the kernel prints it in hexadecimal, 32 bits a word."""
    words = max(ids, default=0) // 32 + 1
    bits = sum(1 << number for number in ids)
    return ",".join(f"{bits >> 32 * word & 0xFFFFFFFF:08x}" for word in reversed(range(words)))


@dataclass
class Node:
    """One node as firmware describes it; its distances and performance stand with the machine."""

    id: int
    cpus: list[int]
    memory_kib: int = GIB // 1024


@dataclass
class Performance:
    """What HMAT declares of a target for its nearest initiators."""

    initiators: list[int]
    read_latency: int
    write_latency: int
    read_bandwidth: int
    write_bandwidth: int


@dataclass
class Machine:
    """A machine, and where it is not as its nodes say: files that are replaced (None: removed), and the error then."""

    name: str
    nodes: list[Node]
    distances: list[list[int]] | None
    offline: list[int] = field(default_factory=list)
    broken: dict[str, str | None] = field(default_factory=dict)
    error: str = ""
    threads_per_core: int = 1
    nodes_per_socket: int = 1
    detail: bool = False
    performance: dict[int, Performance] = field(default_factory=dict)

    def online(self, cpus: list[int]) -> list[int]:
        """Those of the CPUs that are online."""
        return [cpu for cpu in cpus if cpu not in set(self.offline)]

    def all_cpus(self) -> list[int]:
        """Every CPU that is present, online or not."""
        return [cpu for node in self.nodes for cpu in node.cpus]

    def groups(self, node: Node) -> dict[str, list[list[int]]]:
        """The cores of a node, and what of its last-level cache and its socket is on it: all, where there are CPUs."""
        cpus = self.online(node.cpus)
        size = self.threads_per_core
        cores = [self.online(node.cpus[i : i + size]) for i in range(0, len(node.cpus), size)]
        return {"core": [core for core in cores if core], "cache": [cpus][: len(cpus)], "socket": [cpus][: len(cpus)]}

    def socket_cpus(self, node: Node) -> list[int]:
        """All online CPUs of the socket that a node belongs to."""
        first = self.nodes.index(node) // self.nodes_per_socket * self.nodes_per_socket
        members = self.nodes[first : first + self.nodes_per_socket]
        return [cpu for member in members for cpu in self.online(member.cpus)]


def node_files(machine: Machine) -> dict[str, str]:
    """The files of devices/system/node and the lists of CPUs."""
    ids = [node.id for node in machine.nodes]
    files = {
        "devices/system/cpu/online": kernel_list(machine.online(machine.all_cpus())),
        "devices/system/cpu/present": kernel_list(machine.all_cpus()),
        "devices/system/cpu/possible": kernel_list(machine.all_cpus()),
        "devices/system/node/online": kernel_list(ids),
        "devices/system/node/possible": kernel_list(ids),
    }
    for row, node in enumerate(machine.nodes):
        folder = f"devices/system/node/node{node.id}"
        files[f"{folder}/cpulist"] = kernel_list(machine.online(node.cpus))
        files[f"{folder}/cpumap"] = kernel_mask(machine.online(node.cpus))
        files[
            f"{folder}/meminfo"
        ] = f"Node {node.id} MemTotal: {node.memory_kib:14} kB\nNode {node.id} MemFree:  {node.memory_kib // 2:14} kB"
        if machine.distances is not None:
            files[f"{folder}/distance"] = " ".join(str(number) for number in machine.distances[row])
        declared = machine.performance.get(node.id)
        if declared is not None:
            access = f"{folder}/access0/initiators"
            files |= {f"{access}/node{initiator}/.keep": "" for initiator in declared.initiators}
            files[f"{access}/read_latency"] = str(declared.read_latency)
            files[f"{access}/write_latency"] = str(declared.write_latency)
            files[f"{access}/read_bandwidth"] = str(declared.read_bandwidth)
            files[f"{access}/write_bandwidth"] = str(declared.write_bandwidth)
    return files


def cpu_files(machine: Machine) -> dict[str, str]:
    """The files of devices/system/cpu/cpuN that describe cores, sockets and caches; offline CPUs have none."""
    files: dict[str, str] = {}
    for number, node in enumerate(machine.nodes):
        socket = machine.socket_cpus(node)
        for core, members in enumerate(machine.groups(node)["core"]):
            for cpu in members:
                folder = f"devices/system/cpu/cpu{cpu}"
                files[f"{folder}/topology/physical_package_id"] = str(number // machine.nodes_per_socket)
                files[f"{folder}/topology/core_id"] = str(core)
                for name, cpus in (("core_cpus", members), ("package_cpus", socket)):
                    files[f"{folder}/topology/{name}"] = kernel_mask(cpus)
                    files[f"{folder}/topology/{name}_list"] = kernel_list(cpus)
                for index, level, cpus in ((0, 1, members), (1, 3, machine.online(node.cpus))):
                    cache = f"{folder}/cache/index{index}"
                    files[f"{cache}/level"] = str(level)
                    files[f"{cache}/type"] = "Unified"
                    files[f"{cache}/size"] = "1024K"
                    files[f"{cache}/shared_cpu_map"] = kernel_mask(cpus)
                    files[f"{cache}/shared_cpu_list"] = kernel_list(cpus)
    return files


def expected(machine: Machine) -> str:
    """What the test prints of a topology that is right."""
    if machine.error:
        return f"error {machine.error}\n"
    ids = [node.id for node in machine.nodes]
    lines = [f"nodes {kernel_list(ids)}", f"cpus {kernel_list(machine.online(machine.all_cpus()))}"]
    for row, node in enumerate(machine.nodes):
        lines.append(f"node {node.id}: memory {node.memory_kib * 1024} cpus {kernel_list(machine.online(node.cpus))}")
        known = [str(number) for number in machine.distances[row]] if machine.distances else ["?"] * len(ids)
        lines.append("  distances " + " ".join(known))
        if machine.detail:
            for kind, groups in machine.groups(node).items():
                lines.append(f"  {kind}s" + "".join(" " + kernel_list(group) for group in groups))
            if machine.online(node.cpus):
                lines.append(f"  whole socket {kernel_list(machine.socket_cpus(node))}")
        for target, declared in machine.performance.items():
            if node.id in declared.initiators:
                lines.append(
                    f"  to {target}: latency {declared.read_latency} {declared.write_latency}"
                    f" bandwidth {declared.read_bandwidth} {declared.write_bandwidth}"
                )
    return "\n".join(lines) + "\n"


def grid(count: int, far: int = 21) -> list[list[int]]:
    """Distances of nodes that are all equally far from one another."""
    return [[10 if row == column else far for column in range(count)] for row in range(count)]


def even(count: int, each: int, **options: int) -> list[Node]:
    """Nodes 0, 1, ... with as many CPUs each, in order."""
    return [Node(i, list(range(i * each, (i + 1) * each)), **options) for i in range(count)]


def machines() -> list[Machine]:
    """All of them: whole ones, odd ones, broken ones."""
    ring = [[10 + 6 * min((row - column) % 8, (column - row) % 8) for column in range(8)] for row in range(8)]
    node1 = "devices/system/node/node1"
    no_nodes: dict[str, str | None] = {
        f"devices/system/node/{name}": None
        for name in ("online", "possible", "node0/cpulist", "node0/cpumap", "node0/meminfo", "node0/distance")
    }
    whole = [
        Machine("one_node", even(1, 2), grid(1), detail=True),
        Machine("two_nodes", even(2, 4), grid(2), detail=True, threads_per_core=2),
        Machine("four_nodes", even(4, 4), grid(4, 12), detail=True, threads_per_core=2, nodes_per_socket=2),
        Machine("eight_nodes", even(8, 2), ring, detail=True),
        Machine("ids_with_gaps", [Node(0, [0, 1]), Node(5, [4, 5]), Node(1023, [2, 8191])], [[10, 20, 30]] * 3),
        Machine("node_without_cpus", [*even(2, 2), Node(2, [])], [[10, 20, 17], [20, 10, 28], [17, 28, 10]]),
        Machine("node_without_memory", [Node(0, [0, 1]), Node(1, [2, 3], 0)], grid(2)),
        Machine("asymmetric_distances", even(3, 1), [[10, 15, 40], [25, 10, 255], [40, 33, 11]]),
        Machine("offline_cpus", even(2, 4), grid(2), offline=[1, 4, 5, 6, 7], detail=True, threads_per_core=2),
        Machine(
            "offline_cpus_of_an_old_kernel",
            even(2, 4),
            grid(2),
            offline=[1, 5],
            broken={f"{node1}/cpulist": "4-7", "devices/system/node/node0/cpulist": "0-3"},
        ),
        Machine("no_distances", even(2, 1), None),
        Machine(
            "declared_performance",
            [*even(2, 2), Node(2, [])],
            [[10, 21, 17], [21, 10, 28], [17, 28, 10]],
            detail=True,
            performance={
                0: Performance([0], 80, 90, 20000, 15000),
                1: Performance([1], 81, 91, 20001, 15001),
                2: Performance([0, 1], 250, 300, 8000, 4000),
            },
        ),
        Machine("kernel_without_numa", even(1, 4), grid(1), broken=no_nodes),
        Machine("largest", even(128, 64), grid(128, 32)),
    ]
    broken = [
        Machine(name, even(2, 2), grid(2), broken={path: text}, error=f"{path}")
        for name, path, text in (
            ("bad_cpulist", f"{node1}/cpulist", "2-"),
            ("no_cpulist", f"{node1}/cpulist", None),
            ("cpu_on_two_nodes", f"{node1}/cpulist", "1-3"),
            ("cpu_on_no_node", "devices/system/cpu/online", "0-4"),
            ("no_cpu_list", "devices/system/cpu/online", None),
            ("empty_cpu_list", "devices/system/cpu/online", ""),
            ("cpu_past_the_last", "devices/system/cpu/online", "0-8192"),
            ("bad_node_list", "devices/system/node/online", "0,x"),
            ("empty_node_list", "devices/system/node/online", ""),
            ("binary_node_list", "devices/system/node/online", "0\x001"),
            ("no_meminfo", f"{node1}/meminfo", None),
            ("cut_meminfo", f"{node1}/meminfo", "Node 1 MemTotal:"),
            ("other_meminfo", f"{node1}/meminfo", "Node 0 MemTotal: 1 kB\nNode 0 MemFree: 1 kB"),
            ("huge_meminfo", f"{node1}/meminfo", "Node 1 MemTotal: 99999999999999999999 kB\nNode 1 MemFree: 0 kB"),
            ("negative_meminfo", f"{node1}/meminfo", "Node 1 MemTotal: -1 kB\nNode 1 MemFree: 0 kB"),
            ("short_distances", f"{node1}/distance", "21"),
            ("long_distances", f"{node1}/distance", "21 10 21"),
            ("zero_distance", f"{node1}/distance", "0 10"),
            ("negative_distance", f"{node1}/distance", "-21 10"),
            ("huge_distance", f"{node1}/distance", "21 99999999999"),
            ("wordy_distance", f"{node1}/distance", "21 ten"),
            ("no_node_folder", f"{node1}/cpulist", None),
        )
    ]
    broken[-1].broken |= {f"{node1}/{name}": None for name in ("meminfo", "distance", "cpumap")}
    return whole + broken


def write(machine: Machine, folder: Path) -> None:
    """The tree of a machine, and what is expected of it."""
    files: dict[str, str | None] = {**node_files(machine), **(cpu_files(machine) if machine.detail else {})}
    for path, text in (files | machine.broken).items():
        if text is None:
            continue
        target = folder / machine.name / "sys" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text + "\n")
    (folder / machine.name / "expected").write_text(expected(machine))
    if machine.detail:
        (folder / machine.name / "detail").touch()


def main() -> None:
    """Write all trees below the folder named by the only argument."""
    folder = Path(sys.argv[1])
    for machine in machines():
        write(machine, folder)
    print(f"{len(machines())} trees in {folder}")


if __name__ == "__main__":
    main()
