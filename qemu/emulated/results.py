"""The folder that a run leaves: the guest's result files and its console log.

The command inside writes to `numaproof-results/NAME`, as it does anywhere; what lies in that one folder becomes the content of
the run's folder. Files get their names only when they are whole, and a result of an earlier run in the
same folder goes before the guest starts: a lost guest must not leave somebody else's pass behind.
"""

import time
from pathlib import Path

from emulated.cache import write_whole
from emulated.cpio import Entry, read_archive
from emulated.errors import BadInput, CannotRun


def result_folder(named: str | None, what: str) -> Path:
    """Makes the folder for a run: the one named, or one named by the time."""
    folder = Path(named) if named else Path("numaproof-results", f"{time.strftime('%Y%m%d-%H%M%S')}-{what}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "result.json").unlink(missing_ok=True)
        write_whole(folder / "console.log", b"")
    except OSError as error:
        raise BadInput(f"cannot write to the folder {folder}: {error.strerror}") from error
    return folder


def _without_common_folder(entries: list[Entry]) -> list[Entry]:
    tops = {entry.name.partition("/")[0] for entry in entries}
    if len(tops) != 1:
        return entries
    inside = [(entry, entry.name.partition("/")[2]) for entry in entries]
    return [Entry(name, entry.is_folder, entry.content) for entry, name in inside if name]


def save_results(archive: bytes, folder: Path) -> None:
    """Unpacks what the guest handed over."""
    try:
        entries = _without_common_folder(read_archive(archive))
    except ValueError as error:
        raise CannotRun(f"the guest's results cannot be read: {error}") from error
    for entry in entries:
        path = folder / entry.name
        try:
            (path if entry.is_folder else path.parent).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CannotRun(f"cannot make the folder {path}: {error.strerror}") from error
        if not entry.is_folder:
            write_whole(path, entry.content)
