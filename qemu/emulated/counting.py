"""The access counter beside a guest: the page that it shares with the plugin, and what the plugin saw.

The page is a memory file: QEMU gets its descriptor, the plugin and the guest's device both map it, and when everything has
ended the launcher reads the totals from it, which are the counter's own and not the guest's word.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import access_page
from access_page import Cache
from emulated.cache import write_whole
from emulated.errors import BadInput, CannotRun
from emulated.machine import Machine
from emulated.node_arguments import cpu_places

TOTALS = "access-counts.json"
_PLUGIN = "access_counter.so"
_ADDRESS = "09.0"


@dataclass(frozen=True)
class Wish:
    """What the user asked for."""

    count: bool
    delay: bool
    cache: Cache | None

    @property
    def anything(self) -> bool:
        return self.count or self.delay or self.cache is not None


def parse_cache(text: str) -> Cache:
    """SETS,WAYS,LINE and perhaps ",node": a cache in front of memory, one a CPU or one a node."""
    parts = text.split(",")
    per_node = len(parts) == 4 and parts[3] == "node"
    numbers = [int(part) for part in parts[:3] if part.isascii() and part.isdigit()]
    if len(numbers) != 3 or (len(parts) != 3 and not per_node):
        raise BadInput(f"--cache {text}: expected SETS,WAYS,LINE or SETS,WAYS,LINE,node, as in 64,8,64")
    sets, ways, line = numbers
    powers = all(number > 0 and number & (number - 1) == 0 for number in (sets, line))
    if not powers or not 8 <= line <= 4096 or not 1 <= ways <= 64 or sets * ways > 1 << 24:
        raise BadInput(f"--cache {text}: sets and line must be powers of two, the line 8 to 4096 bytes, 1 to 64 ways")
    return Cache(sets, ways, line, per_node)


def _costs(machine: Machine) -> list[list[int]]:
    """Latencies by initiator and target: declared ones, else distances; a node without CPUs pays as its nearest would."""
    nodes = range(len(machine.nodes))
    if machine.performance is not None:
        rows = {node: machine.performance.latency[row] for row, node in enumerate(machine.initiators)}
        costs = access_page.costs_from(list(rows.values()))
        by_node = dict(zip(rows, costs))
        return [by_node.get(node, costs[0]) for node in nodes]
    if machine.distances is None:
        raise BadInput(f"--delay: the machine {machine.name} declares neither latencies nor distances")
    return access_page.costs_from(machine.distances)


def _find_plugin(libraries: Iterable[Path]) -> Path:
    candidates = [folder / place for folder in libraries for place in (_PLUGIN, f"numaproof/{_PLUGIN}")]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise CannotRun(f"the access counter {_PLUGIN} is in none of {', '.join(str(path.parent) for path in candidates)}")


class Counter:
    """The page and the plugin of one run."""

    def __init__(self, machine: Machine, wish: Wish, libraries: Iterable[Path], qemu_version: str) -> None:
        self._plugin = _find_plugin(libraries)
        self._qemu_version = qemu_version
        cache = wish.cache or (access_page.DEFAULT_DELAY_CACHE if wish.delay else None)
        try:
            self._empty_page = access_page.make_page(
                [node.memory for node in machine.nodes],
                cpu_places(machine),
                cache,
                _costs(machine) if wish.delay else None,
            )
        except ValueError as error:
            raise BadInput(f"machine {machine.name}: {error}") from error
        self.descriptor = os.memfd_create("numaproof-access-page")
        self.begin_again()

    def begin_again(self) -> None:
        """Forgets what was counted; QEMU must have ended, or not have begun."""
        os.pwrite(self.descriptor, self._empty_page, 0)

    def environment(self) -> dict[str, str]:
        """What QEMU must have in its environment: the plugin cannot ask it for its version."""
        return {"NUMAPROOF_QEMU_VERSION": self._qemu_version}

    def qemu_arguments(self) -> list[str]:
        path = f"/proc/self/fd/{self.descriptor}"
        memory = f"memory-backend-file,id=accesses,mem-path={path},size={access_page.PAGE_BYTES},share=on"
        device = f"ivshmem-plain,memdev=accesses,bus=pcie.0,addr={_ADDRESS}"
        return ["-object", memory, "-device", device, "-plugin", f"{self._plugin},page={path}"]

    def save_totals(self, folder: Path) -> None:
        """What was counted in all, once QEMU has ended: access-counts.json."""
        page = os.pread(self.descriptor, access_page.PAGE_BYTES, 0)
        totals = access_page.read_totals(page)
        windows = {window: access_page.read_totals(page, window).accesses for window in range(1, access_page.WINDOWS)}
        values = {
            "schema": 1,
            "proof": totals.proof,
            "failure": totals.failure,
            "order": "accesses[initiator][target] is [loads, stores]; the last target is unknown",
            "accesses": totals.accesses,
            "memory": totals.memory,
            "windows": {
                window: rows for window, rows in windows.items() if any(sum(pair) for row in rows for pair in row)
            },
        }
        write_whole(folder / TOTALS, json.dumps(values, indent=1).encode() + b"\n")

    def close(self) -> None:
        os.close(self.descriptor)
