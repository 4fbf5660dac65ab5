#!/usr/bin/python3
"""numaproof compare: what changed from one run to another beyond the noise, or which of many machines is unlike the others."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pages import comparison, fleet
from pages.compared import counts_in_words, make_comparison_page, make_fleet_page
from pages.comparison import ORDER, SAME, WORSE, Change, compare, figures_compared
from pages.files import write_whole
from pages.fleet import Fleet, examine_fleet
from pages.pictures import drawing
from pages.problems import Problem
from pages.results import read_result, read_with_emulated
from pages.terminal import paint, shorten


def share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 10:
        raise argparse.ArgumentTypeError(f"must be from 0 to 10, not {text}")
    return value


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="numaproof compare",
        description="Of two runs, tell what changed from A to B beyond the noise: figures, clauses, checks. Of three or more, "
        "tell which machine is unlike the others, and in what.",
        epilog="Exit status: 0 nothing is worse, 1 something is, 2 a folder is not what it should be or the runs cannot be "
        "compared, 3 could not be run.",
    )
    parser.add_argument("folder", metavar="DIR", type=Path, nargs="+", help="result folders: A B, or those of a fleet")
    parser.add_argument(
        "--least",
        metavar="SHARE",
        type=share,
        help=f"the smallest change that counts, as a share; default: {comparison.LEAST_CHANGE:g}, in a fleet "
        f"{fleet.LEAST_CHANGE:g}",
    )
    parser.add_argument(
        "--need-figures",
        action="store_true",
        help='of two runs: when no figure of one could be held against the other\'s, that is no "same", but exit status 3',
    )
    parser.add_argument("--page", metavar="FILE", type=Path, help="also make a page of it")
    parser.add_argument("--all", action="store_true", help="also list what is the same")
    choice = parser.parse_args(arguments)
    if len(choice.folder) < 2:
        parser.error("two folders are compared, or more")
    if choice.need_figures and len(choice.folder) > 2:
        parser.error("--need-figures goes with two folders")
    return choice


def print_changes(changes: Sequence[Change], everything: bool) -> None:
    shown = [change for change in changes if everything or change.kind != SAME]
    shown.sort(key=lambda change: (change.machine, ORDER.index(change.kind)))
    width = min(max((len(change.what) for change in shown), default=0), 44)
    machine = ""
    for change in shown:
        if change.machine != machine:
            machine = change.machine
            print(machine)
        what = shorten(change.what, width)
        print(f"  {paint(change.kind, 7)} {what:<{width}}  {change.before}  →  {change.after}")
    print(counts_in_words(changes))


def compare_two(choice: argparse.Namespace) -> int:
    before, after = (read_with_emulated(folder) for folder in choice.folder)
    changes = compare(before, after, comparison.LEAST_CHANGE if choice.least is None else choice.least)
    if choice.page:
        write_whole(choice.page, make_comparison_page(before[0], after[0], changes))
    print_changes(changes, choice.all)
    if any(change.kind == WORSE for change in changes):
        return 1
    if choice.need_figures and figures_compared(before[0], after[0]) == 0:
        raise Problem(
            f"{choice.folder[0]} and {choice.folder[1]} have no figure in common that both know from enough samples"
        )
    return 0


def print_fleet(found: Fleet) -> None:
    columns = [max((len(getattr(o, name)) for o in found.outliers), default=0) for name in ("machine", "what")]
    for outlier in found.outliers:
        what = shorten(outlier.what, min(columns[1], 40))
        print(
            f"{paint(outlier.kind, 7)} {outlier.machine:<{columns[0]}}  {what:<{min(columns[1], 40)}}  "
            f"{outlier.seen}; the fleet: {outlier.fleet}"
        )
    bad = list(dict.fromkeys(outlier.machine for outlier in found.outliers if outlier.kind == WORSE))
    unlike = f"{len(bad)} of {len(found.machines)} unlike the others: {', '.join(bad)}"
    print(unlike if bad else f"{len(found.machines)} machines, all alike in {found.compared} comparisons")


def compare_fleet(choice: argparse.Namespace) -> int:
    results = [read_result(folder) for folder in choice.folder]
    found = examine_fleet(choice.folder, results, fleet.LEAST_CHANGE if choice.least is None else choice.least)
    if choice.page:
        with drawing():
            page = make_fleet_page(found, results)
        write_whole(choice.page, page)
    print_fleet(found)
    return 1 if any(outlier.kind == WORSE for outlier in found.outliers) else 0


def main(arguments: list[str]) -> int:
    choice = parse(arguments)
    try:
        return compare_two(choice) if len(choice.folder) == 2 else compare_fleet(choice)
    except Problem as problem:
        sys.stdout.flush()  # What was found stands before what is wrong, also where both are one.
        print(f"numaproof compare: {problem}", file=sys.stderr)
        return problem.status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
