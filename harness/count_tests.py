"""Count what the tests of all builds came to, and say it in one line.

Each build's tests leave a JUnit file of CTest's; steps that are not tests of CTest (a build, for instance) leave a row in
steps.tsv: name, status, reason. This reads both from one folder, prints every failure and every skip with its reason, and
ends with `N passed, N failed, N skipped`. A file that cannot be read, or a run in which no test ran, is a failure: silence
is not a pass.
"""

import argparse
import collections
import pathlib
import sys
import xml.etree.ElementTree
from typing import Iterator, NamedTuple


class Result(NamedTuple):
    name: str
    status: str
    reason: str


def first_line(text: str) -> str:
    """What is worth a line of a long output: its last line that says anything."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def result_of(run: str, case: xml.etree.ElementTree.Element) -> Result:
    """One test of a JUnit file. CTest writes run, fail, notrun or disabled; all but the first two did not run."""
    name = f"{run}: {case.get('name', '?')}"
    status = case.get("status", "")
    output = case.findtext("system-out") or ""
    if status == "run":
        return Result(name, "passed", "")
    failure = case.find("failure")
    if status == "fail" or failure is not None:
        message = failure.get("message", "") if failure is not None else ""
        return Result(name, "failed", message or first_line(output))
    skipped = case.find("skipped")
    message = skipped.get("message", "") if skipped is not None else ""
    if message.startswith("SKIP_"):
        return Result(name, "skipped", first_line(output))
    return Result(name, "failed", f"did not run: {message or status}")


def junit_results(path: pathlib.Path) -> Iterator[Result]:
    try:
        cases = list(xml.etree.ElementTree.parse(path).iter("testcase"))
    except (OSError, xml.etree.ElementTree.ParseError) as error:
        yield Result(path.stem, "failed", f"{path}: {error}")
        return
    if not cases:
        yield Result(path.stem, "failed", "no test ran")
    for case in cases:
        yield result_of(path.stem, case)


def step_results(path: pathlib.Path) -> Iterator[Result]:
    if not path.exists():
        return
    for row in path.read_text(encoding="utf-8").splitlines():
        name, status, reason = row.split("\t")
        yield Result(name, status, reason)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, help="where the JUnit files and steps.tsv are")
    folder: pathlib.Path = parser.parse_args().folder
    results = list(step_results(folder / "steps.tsv"))
    for path in sorted(folder.glob("*.xml")):
        results.extend(junit_results(path))
    for result in results:
        if result.status != "passed":
            print(f"{result.status}: {result.name}: {result.reason}")
    count = collections.Counter(result.status for result in results)
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 1 if count["failed"] or not count["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
