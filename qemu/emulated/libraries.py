"""Which files a program needs beside itself: its loader and its shared libraries.

The program's own loader is asked (`ld.so --list`), because only it knows how run paths, the cache and the default folders
play together. CPU-specific variants of libraries are ruled out: the guest's CPU need not be the host's.
"""

import re
import struct
import subprocess
from pathlib import Path

from emulated.errors import CannotRun

_PT_INTERP = 3
_X86_64 = 62
_RESOLVED = re.compile(r"^\t(?:.* => )?(/.*) \(0x[0-9a-f]+\)$")
_MISSING = re.compile(r"^\t(.*) => not found$")

# What programs load later, without it being among their needs: the C library unwinds ended threads with libgcc_s, and
# hwloc sees PCI devices through a plugin where a distribution has split it off.
_BESIDE_LIBC = "libgcc_s.so.1"
_HWLOC_PLUGINS = ("hwloc/hwloc_pci.so",)


def is_elf(content: bytes) -> bool:
    """Whether these bytes are a program or shared library."""
    return content.startswith(b"\x7fELF\x02\x01")


def loader_of(program: Path) -> Path | None:
    """The loader that a dynamic program names; None for a static one."""
    content = program.read_bytes()
    if not is_elf(content) or struct.unpack_from("<H", content, 18)[0] != _X86_64:
        raise CannotRun(f"{program} is not a program for x86-64, which the emulated machines are")
    table_at, entry_size, count = (
        struct.unpack_from("<Q", content, 32)[0],
        *struct.unpack_from("<HH", content, 54),
    )
    for index in range(count):
        kind, _, offset, _, _, size = struct.unpack_from("<IIQQQQ", content, table_at + index * entry_size)
        if kind == _PT_INTERP:
            return Path(content[offset : offset + size - 1].decode())
    return None


def libraries_of(loader: Path, binary: Path) -> list[Path]:
    """The shared libraries that a program or library needs, itself not among them."""
    command = [str(loader), "--glibc-hwcaps-mask", "none", "--list", str(binary)]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        why = (listed.stderr or listed.stdout).strip().splitlines()
        raise CannotRun(f"cannot tell which libraries {binary} needs: {why[-1] if why else 'no reason given'}")
    found = []
    for line in listed.stdout.splitlines():
        if missing := _MISSING.match(line):
            raise CannotRun(f"{binary} needs the library {missing[1]}, which is not installed")
        if resolved := _RESOLVED.match(line):
            found.append(Path(resolved[1]))
    return found


def loaded_later(libraries: list[Path]) -> list[Path]:
    """Libraries that a program with these libraries may load while it runs."""
    folders = {library.name: library.parent for library in libraries}
    later = [folders["libc.so.6"] / _BESIDE_LIBC] if "libc.so.6" in folders else []
    if "libhwloc.so.15" in folders:
        later += [folders["libhwloc.so.15"] / plugin for plugin in _HWLOC_PLUGINS]
    return [library for library in later if library.is_file()]
