"""The user's cache: kernels and what was learned about this host, kept between runs.

What lies there is started as a kernel, so nobody else may write to it. Files appear under their name only when they are whole.
"""

import hashlib
import os
import tempfile
from pathlib import Path

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


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file so that it is either there as a whole or not at all."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                os.chmod(file.name, 0o644)
                os.rename(file.name, path)
            except BaseException:
                os.unlink(file.name)
                raise
    except OSError as error:
        raise CannotRun(f"cannot write {path}: {error.strerror}") from error


def digest(content: bytes) -> str:
    """A name for content."""
    return hashlib.sha256(content).hexdigest()[:32]
