"""The files that a guest starts with: init, the command, the libraries both need, and what the command is to do.

Every file keeps its path of the host, the folder to run in too, so that run paths, relative names and the names in reports
mean the same inside. The archive is made anew for each run: collecting it takes a tenth of a second, and nothing can
be stale.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from emulated.cpio import Archive
from emulated.errors import BadInput, CannotRun
from emulated.libraries import is_elf, libraries_of, loaded_later, loader_of

_PASSED_ON = ("ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS")
_LOADER_CACHE = Path("/etc/ld.so.cache")


@dataclass(frozen=True)
class Command:
    """What is to be run inside."""

    program: Path  # the numaproof command
    library: Path | None  # the implementation that it tests unless told otherwise
    init: Path
    arguments: list[str]
    directory: Path


@dataclass(frozen=True)
class Label:
    """What the command inside is told about where it runs; it writes this into its result file."""

    machine: str
    accelerator: str
    qemu: str


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CannotRun(f"cannot read {path}: {error.strerror}") from error


def _files_named(arguments: list[str], directory: Path) -> list[Path]:
    """The files that arguments name, as `FILE` or `--option=FILE`: they must exist inside as well."""
    files = []
    for argument in arguments:
        value = argument.partition("=")[2] if argument.startswith("-") else argument
        path = directory / value if value else directory
        if path.is_file():
            if not os.access(path, os.R_OK):
                raise BadInput(f"cannot read {value}, which the command inside is to use")
            files.append(path)
    return files


def _add_binary(archive: Archive, binary: Path, loader: Path | None) -> None:
    archive.add_file(str(binary), _read(binary), executable=True)
    if loader is None:
        return
    archive.add_file(str(loader), _read(loader), executable=True)
    libraries = libraries_of(loader, binary)
    for library in libraries + loaded_later(libraries):
        archive.add_file(str(library), _read(library), executable=True)


def _strings(strings: list[str]) -> bytes:
    return b"".join(os.fsencode(string) + b"\0" for string in strings)


def _environment(outside: str) -> list[str]:
    fixed = ["PATH=/usr/bin:/bin", "HOME=/", "LANG=C.UTF-8", "TMPDIR=/tmp", f"NUMAPROOF_OUTER_FOLDER={outside}"]
    return fixed + [f"{name}={os.environ[name]}" for name in _PASSED_ON if name in os.environ]


def bare_archive(init: Path) -> Archive:
    """Init alone: a guest that starts, says so, and ends."""
    archive = Archive()
    archive.add_file("/init", _read(init), executable=True)
    archive.add_character_device("/dev/console", 5, 1)
    return archive


def command_archive(command: Command, label: Label, outside: str) -> Archive:
    """Init and the command with all that it needs; @outside is the folder that its results are brought to."""
    archive = bare_archive(command.init)
    loader = loader_of(command.program)
    for binary in [command.program] + ([command.library] if command.library else []):
        _add_binary(archive, binary, loader)
    for path in _files_named(command.arguments, command.directory):
        content = _read(path)
        if is_elf(content):
            _add_binary(archive, path, loader)
        else:
            archive.add_file(str(path), content)
    if loader and _LOADER_CACHE.is_file():
        archive.add_file(str(_LOADER_CACHE), _read(_LOADER_CACHE))
    archive.add_folder(str(command.directory))
    archive.add_file("/etc/numaproof-emulated.json", json.dumps(vars(label)).encode() + b"\n")
    archive.add_file("/numaproof/directory", os.fsencode(command.directory))
    archive.add_file("/numaproof/environment", _strings(_environment(outside)))
    archive.add_file("/numaproof/arguments", _strings([str(command.program), *command.arguments]))
    return archive
