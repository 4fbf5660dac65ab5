#!/usr/bin/python3
"""numaproof report: a page, and summaries for other programs, from result folders."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pages.files import write_whole
from pages.junit import make_junit
from pages.markdown import make_markdown
from pages.page import make_page
from pages.pictures import drawing
from pages.problems import Problem
from pages.results import read_with_emulated
from pages.submission import write_submission


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="numaproof report",
        description="Make report.html in each result folder, from what a run left there and from its emulated machines.",
        epilog="Exit status: 0 made, 2 a folder or file is not what it should be, 3 could not be made.",
    )
    parser.add_argument("folder", metavar="DIR", type=Path, nargs="+", help="a folder with a result.json")
    parser.add_argument("--out", metavar="FILE", type=Path, help="the page's name, instead of DIR/report.html")
    parser.add_argument("--junit", metavar="FILE", type=Path, help="also write the cases as JUnit XML")
    parser.add_argument("--markdown", metavar="FILE", type=Path, help="also write a summary in Markdown")
    parser.add_argument(
        "--submission",
        action="store_true",
        help="also write junit.xml, RECHECK.md and SHA256SUMS there, which let a third party recheck the results",
    )
    choice = parser.parse_args(arguments)
    if len(choice.folder) > 1 and (choice.out or choice.junit or choice.markdown):
        parser.error("--out, --junit and --markdown go with a single folder")
    return choice


def main(arguments: list[str]) -> int:
    choice = parse(arguments)
    try:
        for folder in choice.folder:
            results = read_with_emulated(folder)
            if choice.junit:
                write_whole(choice.junit, make_junit(results))
            if choice.markdown:
                write_whole(choice.markdown, make_markdown(results))
            with drawing():
                page = make_page(results)
            target = choice.out or folder / "report.html"
            write_whole(target, page)
            if choice.submission:
                write_submission(folder, results)
            print(target)
    except Problem as problem:
        print(f"numaproof report: {problem}", file=sys.stderr)
        return problem.status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
