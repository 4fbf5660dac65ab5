#!/usr/bin/python3
"""Every fault that the preflight checks are for, in an emulated machine each: found, judged, mended, and green.

    harness/tests/preflight/try_faults.py [--jobs N] [--only CHECK]... [--whole-suite | --stand-in] [--out DIR]

A row is a machine with one fault. `validate --quick` runs on it, and must give the right verdict, name the right check, and
print a mend. Then the machine boots again with the same fault, the printed mend is done inside it word by word, and validate
must now be content. What is mended outside a running machine (memory modules, firmware, the kernel's command line) is mended by
another machine file.

The suite is the real one, narrowed by validate's own --clause to the clauses that the faults touch (CLAUSES below): all rows take some
seven minutes on two processors. With --whole-suite every clause is tested in every machine, and a row takes three minutes. With
--stand-in, doubles take the place of suite and measurements, and a row takes seconds: the checks and the verdict are the real ones
all the same. Needs a build in ./build.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TOP = HERE.parents[2]
BUILD = Path(os.environ.get("NUMAPROOF_BUILD", TOP / "build"))
HEALTHY = "two-nodes"
IN_PLACE = ""

# What a privilege, a setting, a CPU, a node or a forbidden call makes to hold or not: detection, pinning, binding, workers.
CLAUSES = ("CAP-*", "PIN-[1-5]", "MEM-[246]", "EXEC-1")


@dataclass(frozen=True)
class Row:
    """A fault, what validate must say of it, and where the mend is done."""

    check: str
    verdict: str  # Of the check.
    whole: str  # Of the run.
    mend: str  # A part of what must be printed.
    machine: str = HEALTHY
    fault: str = "none"
    mended_machine: str = IN_PLACE
    whole_mended: str = "pass"
    delay: bool = False
    real: bool = False  # Nothing that the doubles could show.


# The longest first, since rows run at once.
ROWS = (
    Row(
        "distances-measured",
        "warn",
        "pass",
        "firmware",
        machine=str(HERE / "contradicting.toml"),
        mended_machine=str(HERE / "agreeing.toml"),
        delay=True,
        real=True,
    ),
    Row("numa-hardware", "warn", "pass", "NUMA topology", machine="one-node", mended_machine=HEALTHY),
    Row("kernel-numa", "fail", "pass-soft-only", "take numa=off out", machine="numa-off", mended_machine=HEALTHY),
    Row("numa-balancing", "fail", "pass-soft-only", "sysctl -w kernel.numa_balancing=0", fault="balancing"),
    Row("cap-sys-admin", "fail", "pass-soft-only", "setcap 'cap_sys_admin+ep'", fault="no-admin"),
    Row("cap-sys-nice", "fail", "pass-soft-only", "setcap 'cap_sys_nice+ep'", fault="no-nice"),
    Row("cap-ipc-lock", "warn", "pass", "setcap 'cap_ipc_lock+ep'", fault="no-lock"),
    Row("hard-mode", "fail", "pass-soft-only", "conform --clause", fault="false-detection", mended_machine=HEALTHY),
    Row("hard-mode-refusals", "fail", "pass-soft-only", "conform --clause", fault="no-refusal", mended_machine=HEALTHY),
    Row("locality-metrics", "warn", "inconclusive", "allow move_pages", fault="no-move-pages", real=True),
    Row("cpuset", "warn", "pass", "narrow/cpuset.cpus", fault="narrow-cpuset"),
    Row("offline-cpus", "warn", "pass", "cpu3/online", fault="offline-cpu"),
    Row(
        "nodes-without-memory", "warn", "pass", "memory modules", machine="cpus-without-memory", mended_machine=HEALTHY
    ),
    Row("even-memory", "warn", "pass", "dmidecode", machine="two-nodes-uneven", mended_machine=HEALTHY),
    Row("zone-reclaim", "warn", "pass", "sysctl -w vm.zone_reclaim_mode=0", fault="zone-reclaim"),
    Row("transparent-huge-pages", "warn", "pass", "echo madvise", fault="huge-pages"),
    Row(
        "perf-events",
        "warn",
        "pass-soft-only",
        "perf_event_paranoid=2",
        fault="no-events",
        whole_mended="pass-soft-only",
    ),
    Row("swap", "warn", "pass", "swapoff --all", fault="swap"),
    Row("distances-declared", "warn", "pass", "-numa dist", machine="no-distances", mended_machine=HEALTHY),
    Row("distances-symmetric", "warn", "pass", "firmware", machine="asymmetric-distances", mended_machine=HEALTHY),
)


class Wrong(Exception):
    """A run that is not what it must be, in a line."""


@dataclass(frozen=True)
class Choice:
    command: Path
    module: Path | None
    out: Path
    clauses: tuple[str, ...]  # Empty for all.


_healthy = threading.Lock()


def run(choice: Choice, row: Row, mended: bool, mend: str) -> Any:
    """The result file of one run in its machine. Rows that run at once share the healthy machines, which run one by one."""
    if mended and row.mended_machine != IN_PLACE:
        with _healthy:
            return run_machine(choice, row, mended, mend)
    return run_machine(choice, row, mended, mend)


def run_machine(choice: Choice, row: Row, mended: bool, mend: str) -> Any:
    outside = mended and row.mended_machine != IN_PLACE
    machine = row.mended_machine if outside else row.machine
    fault = "none" if outside else row.fault
    # A healthy machine is healthy whatever it was before: it need not be looked at once for each row.
    name = f"healthy-{Path(machine).stem}" if outside else f"{row.check}-{'mended' if mended else 'faulty'}"
    folder = choice.out / name
    if outside and (folder / "result.json").exists():
        return json.loads((folder / "result.json").read_text(encoding="utf-8"))
    module = str(choice.module) if row.fault == "swap" and choice.module else "-"
    inner = [fault, mend if mended and not outside else "-", module, "validate", "--quick"]
    if row.delay:  # A load takes microseconds there.
        inner += ["--seconds", "20"]
    inner += [word for clause in choice.clauses for word in ("--clause", clause)]
    delay = ["--delay"] if row.delay else []
    words = ["vm.py", "--machine", machine, "--accel", "tcg", *delay, "--out", str(folder), "--", *inner]
    environment = {
        **os.environ,
        "NUMAPROOF_BINARY": str(choice.command),
        "NUMAPROOF_LIBRARY": str(BUILD / "lib" / "libnumaproof.so"),
    }
    command = ["/usr/bin/python3", "-EsB", str(TOP / "qemu" / words[0]), *words[1:]]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    result = folder / "result.json"
    if not result.exists():
        raise Wrong(f"{name}: no result: {(done.stderr.splitlines() or ['no word'])[-1]}")
    return json.loads(result.read_text(encoding="utf-8"))


def expect(what: str, seen: object, expected: object) -> None:
    if seen != expected:
        raise Wrong(f"{what}: expected {expected}, seen {seen}")


def check_of(result: Any, name: str) -> Any:
    return next(check for check in result["checks"] if check["id"] == name)


def examine(choice: Choice, row: Row) -> str:
    """A line of the table; Wrong where something is not as it must be."""
    faulty = run(choice, row, False, "")
    found = check_of(faulty, row.check)
    expect(f"check {row.check} ({found['value']})", found["verdict"], row.verdict)
    reasons = faulty["verdict"]["reasons"]
    expect(f"verdict ({reasons[0]})", faulty["verdict"]["verdict"], row.whole)
    if row.mend not in found["fix"]:
        raise Wrong(f"mend of {row.check}: no {row.mend!r} in {found['fix']!r}")
    named = [reason for reason in reasons if reason.startswith(f"{found['title']}: ")]
    expect(f"reasons that name {row.check}", len(named), 1)
    mended = run(choice, row, True, found["fix"])
    after = check_of(mended, row.check)
    expect(f"check {row.check} after its mend ({after['value']})", after["verdict"], "pass")
    expect(
        f"verdict after the mend ({mended['verdict']['reasons'][0]})", mended["verdict"]["verdict"], row.whole_mended
    )
    cells = [
        row.check,
        f"{found['verdict']}: {found['value']}",
        row.whole,
        found["fix"],
        f"{after['verdict']}: {after['value']}",
        row.whole_mended,
    ]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def find_module(out: Path) -> Path | None:
    """The kernel module of a disk in memory, for the kernel that guests boot: from this host, or from the archive."""
    kernels = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "numaproof" / "kernels"
    cached = sorted(kernels.glob("linux-image-*_*")) if kernels.exists() else []
    for path in Path("/lib/modules").glob("*/kernel/drivers/block/brd.ko"):
        return path
    if not cached:
        return None
    package, version, *_ = cached[-1].name.split("_")
    work = out / "kernel-package"
    work.mkdir(exist_ok=True)
    for command in (
        ["apt-get", "download", f"{package}={version.replace('%3a', ':')}"],
        ["sh", "-c", "dpkg -x ./*.deb ."],
    ):
        if subprocess.run(command, cwd=work, capture_output=True, check=False).returncode != 0:
            return None
    return next(work.glob("**/brd.ko"), None)


def with_a_line(module: Path | None, out: Path) -> Path | None:
    """A copy that does not look like a program, whose libraries the launcher would want to bring along."""
    if module is None:
        return None
    copy = out / "brd.module"
    copy.write_bytes(b"brd\n" + module.read_bytes())
    return copy


def parse() -> argparse.Namespace:
    assert __doc__
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    processors = len(os.sched_getaffinity(0))
    parser.add_argument(
        "--jobs", metavar="N", type=int, default=processors, help=f"machines at once; default, of here: {processors}"
    )
    parser.add_argument("--only", metavar="CHECK", action="append", help="only the fault of this check")
    suite = parser.add_mutually_exclusive_group()
    suite.add_argument(
        "--whole-suite", action="store_true", help="with every clause, not those alone that faults touch"
    )
    suite.add_argument("--stand-in", action="store_true", help="without suite and measurements: the checks alone")
    parser.add_argument("--out", metavar="DIR", type=Path, help="keep the results here")
    return parser.parse_args()


def try_all(choice: Choice, rows: list[Row], jobs: int) -> int:
    wrong = 0

    def one(row: Row) -> tuple[Row, str, bool]:
        try:
            return row, examine(choice, row), True
        except Wrong as error:
            return row, f"| {row.check} | WRONG: {error} |", False

    print(
        "| check | found | verdict | mend | found after the mend | verdict then |\n| --- | --- | --- | --- | --- | --- |"
    )
    with ThreadPoolExecutor(jobs) as pool:
        for _, line, right in pool.map(one, rows):
            print(line, flush=True)
            wrong += not right
    print(f"{len(rows) - wrong} of {len(rows)} faults found, judged and mended")
    return 1 if wrong else 0


def main() -> int:
    options = parse()
    known = [row.check for row in ROWS]
    unknown = set(options.only or []) - set(known)
    if unknown:
        sys.exit(f"try_faults.py: no fault for {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    rows = [row for row in ROWS if not (options.stand_in and row.real)]
    rows = [row for row in rows if not options.only or row.check in options.only]
    with tempfile.TemporaryDirectory(prefix="numaproof-faults-") as temporary:
        out = (options.out or Path(temporary)).resolve()
        out.mkdir(parents=True, exist_ok=True)
        module = with_a_line(find_module(out), out) if any(row.fault == "swap" for row in rows) else None
        if module is None:
            rows = [row for row in rows if row.fault != "swap"]
            if not options.only or "swap" in options.only:
                print("not tried: swap (no brd.ko for the guest's kernel to be had)")
        name = "numaproof_faulty_stand_in" if options.stand_in else "numaproof_faulty"
        clauses = () if options.whole_suite or options.stand_in else CLAUSES
        return try_all(Choice(BUILD / "bin" / name, module, out, clauses), rows, options.jobs)


if __name__ == "__main__":
    sys.exit(main())
