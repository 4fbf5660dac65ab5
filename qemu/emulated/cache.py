"""The user's cache: kernels and what was learned about this host, kept between runs.

What lies there is started as a kernel, so nobody else may write to it. Files appear under their name only when they are whole.
"""

import hashlib
import os
import secrets
import tempfile
from pathlib import Path
from typing import IO

from emulated.errors import CannotRun


def cache_folder(name: str) -> Path:
    """A folder in the cache, made if need be, that belongs to this user alone."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = Path(base, "numaproof", name)
    if not folder.is_absolute():
        raise CannotRun(f"the cache folder {folder} is not an absolute path: mend XDG_CACHE_HOME or HOME")
    try:
        folder.parent.parent.mkdir(parents=True, exist_ok=True)
        for part in (folder.parent, folder):
            part.mkdir(mode=0o700, exist_ok=True)
            status = part.stat()
            if status.st_uid != os.getuid() or status.st_mode & 0o022:
                raise CannotRun(
                    f"{part} may be written by others: chmod go-w it, or set XDG_CACHE_HOME to another place"
                )
    except OSError as error:
        raise CannotRun(f"cannot use the cache folder {folder}: {error.strerror}; set XDG_CACHE_HOME") from error
    return folder


def _give_name(file: int, path: Path) -> None:
    """Names a file that has none. os.link() follows a link of /proc only when it has a folder to start from (Python 3.11)."""
    descriptors = os.open("/proc/self/fd", os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.link(str(file), path, src_dir_fd=descriptors, follow_symlinks=True)
    finally:
        os.close(descriptors)


def _fill(file: IO[bytes], content: bytes) -> None:
    file.write(content)
    file.flush()
    os.fsync(file.fileno())
    os.fchmod(file.fileno(), 0o644)


def _write_unnamed(path: Path, content: bytes) -> None:
    with open(os.open(path.parent, os.O_TMPFILE | os.O_WRONLY, 0o600), "wb") as file:
        _fill(file, content)
        try:
            _give_name(file.fileno(), path)
        except FileExistsError:
            beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
            _give_name(file.fileno(), beside)
            os.rename(beside, path)


def _write_beside(path: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            _fill(file, content)
            os.rename(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


def write_whole(path: Path, content: bytes) -> None:
    """
    Writes a file so that it is either there as a whole or not at all. Where the file system has files without a name, nothing else
    is left either by whoever is killed while it writes; a disk may take a second for that.
    """
    try:
        try:
            _write_unnamed(path, content)
        except OSError:
            _write_beside(path, content)
    except OSError as error:
        raise CannotRun(f"cannot write {path}: {error.strerror}") from error


def digest(content: bytes) -> str:
    """A name for content."""
    return hashlib.sha256(content).hexdigest()[:32]
