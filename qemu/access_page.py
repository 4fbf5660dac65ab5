"""The page that the access counter shares with the guest, as the launcher writes and reads it.

The layout is that of plugin/access_page.h, field by field; tests/test_access_page.py holds the two against each other.
The launcher writes the machine before QEMU starts, and reads the totals when it has ended: what the counter saw, whatever
the code inside made of it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass

MAGIC = 0x3170636163637061
VERSION = 2
PAGE_BYTES = 1 << 20
CPUS = 64
NODES = 16
WINDOWS = 17

PROOF_NAMES = ("none", "running", "check", "holds", "failed")

# What a paced local access costs. The emulation's own time for an access is hidden behind it, and is well below.
LOCAL_COST_NS = 1000


class Machine(ctypes.LittleEndianStructure):
    _fields_ = [
        ("magic", ctypes.c_uint64),
        ("version", ctypes.c_uint32),
        ("cpu_count", ctypes.c_uint32),
        ("node_count", ctypes.c_uint32),
        ("cache_sets", ctypes.c_uint32),
        ("cache_ways", ctypes.c_uint32),
        ("cache_line_bytes", ctypes.c_uint32),
        ("cache_scope", ctypes.c_uint32),
        ("delayed", ctypes.c_uint32),
        ("node_bytes", ctypes.c_uint64 * NODES),
        ("node_of_cpu", ctypes.c_uint32 * CPUS),
        ("cost_ns", (ctypes.c_uint32 * (NODES + 1)) * NODES),
    ]


class Window(ctypes.LittleEndianStructure):
    _fields_ = [("start", ctypes.c_uint64), ("end", ctypes.c_uint64)]


class Control(ctypes.LittleEndianStructure):
    _fields_ = [
        ("armed", ctypes.c_uint32),
        ("proof_request", ctypes.c_uint32),
        ("proof_cpu", ctypes.c_uint32),
        ("proof_node", ctypes.c_uint32),
        ("proof", Window),
        ("windows", Window * WINDOWS),
    ]


class Answer(ctypes.LittleEndianStructure):
    _fields_ = [
        ("proof", ctypes.c_uint32),
        ("proof_touches", ctypes.c_uint32),
        ("space", ctypes.c_uint32),
        ("loaded", ctypes.c_uint32),
        ("guest_cpu", ctypes.c_int32 * CPUS),
        ("failure", ctypes.c_char * 256),
    ]


class Counts(ctypes.LittleEndianStructure):
    _fields_ = [
        ("all", (ctypes.c_uint64 * 2) * (NODES + 1)),
        ("memory", (ctypes.c_uint64 * 2) * (NODES + 1)),
    ]


CONTROL_OFFSET = (ctypes.sizeof(Machine) + 4095) & ~4095
ANSWER_OFFSET = CONTROL_OFFSET + 4096
COUNTS_OFFSET = ANSWER_OFFSET + 4096


@dataclass(frozen=True)
class Cache:
    """The cache model in front of memory: sets and line a power of two; shared by the CPUs of a node, or one a CPU."""

    sets: int
    ways: int
    line_bytes: int
    per_node: bool = False


DEFAULT_DELAY_CACHE = Cache(sets=64, ways=8, line_bytes=64)


def costs_from(latencies: Sequence[Sequence[int]]) -> list[list[int]]:
    """Nanoseconds by initiator and target, so that the smallest costs LOCAL_COST_NS and all ratios are kept."""
    smallest = min(value for row in latencies for value in row)
    if smallest <= 0:
        raise ValueError(f"a latency or distance of {smallest} cannot be scaled")
    return [[round(value * LOCAL_COST_NS / smallest) for value in row] for row in latencies]


def make_page(
    node_bytes: Sequence[int],
    node_of_cpu: Sequence[int],
    cache: Cache | None = None,
    cost_ns: Sequence[Sequence[int]] | None = None,
) -> bytes:
    """The page as QEMU and the plugin find it: the machine, and zeros.

    node_of_cpu goes by QEMU's index of the CPU; cost_ns by initiator's and target's node, and switches pacing on.
    """
    if not 1 <= len(node_bytes) <= NODES or not 1 <= len(node_of_cpu) <= CPUS:
        raise ValueError(
            f"{len(node_bytes)} nodes and {len(node_of_cpu)} CPUs: the access counter tells 1 to {NODES} nodes and 1 to {CPUS} CPUs apart"
        )
    machine = Machine(magic=MAGIC, version=VERSION, cpu_count=len(node_of_cpu), node_count=len(node_bytes))
    machine.node_bytes[: len(node_bytes)] = list(node_bytes)
    machine.node_of_cpu[: len(node_of_cpu)] = list(node_of_cpu)
    if cache is not None:
        machine.cache_sets, machine.cache_ways = cache.sets, cache.ways
        machine.cache_line_bytes, machine.cache_scope = cache.line_bytes, int(cache.per_node)
    if cost_ns is not None:
        machine.delayed = 1
        for initiator, row in enumerate(cost_ns):
            for target, cost in enumerate(row):
                machine.cost_ns[initiator][target] = cost
    content = bytes(machine)
    return content + bytes(PAGE_BYTES - len(content))


@dataclass(frozen=True)
class Totals:
    """What the counter saw in all: accesses[initiator][target] as (loads, stores), the unknown target last."""

    proof: str
    failure: str
    accesses: list[list[tuple[int, int]]]
    memory: list[list[tuple[int, int]]]


def read_totals(page: bytes, window: int = 0) -> Totals:
    """The counts of one window, from the page as QEMU left it."""
    machine = Machine.from_buffer_copy(page)
    answer = Answer.from_buffer_copy(page, ANSWER_OFFSET)
    nodes = int(machine.node_count)
    accesses = [[(0, 0)] * (nodes + 1) for _ in range(nodes)]
    memory = [[(0, 0)] * (nodes + 1) for _ in range(nodes)]
    for cpu in range(int(machine.cpu_count)):
        offset = COUNTS_OFFSET + (cpu * WINDOWS + window) * ctypes.sizeof(Counts)
        counts = Counts.from_buffer_copy(page, offset)
        initiator = int(machine.node_of_cpu[cpu])
        for column, target in enumerate([*range(nodes), NODES]):
            for totals, source in ((accesses, counts.all), (memory, counts.memory)):
                loads, stores = totals[initiator][column]
                totals[initiator][column] = (loads + int(source[target][0]), stores + int(source[target][1]))
    proof = int(answer.proof)
    return Totals(
        proof=PROOF_NAMES[proof] if proof < len(PROOF_NAMES) else f"unknown state {proof}",
        failure=bytes(answer.failure).decode("utf-8", "replace"),
        accesses=accesses,
        memory=memory,
    )
