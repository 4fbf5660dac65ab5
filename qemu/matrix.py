"""numaproof matrix: run a numaproof command in many emulated machines, a few at once."""

import argparse
import fnmatch
import glob
import json
import os
import sys
from pathlib import Path

from emulated.accelerator import choose_accelerator, qemu_version
from emulated.cache import write_whole
from emulated.errors import BadInput, run_as_command
from emulated.fleet import Job, RunningJob, Watcher, run_fleet
from emulated.kernel import find_kernel
from emulated.machine import Machine
from emulated.machine_file import read_machine
from emulated.progress import progress_for
from emulated.results import result_folder
from emulated.summary import Row, as_values, coverage_lines, overall_status, row_for, rows_as_cells, uncovered
from emulated.table import table
from emulated.verb import MACHINES, Parser, inner_command, split_arguments

_VM = Path(__file__).resolve().parent / "vm.py"
_MOST_AT_ONCE = 64


def _parser() -> Parser:
    parser = Parser(
        "matrix",
        usage="[OPTION]... -- ARGUMENT...",
        description="Run `numaproof ARGUMENT...` in many emulated machines, and show what each came to.",
        epilog="The exit status is 0 when every machine passed and, in a run of all machines, every clause on one of them.",
    )
    parser.add_argument(
        "--machines", metavar="GLOB", help="machines by name, or files by path; default: all that come along"
    )
    parser.add_argument("--jobs", metavar="N", type=int, help="how many at once; default: one for each processor")
    parser.add_emulation_options()
    return parser


def _machine_files(pattern: str | None) -> list[Path]:
    if pattern is None:
        return sorted(MACHINES.glob("*.toml"))
    if "/" in pattern:
        files = [Path(name) for name in sorted(glob.glob(pattern))]
    else:
        files = [path for path in sorted(MACHINES.glob("*.toml")) if fnmatch.fnmatchcase(path.stem, pattern)]
    if not files:
        raise BadInput(f"no machine matches {pattern!r}; `numaproof machines` lists them")
    return files


def _machines(pattern: str | None) -> list[tuple[Path, Machine]]:
    machines = [(path, read_machine(path)) for path in _machine_files(pattern)]
    names = [machine.name for _, machine in machines]
    for name in names:
        if names.count(name) > 1:
            raise BadInput(f"two machine files are called {name}, and a folder of results is called by the machine")
    return machines


def _at_once(asked: int | None) -> int:
    if asked is None:
        return len(os.sched_getaffinity(0))
    if not 1 <= asked <= _MOST_AT_ONCE:
        raise BadInput(f"--jobs must be from 1 to {_MOST_AT_ONCE}, not {asked}")
    return asked


class _Collector(Watcher):
    """Passes on to the progress display, and makes each machine's row as it ends."""

    def __init__(self, display: Watcher) -> None:
        self._display = display
        self.rows: list[Row] = []

    def began(self, running: RunningJob) -> None:
        self._display.began(running)

    def ended(self, running: RunningJob, status: int) -> None:
        row = row_for(running.job, status, running.seconds, running.last_line())
        self.rows.append(row)
        self._display.ended(running, row.status)

    def refresh(self, running: list[RunningJob]) -> None:
        self._display.refresh(running)


def _show(rows: list[Row]) -> None:
    print(table(*rows_as_cells(rows)))
    for row in rows:
        if row.status != 0:
            print(f"{row.machine}: {row.reason}")
    for line in coverage_lines(rows):
        print(line)
    if uncovered(rows):
        print(f"clauses that passed on no machine: {', '.join(uncovered(rows))}")


def _collect(options: argparse.Namespace, jobs: list[Job], at_once: int, inner: list[str]) -> list[Row]:
    kernel = find_kernel(options.kernel)
    accelerator = choose_accelerator(options.accel, kernel, inner_command(inner).init, qemu_version())
    print(f"{len(jobs)} emulated machines, {at_once} at once: {accelerator}", file=sys.stderr, flush=True)
    fixed = ["--accel", accelerator.name, *(["--kernel", options.kernel] if options.kernel else [])]

    def vm_arguments(job: Job) -> list[str]:
        return [str(_VM), "--machine", job.file, "--out", str(job.folder), *fixed, "--", *inner]

    collector = _Collector(progress_for(len(jobs), at_once))
    run_fleet(jobs, at_once, vm_arguments, collector)
    return sorted(collector.rows, key=lambda row: row.machine)


def main(arguments: list[str]) -> int:
    """Runs the verb."""
    ours, inner = split_arguments(arguments)
    options = _parser().parse_args(ours)
    inner_command(inner)
    machines = _machines(options.machines)
    at_once = min(_at_once(options.jobs), len(machines))
    out = result_folder(options.out, "matrix")
    jobs = [Job(machine, str(path), out / machine.name) for path, machine in machines]
    rows = _collect(options, jobs, at_once, inner)
    status = overall_status(rows, coverage_counts=options.machines is None)
    write_whole(out / "matrix.json", json.dumps(as_values(rows, inner, status), indent=1).encode() + b"\n")
    _show(rows)
    print(f"results: {out}")
    return status


if __name__ == "__main__":
    run_as_command("matrix", main)
