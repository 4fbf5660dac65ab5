"""Reading machine files: TOML, strict, with errors that name file, line and key.

A misspelt key that is silently ignored gives a machine that is not the one meant, and a proof about the wrong machine. So
every key is taken by name, checked, and whatever is left over is an error. TOML's own parser forgets where
a value stood; `_line_numbers` finds the lines again for the plain style in which machine files are written, and
falls back to the table's line for a key written in some rarer way.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

from emulated.errors import BadInput
from emulated.machine import Device, Limits, Machine, Node, Performance

MEBIBYTE = 1 << 20
MAX_CPUS = 64  # what a host of a few cores can emulate at all, and one word of a CPU set
MAX_NODES = 16
MAX_DEVICES = 8
MEMORY_BLOCK = 128 * MEBIBYTE  # what the kernel adds and takes away at a time
LEAST_MEMORY = 192 * MEBIBYTE  # below this the kernel does not come up with the command's files unpacked
DEFAULT_SECONDS = 900
QEMU_MEMORY = 256 * MEBIBYTE  # QEMU's own: translated code, devices, the files handed to the guest

_HEADER = re.compile(r"^\s*(\[\[?)\s*([\w.-]+)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*[\"']?([\w-]+)[\"']?\s*=")
_SIZE = re.compile(r"^(\d{1,9})([MG])$")


def _line_numbers(text: str) -> dict[str, int]:
    """Where each table and key stands: "node.1" and "node.1.cpus" to line numbers."""
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = header[2]
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = f"{table}.{counts[table]}"
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault(f"{table}.{key[1]}" if table else key[1], number)
    return lines


class _Table:
    """A table of the file whose keys are taken one by one."""

    def __init__(self, path: Path, lines: dict[str, int], name: str, values: dict[str, Any]) -> None:
        self._path, self._lines, self._name, self._values = path, lines, name, dict(values)

    def _full_name(self, key: str) -> str:
        return f"{self._name}.{key}" if self._name else key

    def error(self, key: str, text: str) -> BadInput:
        """An error about a key, with the line it stands on (or its table's, or the first)."""
        name = self._full_name(key)
        line = self._lines.get(name) or self._lines.get(self._name) or 1
        return BadInput(f"{self._path}:{line}: {name}: {text}")

    def has(self, key: str) -> bool:
        """Whether the key is there and not taken yet."""
        return key in self._values

    def text(self, key: str, default: str | None = None) -> str:
        """A string of one line."""
        value = self._take(key, default)
        if not isinstance(value, str) or not value.isprintable():
            raise self.error(key, f"must be a string of one line, not {value!r}")
        return value

    def truth(self, key: str) -> bool:
        """True or false; false when it is not there."""
        value = self._take(key, False)
        if not isinstance(value, bool):
            raise self.error(key, f"must be true or false, not {value!r}")
        return value

    def number(self, key: str, least: int, most: int, default: int | None = None) -> int:
        """An integer within limits."""
        value = self._take(key, default)
        if type(value) is not int or not least <= value <= most:
            raise self.error(key, f"must be an integer from {least} to {most}, not {value!r}")
        return value

    def size(self, key: str, default: int | None = None) -> int:
        """A number of bytes, written as "512M" or "2G"."""
        value = self._take(key, default)
        if type(value) is int and value == default:
            return value
        match = _SIZE.match(value) if isinstance(value, str) else None
        if not match:
            raise self.error(key, f'must be a size such as "512M" or "2G", not {value!r}')
        return int(match[1]) * MEBIBYTE * (1024 if match[2] == "G" else 1)

    def matrix(self, key: str, rows: int, columns: int, least: int, most: int) -> tuple[tuple[int, ...], ...]:
        """A list of rows of integers, of exactly that many rows and columns."""
        value = self._take(key, None)
        shaped = isinstance(value, list) and len(value) == rows
        if not shaped or not all(isinstance(row, list) and len(row) == columns for row in value):
            raise self.error(key, f"must be {rows} row(s) of {columns} number(s)")
        for row_number, row in enumerate(value):
            for cell in row:
                if type(cell) is not int or not least <= cell <= most:
                    raise self.error(key, f"row {row_number} must hold integers from {least} to {most}, not {cell!r}")
        return tuple(tuple(row) for row in value)

    def table(self, key: str) -> "_Table":
        """A table below this one; an empty one when it is not there."""
        value = self._take(key, {})
        if not isinstance(value, dict):
            raise self.error(key, f"must be a table, [{key}]")
        return _Table(self._path, self._lines, self._full_name(key), value)

    def tables(self, key: str) -> list["_Table"]:
        """An array of tables below this one."""
        value = self._take(key, None)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.error(key, f"must be tables, [[{key}]]")
        return [_Table(self._path, self._lines, f"{key}.{index}", item) for index, item in enumerate(value)]

    def finish(self) -> None:
        """Complains about a key that nobody has taken."""
        for key in self._values:
            raise self.error(key, "is not a key of machine files")

    def _take(self, key: str, default: Any) -> Any:
        value = self._values.pop(key, default)
        if value is None:
            raise self.error(key, "is missing")
        return value


def _node(table: _Table, number: int) -> Node:
    node = Node(
        cpus=table.number("cpus", 0, MAX_CPUS, default=0),
        memory=table.size("memory", default=0),
        socket=table.number("socket", 0, MAX_NODES - 1, default=number),
        absent=table.truth("absent"),
        hot_added=table.truth("hot_added"),
    )
    if node.absent and (node.cpus or node.memory or number == 0):
        raise table.error("absent", "an absent node has neither CPUs nor memory, and is not the first")
    if not node.absent and node.cpus == 0 and node.memory == 0:
        raise table.error("cpus", "the node has neither CPUs nor memory; if its id is to be a gap: absent = true")
    if node.memory % (2 * MEBIBYTE):
        raise table.error("memory", "must be a multiple of 2M")
    if node.hot_added and (number == 0 or node.memory == 0 or node.memory % MEMORY_BLOCK):
        raise table.error("hot_added", "wants memory in multiples of 128M, and is not for the first node")
    table.finish()
    return node


def _devices(root: _Table, nodes: tuple[Node, ...]) -> tuple[Device, ...]:
    devices = []
    for table in root.tables("device") if root.has("device") else []:
        device = Device(table.number("node", 0, len(nodes) - 1), table.text("kind"))
        if device.kind not in ("network", "block"):
            raise table.error("kind", f'must be "network" or "block", not {device.kind!r}')
        if nodes[device.node].absent:
            raise table.error("node", f"node {device.node} is absent")
        table.finish()
        devices.append(device)
    if len(devices) > MAX_DEVICES:
        raise root.error("device", f"a machine has at most {MAX_DEVICES} devices, not {len(devices)}")
    return tuple(devices)


def _nodes(root: _Table) -> tuple[Node, ...]:
    tables = root.tables("node")
    nodes = tuple(_node(table, number) for number, table in enumerate(tables))
    if not 1 <= len(nodes) <= MAX_NODES:
        raise root.error("node", f"a machine has 1 to {MAX_NODES} nodes, not {len(nodes)}")
    if not 1 <= sum(node.cpus for node in nodes) <= MAX_CPUS:
        raise root.error("node", f"a machine has 1 to {MAX_CPUS} CPUs, not {sum(node.cpus for node in nodes)}")
    if nodes[-1].hot_added is False and any(node.hot_added and node.cpus == 0 for node in nodes):
        raise root.error(
            "node", "a node of hot-added memory only must be the last: firmware promises no other its place"
        )
    sockets = [node.socket for node in nodes]
    if sockets != sorted(sockets):
        raise root.error("node", f"nodes of one socket must follow each other, and their sockets are {sockets}")
    if sum(node.memory for node in nodes) < LEAST_MEMORY:
        raise root.error("node", f"the nodes' memory must add up to {LEAST_MEMORY // MEBIBYTE}M at least")
    return nodes


def _distances(root: _Table, nodes: int) -> tuple[tuple[int, ...], ...] | None:
    if not root.has("distances"):
        return None
    distances = root.matrix("distances", nodes, nodes, 10, 254)
    for origin, row in enumerate(distances):
        for target, distance in enumerate(row):
            if (distance == 10) != (origin == target):
                raise root.error("distances", f"row {origin} must have 10 in column {origin} and more elsewhere")
    return distances


def _performance(root: _Table, nodes: tuple[Node, ...]) -> Performance | None:
    if not root.has("hmat"):
        return None
    table = root.table("hmat")
    if any(node.absent for node in nodes):
        raise root.error("hmat", "firmware declares no performance for a machine with an absent node")
    initiators = sum(node.cpus > 0 for node in nodes)
    performance = Performance(
        latency=table.matrix("latency_ns", initiators, len(nodes), 1, 65535),
        bandwidth=table.matrix("bandwidth_mb", initiators, len(nodes), 1, 1 << 20),
    )
    table.finish()
    return performance


def read_machine(path: Path) -> Machine:
    """Reads a machine file; BadInput names file, line and key of what is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise BadInput(f"{path}:{line[1] if line else text.count(chr(10)) + 1}: not TOML: {error}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}:1: not a text file in UTF-8: {error.reason} at byte {error.start}") from error
    except OSError as error:
        raise BadInput(f"{path}: cannot read the machine file: {error.strerror}") from error
    root = _Table(path, _line_numbers(text), "", values)
    nodes = _nodes(root)
    limits = root.table("limits")
    machine = Machine(
        name=path.stem,
        title=root.text("title"),
        nodes=nodes,
        distances=_distances(root, len(nodes)),
        performance=_performance(root, nodes),
        devices=_devices(root, nodes),
        kernel_arguments=root.text("kernel_arguments", default=""),
        limits=Limits(
            seconds=limits.number("seconds", 1, 86400, default=DEFAULT_SECONDS),
            memory=limits.size("memory", default=sum(node.memory for node in nodes) + QEMU_MEMORY),
        ),
    )
    limits.finish()
    root.finish()
    return machine


def find_machine(name: str, folder: Path) -> Machine:
    """A machine by the name of a file in the project's folder, or by a path of the user's own."""
    if "/" in name or name.endswith(".toml"):
        return read_machine(Path(name))
    path = folder / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.toml")))
        raise BadInput(f"no machine is called {name!r}; known are {known}; a file of your own is named by its path")
    return read_machine(path)
