"""A result folder that can be handed to a third party: what it claims, and how each part of the claim is rechecked.

The checksums are written last and cover everything else in the folder, so that what was changed later shows.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Sequence
from pathlib import Path

from pages.files import write_whole
from pages.junit import make_junit
from pages.problems import Problem
from pages.results import COMMIT, Result, arguments_to_repeat

CHECKSUMS = "SHA256SUMS"


def _checksum(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise Problem(f"cannot read {path}: {error.strerror}") from error


def _checksum_of_implementation(path: str) -> str:
    """It may lie elsewhere by now, or on the other side of an emulated machine."""
    return _checksum(Path(path)) if Path(path).is_file() else "not at hand when this was written"


def _table(rows: Sequence[tuple[str, str]]) -> str:
    lines = ["| what | value |", "| --- | --- |"]
    return "\n".join(
        lines + [f"| {name} | `{value.replace('|', '/').replace('`', chr(39))}` |" for name, value in rows]
    )


def _claim(result: Result) -> list[tuple[str, str]]:
    environment = result.environment
    facts = dict(environment.facts)
    rows = [("verdict", result.verdict)]
    if result.conformance:
        path = result.conformance.implementation
        rows += [
            ("implementation", f"{path} {result.conformance.version}"),
            ("its SHA-256", _checksum_of_implementation(path)),
        ]
    rows += [
        ("command", shlex.join(environment.command)),
        ("numaproof", f"{result.version}, commit {facts.get('git: commit', 'unknown')}"),
        ("changed since that commit", facts.get("git: dirty", "unknown")),
        ("kernel", environment.kernel),
        ("CPU", environment.cpu_model),
        ("emulated", environment.emulated.machine if environment.emulated else "no"),
        ("started", environment.started),
    ]
    return rows


def _recheck(result: Result) -> str:
    commit = result.environment.commit
    commit = commit if COMMIT.fullmatch(commit) else "COMMIT"
    return f"""# How to recheck these results

## What is claimed

{_table(_claim(result))}

## That nothing was changed since

    sha256sum -c {CHECKSUMS}

## That the machine is as it is said to be

`topology.xml` is the machine as hwloc saw it (`lstopo -i topology.xml`); `result.json` has firmware, microcode, kernel command
line, privileges, settings and limits under `environment`. On the machine itself, `numaproof info` shows the same.

## That the results can be had again

    git clone <numaproof> && cd numaproof && git checkout {commit}
    cmake --preset release && cmake --build build
    {shlex.join(["build/bin/numaproof", *arguments_to_repeat(result.environment)])}

A run in an order by chance has its seed in `result.json` (`conformance.seed`); `--shuffle=SEED` gives the same order.
`numaproof compare OLD NEW` tells what differs beyond the noise. Skipped cases have their reasons in `result.json`: run them on a
machine that has what they need.

## That the results mean what they say

`log.txt` has each case as it ended, with its reason; `junit.xml` the same for other programs. That each clause has cases, and that
each of its cases can fail, is checked by the build itself; `ctest --test-dir build -R mutants` shows it again.
"""


def write_submission(folder: Path, results: Sequence[Result]) -> None:
    write_whole(folder / "junit.xml", make_junit(results))
    write_whole(folder / "RECHECK.md", _recheck(results[0]))
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != CHECKSUMS)
    lines = [f"{_checksum(path)}  {path.relative_to(folder)}\n" for path in files]
    write_whole(folder / CHECKSUMS, "".join(lines))
