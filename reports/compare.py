#!/usr/bin/python3
"""numaproof compare: what changed from one run to another beyond the noise."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pages.comparison import ORDER, SAME, WORSE, Change, compare
from pages.problems import Problem
from pages.results import read_with_emulated


def share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 10:
        raise argparse.ArgumentTypeError(f"must be from 0 to 10, not {text}")
    return value


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="numaproof compare",
        description="Tell what changed from run A to run B: figures beyond their intervals, clauses, checks.",
        epilog="Exit status: 0 nothing is worse, 1 something is, 2 a folder is not what it should be or the two cannot be "
        "compared, 3 could not be run.",
    )
    parser.add_argument("before", metavar="A", type=Path, help="the folder of the run to compare with")
    parser.add_argument("after", metavar="B", type=Path, help="the folder of the run to judge")
    parser.add_argument(
        "--least",
        metavar="SHARE",
        type=share,
        default=0.0,
        help="the smallest change that counts, as a share of the median before; default: 0, any beyond the noise",
    )
    parser.add_argument("--all", action="store_true", help="also list what is the same")
    return parser.parse_args(arguments)


def print_changes(changes: Sequence[Change], everything: bool) -> None:
    machine = ""
    for change in sorted(changes, key=lambda item: (item.machine, ORDER.index(item.kind))):
        if change.kind == SAME and not everything:
            continue
        if change.machine != machine:
            machine = change.machine
            print(machine)
        print(f"  {change.kind:<7} {change.what:<34} {change.before}  →  {change.after}")
    counts = {kind: sum(change.kind == kind for change in changes) for kind in ORDER}
    print(", ".join(f"{count} {kind}" for kind, count in counts.items() if count) or "nothing to compare")


def main(arguments: list[str]) -> int:
    choice = parse(arguments)
    try:
        changes = compare(read_with_emulated(choice.before), read_with_emulated(choice.after), choice.least)
    except Problem as problem:
        print(f"numaproof compare: {problem}", file=sys.stderr)
        return problem.status
    print_changes(changes, choice.all)
    return 1 if any(change.kind == WORSE for change in changes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
