"""A machine's nodes in QEMU's words: CPUs, memory, distances, declared performance.

Each present node is a socket of its own, or a die of the socket that it shares, so that no cache spans nodes: the kernel would warn
and take the nodes apart. An absent node has only places for CPUs, and none of them filled: the kernel gives
its id to nobody, and the ids of the others have a gap.
"""

from math import gcd

from emulated.machine import Machine, Node, Performance

# The kernel addresses interrupts by CPU sets when at most 8 CPUs are possible, and QEMU 7.2 delivers such interrupts only up to
# the first unfilled place (hw/intc/apic.c): beyond 8 they are addressed one by one, and arrive.
_PLACES_WITH_A_GAP = 9


def _sockets(nodes: tuple[Node, ...]) -> tuple[int, int, int]:
    """Sockets, dies of each, and cores of each die, with every node a whole number of dies.

    QEMU builds only even machines: when nodes differ in CPUs, or sockets in nodes, each node is as many sockets as it takes.
    """
    with_cpus = [node for node in nodes if node.cpus > 0]
    cores = gcd(*(node.cpus for node in with_cpus))
    dies = [
        sum(node.cpus // cores for node in with_cpus if node.socket == socket)
        for socket in sorted({node.socket for node in with_cpus})
    ]
    per_socket = dies[0] if len(set(dies)) == 1 and not any(node.absent for node in nodes) else 1
    return sum(dies) // per_socket, per_socket, cores


def cpu_places(machine: Machine) -> list[int]:
    """The node of each CPU that the machine has or has place for, by QEMU's index of the CPU."""
    _, _, cores = _sockets(machine.nodes)
    places = []
    for number, node in enumerate(machine.nodes):
        places += [number] * (cores if node.absent else node.cpus)
    absent = [number for number, node in enumerate(machine.nodes) if node.absent]
    while absent and (len(places) < _PLACES_WITH_A_GAP or len(places) % cores):
        places.append(absent[0])
    return places


def cpu_arguments(machine: Machine) -> list[str]:
    """The topology, and the CPUs behind a gap one by one."""
    sockets, dies, cores = _sockets(machine.nodes)
    places = cpu_places(machine)
    absent = {number for number, node in enumerate(machine.nodes) if node.absent}
    if not absent:
        return ["-smp", f"{len(places)},sockets={sockets},dies={dies},cores={cores},threads=1"]
    first = next(index for index, node in enumerate(places) if node in absent)
    arguments = ["-smp", f"{first},maxcpus={len(places)},sockets={len(places) // cores},cores={cores},threads=1"]
    for index, node in enumerate(places):
        if index > first and node not in absent:
            place = f"socket-id={index // cores},die-id=0,core-id={index % cores},thread-id=0"
            arguments += ["-device", f"max-x86_64-cpu,{place}"]
    return arguments


def memory_arguments(machine: Machine) -> list[str]:
    """How much there is at the start, and how much may be added."""
    added = [node.memory for node in machine.nodes if node.hot_added]
    size = f"{(machine.memory - sum(added)) >> 20}M"
    if added:
        size += f",slots={len(added)},maxmem={machine.memory >> 20}M"
    arguments = ["-m", size]
    for number, node in enumerate(machine.nodes):
        if node.memory:
            arguments += ["-object", f"memory-backend-ram,id=node{number},size={node.memory}"]
        if node.hot_added:
            arguments += ["-device", f"pc-dimm,memdev=node{number},node={number}"]
    return arguments


def _nearest(performance: Performance, target: int, initiators: list[int]) -> int:
    return min(initiators, key=lambda node: performance.latency[initiators.index(node)][target])


def node_arguments(machine: Machine) -> list[str]:
    """Which CPUs and which memory make which node."""
    arguments = []
    places = cpu_places(machine)
    for number, node in enumerate(machine.nodes):
        description = f"node,nodeid={number}"
        if node.memory and not node.hot_added:
            description += f",memdev=node{number}"
        description += "".join(f",cpus={index}" for index, place in enumerate(places) if place == number)
        if machine.performance:
            nearest = number if node.cpus else _nearest(machine.performance, number, machine.initiators)
            description += f",initiator={nearest}"
        arguments += ["-numa", description]
    return arguments


def distance_arguments(distances: tuple[tuple[int, ...], ...] | None) -> list[str]:
    """What firmware says of distances (SLIT)."""
    arguments = []
    for origin, row in enumerate(distances or ()):
        for target, distance in enumerate(row):
            arguments += ["-numa", f"dist,src={origin},dst={target},val={distance}"]
    return arguments


def performance_arguments(performance: Performance | None, initiators: list[int]) -> list[str]:
    """What firmware says of latency and bandwidth (HMAT)."""
    if performance is None:
        return []
    arguments = []
    for row, initiator in enumerate(initiators):
        for target, latency in enumerate(performance.latency[row]):
            pair = f"hmat-lb,initiator={initiator},target={target},hierarchy=memory"
            arguments += ["-numa", f"{pair},data-type=access-latency,latency={latency}"]
            arguments += ["-numa", f"{pair},data-type=access-bandwidth,bandwidth={performance.bandwidth[row][target]}M"]
    return arguments
