"""The folder that a run leaves: the guest's result files and its console log.

The command inside writes to `numaproof-results/NAME`, as it does anywhere; what lies in that one folder becomes the content of
the run's folder. Files get their names only when they are whole, and a result of an earlier run in the
same folder goes before the guest starts: a lost guest must not leave somebody else's pass behind.
"""

import dataclasses
import json
import time
from dataclasses import dataclass, field
from pathlib import Path

from emulated.cache import write_whole
from emulated.cpio import Entry, read_archive
from emulated.errors import BadInput, CannotRun

RECORD = "machine.json"
CONSOLE = "console.log"
STALLED_CONSOLE = "console-stalled.log"  # of the boot before, which stood still
ENDED = "ended"
_OF_EARLIER_RUNS = (
    *("result.json", "samples.json", "topology.xml", "topology.svg", "log.txt", "report.html"),
    *("junit.xml", "RECHECK.md", "SHA256SUMS", "matrix.json", "access-counts.json", RECORD),
    STALLED_CONSOLE,
)


@dataclass
class RunRecord:
    """What is known of a run from outside, for programs: `machine.json` in its folder."""

    machine: str
    seconds: float
    boot_seconds: float | None  # until init ran
    boots: int = 1  # how often it was started, since a kernel may hang before its first word, and a machine stand still
    stalls: list[str] = field(default_factory=list)  # what is known of each boot that stood still, in a sentence
    accelerator: str = ""
    qemu: str = ""
    kernel: str = ""
    outcome: str = ENDED  # or the cause of a lost guest
    status: int | None = None  # the command's exit status, when it ended
    reason: str = ""

    def save(self, folder: Path) -> None:
        """Writes the record."""
        values = {"schema": 1, **dataclasses.asdict(self)}
        write_whole(folder / RECORD, json.dumps(values, indent=1).encode() + b"\n")


def _folder_named_by_time(what: str) -> Path:
    """As the whole command names its folders, with -2, -3 behind it for more of them in one second."""
    base = Path("numaproof-results", f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{what}")
    base.parent.mkdir(exist_ok=True)
    for attempt in range(1, 100):
        folder = base if attempt == 1 else base.with_name(f"{base.name}-{attempt}")
        try:
            folder.mkdir()
            return folder
        except FileExistsError:
            continue
    raise CannotRun(f"cannot make a new folder {base}")


def result_folder(named: str | None, what: str) -> Path:
    """Makes the folder for a run: the one named, or one named by the time; an earlier run's results go from it."""
    folder = Path(named) if named else Path("numaproof-results")
    try:
        folder = Path(named) if named else _folder_named_by_time(what)
        folder.mkdir(parents=True, exist_ok=True)
        for name in _OF_EARLIER_RUNS:
            (folder / name).unlink(missing_ok=True)
        trial = folder / ".numaproof-trial"
        trial.touch()
        trial.unlink()
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
