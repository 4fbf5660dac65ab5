"""Archives in cpio's "newc" format: the files that go into a guest and the results that come out of it.

The kernel unpacks its first files from this format, and it is so simple (a header of thirteen hexadecimal numbers, a
name, the bytes, each padded to four) that the guest's init writes it as well, see guest/archive.c.
"""

import stat
from dataclasses import dataclass
from pathlib import PurePosixPath

_HEADER_SIZE = 110
_TRAILER = "TRAILER!!!"


class Archive:
    """Collects files and gives the archive; folders above a file are made when they are first needed."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._names: set[str] = set()

    def add_file(self, path: str, content: bytes, executable: bool = False) -> None:
        """Adds a regular file under an absolute path; a path that is there already keeps what it has."""
        self._add(path, stat.S_IFREG | (0o755 if executable else 0o644), content)

    def add_folder(self, path: str) -> None:
        """Adds a folder, and those above it."""
        self._add(path, stat.S_IFDIR | 0o755, b"")

    def add_link(self, path: str, target: str) -> None:
        """Adds a symbolic link."""
        self._add(path, stat.S_IFLNK | 0o777, target.encode())

    def add_character_device(self, path: str, major: int, minor: int) -> None:
        """Adds a character device, which as a mere record in an archive needs no privilege."""
        self._add(path, stat.S_IFCHR | 0o600, b"", (major, minor))

    def content(self) -> bytes:
        """The whole archive."""
        return b"".join(self._parts) + _entry(_TRAILER, 0, b"", (0, 0), 0)

    def _add(self, path: str, mode: int, content: bytes, device: tuple[int, int] = (0, 0)) -> None:
        name = path.strip("/")
        if not name or name in self._names:
            return
        self._add(str(PurePosixPath("/", name).parent), stat.S_IFDIR | 0o755, b"")
        self._names.add(name)
        self._parts.append(_entry(name, mode, content, device, len(self._names)))


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _entry(name: str, mode: int, content: bytes, device: tuple[int, int], inode: int) -> bytes:
    encoded = name.encode() + b"\0"
    fields = (inode, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(encoded), 0)
    header = b"070701" + b"".join(b"%08x" % field for field in fields)
    return _padded(header + encoded) + _padded(content)


@dataclass(frozen=True)
class Entry:
    """A file or folder of an archive that was read."""

    name: str
    is_folder: bool
    content: bytes


def read_archive(data: bytes) -> list[Entry]:
    """The files and folders of an archive; ValueError when it is not whole or names a place outside its folder."""
    entries: list[Entry] = []
    at = 0
    while True:
        header = data[at : at + _HEADER_SIZE]
        if len(header) < _HEADER_SIZE or not header.startswith(b"070701"):
            raise ValueError(f"no entry begins at byte {at}")
        fields = [int(header[6 + 8 * index : 14 + 8 * index], 16) for index in range(13)]
        mode, size, name_size = fields[1], fields[6], fields[11]
        content_at = at + (_HEADER_SIZE + name_size + 3) // 4 * 4
        name = data[at + _HEADER_SIZE : at + _HEADER_SIZE + name_size - 1].decode()
        at = content_at + (size + 3) // 4 * 4
        if at > len(data):
            raise ValueError(f"the entry {name!r} is cut off")
        if name == _TRAILER:
            return entries
        if name.startswith("/") or ".." in name.split("/") or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise ValueError(f"the entry {name!r} is no file or folder of the results")
        entries.append(Entry(name, stat.S_ISDIR(mode), data[content_at : content_at + size]))
